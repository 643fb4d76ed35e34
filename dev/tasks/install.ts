/** `deno task install <folder>`: installs into a Supabase project that exists, or upgrades there. */
import { join, resolve } from "node:path";
import { describeChanges, describeNext, isUnchanged } from "../install/describe.ts";
import { InstallError } from "../install/errors.ts";
import { install } from "../install/install.ts";
import { chooseFunctions, readVersion } from "../install/checkout.ts";
import { buildClient } from "../package/build-client.ts";
import { PACKAGE_NAME } from "../package/build-package.ts";
import { runTask, type Task, UsageError } from "../run-task.ts";
import {
  callerDirectory,
  localDirectory,
  projectDirectory,
} from "../stack/process/project-paths.ts";

const usage = ` <folder> [--only <functions>] [--dry-run] [--force]

  <folder>     your project, the folder above supabase/
  --only       functions to install, with commas; semantic-analysis is always one of them. With fewer
               than are installed the rest is taken out; "none" takes out everything. Default: what is
               installed, or all.
  --dry-run    say what would be changed, and change nothing
  --force      replace or remove files that were edited since they were installed

The same command again upgrades to the version of this checkout. See docs/installing.md.`;

const options = {
  only: { type: "string" },
  "dry-run": { type: "boolean" },
  force: { type: "boolean" },
} as const;

/** `deno task install`. */
export const task: Task<typeof options> = {
  name: "install",
  usage,
  options,
  takes: [1, 1],
  // Where a folder may not be written to, the next run goes on where this one was stopped.
  expects: [InstallError, Deno.errors.PermissionDenied],
  run: (values, [folder]) =>
    run(resolve(callerDirectory(), folder!), {
      ...(values.only !== undefined && { functions: parseNames(values.only) }),
      dryRun: values["dry-run"] ?? false,
      force: values.force ?? false,
    }),
};

interface RunOptions {
  functions?: string[];
  dryRun: boolean;
  force: boolean;
}

async function run(folder: string, options: RunOptions): Promise<number> {
  const plan = await install(folder, {
    ...options,
    checkout: { directory: projectDirectory, buildClient },
  });
  const { version, previousVersion } = plan;
  if (isUnchanged(plan)) {
    console.log(
      previousVersion === undefined
        ? "Nothing is installed"
        : `Version ${version} is installed already, nothing to change`,
    );
    return 0;
  }
  const upgrade = previousVersion === undefined || previousVersion === version
    ? `semantic-analysis ${version}`
    : `semantic-analysis ${previousVersion} → ${version}`;
  console.log(`${options.dryRun ? "Would be changed" : "Changed"} in ${folder}, ${upgrade}:`);
  for (const line of describeChanges(plan)) console.log(`  ${line}`);
  console.log();
  const next = describeNext(plan, {
    folder,
    available: await chooseFunctions(projectDirectory),
    tarball: await findTarball(),
  });
  console.log(next.join("\n"));
  return 0;
}

/** "none" is the empty list. */
function parseNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  if (names.length === 0) throw new UsageError("--only wants names of functions, or none");
  return names.length === 1 && names[0] === "none" ? [] : [...new Set(names)];
}

/** What `deno task package` has built. */
async function findTarball(): Promise<string | undefined> {
  const version = await readVersion(projectDirectory);
  const path = join(localDirectory(), "package", `${PACKAGE_NAME}-${version}.tgz`);
  return await Deno.stat(path).then(() => path, () => undefined);
}

if (import.meta.main) Deno.exit(await runTask(task));
