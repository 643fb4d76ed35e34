/** An owner's project with its database and the platform behind it, for whole installations. */
import assert from "node:assert/strict";
import { chooseFunctions } from "../../dev/install/checkout.ts";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { runCommand } from "../../dev/stack/process/run-command.ts";
import { findHostedDeno } from "../../dev/stack/functions/hosted-deno.ts";
import type { StackOptions } from "../../dev/stack/stack-options.ts";
import { type Stack, startStack } from "../../dev/stack/stack.ts";
import { openTestDatabase, type TestDatabase } from "../../dev/stack/testing/test-database.ts";
import { type Files, makeFolder, type TemporaryFolder } from "./folders.ts";
import { type FakeProject, startFakeProject, unpackDeployments } from "../support/fake-project.ts";

/** A project that can be installed into. Disposing it removes it. */
export interface OwnerProject extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly database: TestDatabase;
  readonly platform: FakeProject;
  /** Runs a line of a shell: the CLI against this database and platform, or a task of this checkout. */
  run(line: string): Promise<string>;
  /** Runs the installer of this checkout; `args` follow the folder. */
  install(args?: string): Promise<string>;
  push(flags?: string): Promise<string>;
  /** Deploys functions, and starts what was uploaded on the hosted runtime's Deno. */
  deploy(names: readonly string[], options?: StackOptions): Promise<Stack>;
}

/** A project that consists of these files; its database has nothing but the platform's schemas. */
export async function openOwnerProject(files: Files): Promise<OwnerProject> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await makeFolder(files));
  const database = cleanUp.use(await openTestDatabase({ isMigrated: false }));
  const platform = cleanUp.use(await startFakeProject());
  const uploaded = await Deno.makeTempDir();
  cleanUp.defer(() => Deno.remove(uploaded, { recursive: true }));

  const run = (line: string): Promise<string> => {
    const words = line.split(/\s+/).map((word) =>
      word === "--remote"
        ? `--remote=${database.url()}`
        : word.replace("<ref>", platform.ref).replace("<folder>", folder.path)
    );
    if (words[1]?.startsWith("supabase@")) return platform.run(words.slice(2), folder.path);
    const [task, ...args] = words.slice(words.indexOf("task") + 1);
    assert.ok(task, `"${line}" is neither the CLI nor a task`);
    return runCommand({
      name: line,
      command: Deno.execPath(),
      args: ["task", "--quiet", task, ...args],
      cwd: projectDirectory,
    });
  };
  const resources = cleanUp.move();
  return {
    folder,
    database,
    platform,
    run,
    install: (args = "") => run(`deno task install <folder> ${args}`.trim()),
    push: (flags = "") => run(`npx supabase@ db push --remote ${flags}`.trim()),
    async deploy(names, options = {}) {
      await run("npx supabase@ link --project-ref <ref>");
      await run(`npx supabase@ functions deploy ${names.join(" ")} --use-api`);
      return await startStack({
        ...options,
        postgres: database.server,
        databaseName: database.name,
        functions: await unpackDeployments(platform.api.deployments, uploaded),
        denoBinary: await findHostedDeno(),
      });
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What a project has that lives already: older and newer migrations, functions, a seed. */
export const LIVING_PROJECT: Files = {
  "supabase/config.toml": `# theirs
project_id = "theirs"   # a comment that stays

[functions.hello]
verify_jwt = false
import_map = "./functions/import_map.json"
`,
  "supabase/seed.sql": "insert into public.notes (text) values ('seeded');\n",
  "supabase/functions/import_map.json": `{ "imports": { "greeting": "./_shared/auth.ts" } }\n`,
  "supabase/functions/_shared/auth.ts": `export const greet = () => "hello from the owner";\n`,
  "supabase/functions/hello/index.ts": `${'import { greet } from "greeting";'}
export default { fetch: () => Response.json({ said: greet() }) };
`,
  "supabase/migrations/20240101000000_create_notes.sql":
    "create table public.notes (id bigint generated always as identity primary key, text text);\n",
  "supabase/migrations/20290101000000_add_title.sql":
    "alter table public.notes add column title text;\n",
};

/** What is installed where nothing is left out. */
export const ALL_FUNCTIONS: readonly string[] = await chooseFunctions(projectDirectory);

/** Versions that the database has applied. */
export async function readAppliedVersions(database: TestDatabase): Promise<string[]> {
  const rows = await database.connect()`
    select version from supabase_migrations.schema_migrations order by version`;
  return rows.map((row) => row.version);
}
