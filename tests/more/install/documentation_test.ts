/** Every command of docs/installing.md, as it stands there, on one project. */
import assert from "node:assert/strict";
import type { Stack } from "../../../dev/stack/stack.ts";
import { readBlocks, readCommands } from "../../support/doc-commands.ts";
import {
  ALL_FUNCTIONS,
  openOwnerProject,
  type OwnerProject,
  readAppliedVersions,
} from "../../install/owner-project.ts";

const PAGE = "docs/installing.md";

/** Of the owner; its functions begin like ours. */
const OWN_SQL = `create table notes (id int);
create function semantic_analysis_mine() returns int language sql as 'select 1';
create function material_search_mine() returns int language sql as 'select 1';
`;
const done: string[] = [];

/** The commands of a section; each is told to be run. */
async function follow(project: OwnerProject, heading: string, replace = (line: string) => line) {
  const printed: string[] = [];
  for (const line of await readCommands(PAGE, heading)) {
    printed.push(await project.run(replace(line)));
    done.push(line);
  }
  return printed;
}

/** Schemas, relations, functions and triggers, but for those of extensions and of the CLI. */
async function listObjects(project: OwnerProject): Promise<string[]> {
  const rows = await project.database.connect()`
    with schemas as (
      select oid, nspname from pg_namespace
      where nspname !~ '^pg_' and nspname not in ('information_schema', 'supabase_migrations')
    )
    select 'schema ' || nspname as name from schemas
    union all
    select 'relation ' || c.oid::regclass from pg_class c join schemas s on s.oid = c.relnamespace
    union all
    select 'function ' || p.oid::regprocedure from pg_proc p
      join schemas s on s.oid = p.pronamespace
    where not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    union all
    select 'trigger ' || tgname || ' on ' || tgrelid::regclass from pg_trigger
    order by 1`;
  return rows.map((row) => row.name);
}

/** What a `curl` line asks for. */
async function curl(line: string, stack: Stack): Promise<Response> {
  const [, path, header] = /^curl https:\/\/<ref>\.supabase\.co(\S+) -H '(.*)'$/.exec(line)!;
  const [name, value] = header!.replace("<sb_secret_…>", stack.secretKey).split(": ");
  done.push(line);
  return await fetch(`${stack.apiUrl}${path}`, { headers: { [name!]: value! } });
}

Deno.test("docs/installing.md: every command does what it is there for", async (t) => {
  await using project = await openOwnerProject({ "README.md": "# empty\n" });
  const untouched = await listObjects(project);

  await t.step("into an empty project", async () => {
    await follow(project, "Into an empty project");
    await project.folder.write({
      "supabase/migrations/20240101000000_notes.sql": OWN_SQL,
    });
    await project.push();
  });

  await t.step("into a project that exists", async () => {
    await follow(project, "Into a project that exists");
    assert.equal(project.platform.api.secrets.get("PROJECT_USD_PER_MONTH"), "<dollars>");
    const deployed = project.platform.api.deployments.map(({ slug }) => slug);
    assert.deepEqual(deployed.toSorted(), ALL_FUNCTIONS.toSorted());
  });

  await t.step("the doctor says ok", async () => {
    await using stack = await project.deploy(ALL_FUNCTIONS);
    for (const line of await readCommands(PAGE, "Ask the doctor")) {
      const response = await curl(line, stack);
      const body = await response.json();
      assert.equal(body.status, "ok", JSON.stringify(body));
    }
  });

  await t.step("only the analysis, when db push stops, and everything again", async () => {
    await follow(project, "Only the analysis");
    // Those that were taken out had been pushed: what Remove says to that.
    const versions = await readAppliedVersions(project.database);
    const files = await Array.fromAsync(
      Deno.readDir(`${project.folder.path}/supabase/migrations`),
    );
    const removed = versions.filter((version) =>
      !files.some(({ name }) => name.startsWith(version))
    );
    await assert.rejects(project.push(), /Remote migration versions not found/);
    for (const sql of (await readBlocks(PAGE, "Remove", "sql")).slice(0, -1)) {
      await project.database.connect().unsafe(sql);
    }
    await project.run(
      `npx supabase@ migration repair --remote --status reverted ${removed.join(" ")}`,
    );
    await project.push();
    await follow(project, "When `db push` stops");
    await project.install(`--only ${ALL_FUNCTIONS.join(",")}`);
    await project.push();
  });

  await t.step("an upgrade to the same version changes nothing", async () => {
    const [printed] = await follow(project, "Upgrade");
    assert.match(printed!, /is installed already, nothing to change/);
  });

  await t.step("removed, the database and the folder are as they were", async () => {
    for (const sql of await readBlocks(PAGE, "Remove", "sql")) {
      await project.database.connect().unsafe(sql);
    }
    let versions = "";
    for (const line of await readCommands(PAGE, "Remove")) {
      const printed = await project.run(line.replace("<versions>", versions));
      versions = /--status reverted ([\d ]+)$/m.exec(printed)?.[1] ?? versions;
      done.push(line);
    }
    assert.deepEqual(project.platform.api.deleted.toSorted(), ALL_FUNCTIONS.toSorted());
    assert.deepEqual(await readAppliedVersions(project.database), ["20240101000000"]);
    assert.match(await project.push(), /up to date/i);
    const sql = project.database.connect();
    await sql`drop table notes, material_visual_analysis, materials_catalog`;
    await sql`drop function semantic_analysis_mine(), material_search_mine()`;
    assert.deepEqual(await listObjects(project), untouched);
  });

  await t.step("none is left out", async () => {
    const page = await Promise.all(HEADINGS.map((heading) => readCommands(PAGE, heading)));
    assert.deepEqual(page.flat().filter((line) => !done.includes(line)), []);
    const text = await Deno.readTextFile(PAGE);
    assert.equal(text.match(/^ *```sh$/gm)?.length, BLOCKS);
  });
});

const HEADINGS = [
  "Into a project that exists",
  "Into an empty project",
  "Only the analysis",
  "When `db push` stops",
  "Ask the doctor",
  "Upgrade",
  "Remove",
];

/** All `sh` blocks of the page are in these sections. */
const BLOCKS = 10;
