/** Projects as an app's owner has them: made from a published template, with the packed client. */
import { runCommand } from "../../dev/stack/process/run-command.ts";
import { buildPackage } from "../../dev/package/build-package.ts";

/** Versions of what the templates and their projects are made of. */
export const VERSIONS = {
  "create-vite": "9.3.0",
  "create-next-app": "16.4.3",
  "@react-native/typescript-config": "0.87.1",
  "react-native": "0.87.1",
  "@types/react": "19.3.0",
  "@types/jest": "30.0.0",
  "@types/node": "24.19.2",
  typescript: "7.0.2",
  "@supabase/supabase-js": "2.119.1",
  eslint: "10.15.0",
  "eslint-plugin-compat": "7.0.2",
  "eslint-plugin-es-x": "10.1.0",
} as const;

/** A folder with a `package.json`; disposing removes it. */
export interface NpmProject extends AsyncDisposable {
  readonly folder: string;
  /** Adds packages at the versions above, and files such as the client's tarball. */
  install(...names: string[]): Promise<void>;
  write(path: string, text: string): Promise<void>;
  /** @returns what it printed on stdout @throws {Error} with all it printed when it fails */
  run(command: string, ...args: string[]): Promise<string>;
}

/** Packs the client as apps get it. @returns path of the tarball */
export async function packClient(): Promise<{ tarball: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "packed-client-" });
  const tarball = await buildPackage(folder);
  return { tarball, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/**
 * Makes a project from a folder of a published package.
 *
 * @param template Such as `create-vite/template-react-ts`; null for an empty project.
 */
export async function createNpmProject(template: string | null): Promise<NpmProject> {
  const folder = await Deno.makeTempDir({ prefix: "npm-project-" });
  const run: NpmProject["run"] = (command, ...args) =>
    runCommand({ name: `${command} ${args[0]}`, command, args, cwd: folder });
  if (template === null) await Deno.writeTextFile(`${folder}/package.json`, '{"type":"module"}');
  else await unpackTemplate(template, folder, run);
  return {
    folder,
    run,
    install: async (...names) => {
      const specifiers = names.map((name) => name in VERSIONS ? toSpecifier(name) : name);
      await run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", ...specifiers);
    },
    write: async (path, text) => {
      const parent = `${folder}/${path}`.replace(/\/[^/]*$/, "");
      await Deno.mkdir(parent, { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function unpackTemplate(template: string, folder: string, run: NpmProject["run"]) {
  const name = Object.keys(VERSIONS).find((name) => template.startsWith(name))!;
  const inside = template.slice(name.length + 1);
  const packed = (await run("npm", "pack", "--silent", toSpecifier(name))).trim();
  const depth = 1 + (inside === "" ? 0 : inside.split("/").length);
  await run("tar", "xzf", packed, `--strip-components=${depth}`, `package/${inside}`);
  await Deno.remove(`${folder}/${packed}`);
}

function toSpecifier(name: string): string {
  return `${name}@${VERSIONS[name as keyof typeof VERSIONS]}`;
}
