import assert from "node:assert/strict";
import { CHECKOUT, type Files, installFrom, makeFolder, OWNER } from "./folders.ts";

const HOME = "supabase/semantic-analysis";
const LIMITS = "supabase/migrations/20261126120000_semantic_analysis_create_limits.sql";
const LEDGER = "supabase/migrations/20261126120001_semantic_analysis_create_ledger.sql";
const CATALOGUE = "supabase/migrations/20261126120002_material_search_create_catalogue.sql";
const ROUTE = `${HOME}/functions/semantic-analysis/routes/old.ts`;

/** A checkout, a project and their disposal. */
async function setUp(owner: Files = OWNER) {
  await using stack = new AsyncDisposableStack();
  const checkout = stack.use(await makeFolder(CHECKOUT));
  const project = stack.use(await makeFolder(owner));
  const moved = stack.move();
  return { checkout, project, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

/** Of the files that were there, those that are no longer as they were. */
function changedOfOwner(before: Files, after: Files): string[] {
  return Object.keys(before).filter((path) => before[path] !== after[path]);
}

Deno.test("install: makes one folder, a block of config.toml and the migrations", async () => {
  await using it = await setUp();
  const before = await it.project.hashes();
  await installFrom(it.checkout, it.project);
  const after = await it.project.hashes();
  assert.deepEqual(changedOfOwner(before, after), ["supabase/config.toml"]);
  assert.deepEqual(Object.keys(after).filter((path) => !(path in before)), [
    LIMITS,
    LEDGER,
    CATALOGUE,
    `${HOME}/client.d.ts`,
    `${HOME}/client.js`,
    `${HOME}/functions/_shared/platform/version.ts`,
    `${HOME}/functions/mivaa-gateway/index.ts`,
    `${HOME}/functions/semantic-analysis/index.ts`,
    ROUTE,
    `${HOME}/functions/visual-search/index.ts`,
    `${HOME}/import_map.json`,
    `${HOME}/installed.json`,
  ]);
  assert.deepEqual(JSON.parse(await it.project.read(`${HOME}/import_map.json`)), {
    imports: { "zod/": "npm:/zod@1.2.3/" },
  });
  assert.equal(
    await it.project.read(`${HOME}/client.js`),
    `// @ts-self-types="./client.d.ts"\nexport {};\n`,
  );
});

Deno.test("install: a second time changes nothing", async () => {
  await using it = await setUp();
  await installFrom(it.checkout, it.project);
  const before = await it.project.hashes();
  const plan = await installFrom(it.checkout, it.project, { now: () => Date.UTC(2030, 0) });
  assert.deepEqual([plan.writes, plan.removals], [[], []]);
  assert.deepEqual(await it.project.hashes(), before);
});

Deno.test("install: a dry run tells the same and writes nothing", async () => {
  await using it = await setUp();
  const before = await it.project.hashes();
  const dry = await installFrom(it.checkout, it.project, { dryRun: true });
  assert.deepEqual(await it.project.hashes(), before);
  assert.deepEqual(dry, await installFrom(it.checkout, it.project));
});

Deno.test("install: without a name for functions all are installed, then those that are", async () => {
  await using it = await setUp();
  const first = await installFrom(it.checkout, it.project, { functions: ["semantic-analysis"] });
  assert.deepEqual(first.functions, ["semantic-analysis"]);
  assert.deepEqual(first.addedMigrations.map((name) => `supabase/migrations/${name}`), [
    LIMITS,
    LEDGER,
  ]);
  const second = await installFrom(it.checkout, it.project);
  assert.deepEqual(second.functions, ["semantic-analysis"]);
  const third = await installFrom(it.checkout, it.project, { functions: ["visual-search"] });
  assert.deepEqual(third.functions, ["semantic-analysis", "visual-search"]);
  // Behind what was installed before.
  assert.deepEqual(third.addedMigrations.map((name) => `supabase/migrations/${name}`), [CATALOGUE]);
});

Deno.test("install: with fewer functions the rest is taken out, its migrations too", async () => {
  await using it = await setUp();
  await installFrom(it.checkout, it.project, { functions: ["semantic-analysis"] });
  const wanted = await it.project.hashes();
  await it.project.remove("supabase");
  await it.project.write(OWNER);
  await installFrom(it.checkout, it.project);
  const plan = await installFrom(it.checkout, it.project, { functions: ["semantic-analysis"] });
  assert.deepEqual(plan.removedFunctions, ["mivaa-gateway", "visual-search"]);
  assert.deepEqual(plan.removedMigrations, [CATALOGUE.split("/").at(-1)]);
  assert.deepEqual(await it.project.hashes(), wanted);
});

Deno.test("install: with none everything is taken out, and the project is as it was", async () => {
  await using it = await setUp();
  const before = await it.project.hashes();
  await installFrom(it.checkout, it.project);
  await installFrom(it.checkout, it.project, { functions: [] });
  assert.deepEqual(await it.project.hashes(), before);
  await assert.rejects(Deno.stat(`${it.project.path}/${HOME}`), Deno.errors.NotFound);
});

Deno.test("install: a newer version changes, adds and removes, each migration once", async () => {
  await using it = await setUp();
  await installFrom(it.checkout, it.project);
  await it.checkout.remove("supabase/functions/semantic-analysis/routes");
  await it.checkout.write({
    "supabase/functions/_shared/platform/version.ts": `export const VERSION = "0.3.0";\n`,
    "supabase/functions/semantic-analysis/index.ts": `import "zod";\n`,
    "supabase/functions/semantic-analysis/new.ts": "export {};\n",
    "supabase/migrations/20200101000300_semantic_analysis_add_more.sql": "select 4;\n",
  });
  await it.project.write({ "supabase/migrations/20261126120500_mine.sql": "select 5;\n" });
  const before = await it.project.hashes();
  const plan = await installFrom(it.checkout, it.project);
  const after = await it.project.hashes();
  assert.deepEqual([plan.previousVersion, plan.version], ["0.2.0", "0.3.0"]);
  assert.deepEqual(plan.removals, [ROUTE]);
  assert.deepEqual(plan.addedMigrations, ["20261126120501_semantic_analysis_add_more.sql"]);
  assert.deepEqual(changedOfOwner(before, after), [
    `${HOME}/functions/_shared/platform/version.ts`,
    `${HOME}/functions/semantic-analysis/index.ts`,
    ROUTE,
    `${HOME}/import_map.json`,
    `${HOME}/installed.json`,
  ]);
  assert.deepEqual((await installFrom(it.checkout, it.project)).writes, []);
});

Deno.test("install: an older version is refused", async () => {
  await using it = await setUp();
  await installFrom(it.checkout, it.project);
  await it.checkout.write({
    "supabase/functions/_shared/platform/version.ts": `export const VERSION = "0.1.9";\n`,
  });
  await assert.rejects(
    installFrom(it.checkout, it.project),
    /^InstallError: Version 0.2.0 is installed and this is 0.1.9: install from a newer checkout$/,
  );
});

Deno.test("install: a migration that the owner has squashed does not come back", async () => {
  await using it = await setUp();
  await installFrom(it.checkout, it.project);
  await it.project.remove(LIMITS);
  assert.deepEqual((await installFrom(it.checkout, it.project)).writes, []);
});

Deno.test("install: an interrupted run is finished by the next, without a second migration", async () => {
  await using it = await setUp();
  await installFrom(it.checkout, it.project);
  const wanted = await it.project.hashes();
  await it.project.remove(`${HOME}/installed.json`);
  await it.project.remove(`${HOME}/client.js`);
  await it.project.remove(CATALOGUE);
  const now = () => Date.UTC(2026, 10, 26, 12, 0, 2);
  const plan = await installFrom(it.checkout, it.project, { now });
  assert.deepEqual(await it.project.hashes(), wanted);
  // The commands that come next were not told yet.
  const migrations = [LIMITS, LEDGER, CATALOGUE].map((path) => path.split("/").at(-1));
  assert.deepEqual(plan.addedMigrations, migrations);
});

Deno.test("install: an interrupted removal is finished by the next", async () => {
  await using it = await setUp();
  const before = await it.project.hashes();
  await installFrom(it.checkout, it.project);
  // The record goes last.
  await it.project.remove(`${HOME}/functions/visual-search`);
  await it.project.remove(LEDGER);
  await installFrom(it.checkout, it.project, { functions: [] });
  assert.deepEqual(await it.project.hashes(), before);
});

Deno.test("install: a function that the next version lacks is taken out", async () => {
  await using it = await setUp();
  await installFrom(it.checkout, it.project);
  await it.checkout.remove("supabase/functions/mivaa-gateway");
  const plan = await installFrom(it.checkout, it.project);
  assert.deepEqual(plan.functions, ["semantic-analysis", "visual-search"]);
  assert.deepEqual(plan.removals, [`${HOME}/functions/mivaa-gateway/index.ts`]);
});

Deno.test("install: other line ends are no edit", async () => {
  await using it = await setUp();
  await installFrom(it.checkout, it.project);
  for (const path of Object.keys(await it.project.hashes())) {
    const text = await it.project.read(path);
    await it.project.write({ [path]: text.replaceAll("\n", "\r\n") });
  }
  assert.deepEqual((await installFrom(it.checkout, it.project)).writes, []);
});

Deno.test("install: the owner's own files in the folder stay", async () => {
  await using it = await setUp();
  await installFrom(it.checkout, it.project);
  await it.project.write({ [`${HOME}/notes.md`]: "mine\n" });
  await Deno.symlink("nowhere", `${it.project.path}/${HOME}/link`);
  await installFrom(it.checkout, it.project);
  await installFrom(it.checkout, it.project, { functions: [] });
  await Deno.remove(`${it.project.path}/${HOME}/link`);
  assert.equal(await it.project.read(`${HOME}/notes.md`), "mine\n");
});
