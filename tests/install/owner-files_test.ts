/** What an owner has done to the migrations since they were installed, and how files are replaced. */
import assert from "node:assert/strict";
import { CHECKOUT, installFrom, makeFolder, OWNER } from "./folders.ts";

const HOME = "supabase/semantic-analysis";
const LIMITS = "supabase/migrations/20261126120000_semantic_analysis_create_limits.sql";
const LEDGER = "supabase/migrations/20261126120001_semantic_analysis_create_ledger.sql";
const CATALOGUE = "supabase/migrations/20261126120002_material_search_create_catalogue.sql";
const CONFIG = "supabase/config.toml";

/** A checkout, and a project that it is installed into. */
async function setUp() {
  await using stack = new AsyncDisposableStack();
  const checkout = stack.use(await makeFolder(CHECKOUT));
  const project = stack.use(await makeFolder(OWNER));
  await installFrom(checkout, project);
  const moved = stack.move();
  return { checkout, project, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

/** All migrations in the last one, as `supabase migration squash` leaves them. */
async function squash(project: Awaited<ReturnType<typeof setUp>>["project"]): Promise<string> {
  const squashed = "create table public.mine ();\ncreate schema semantic_analysis;\n";
  for (const path of ["supabase/migrations/20240101000000_init.sql", LIMITS, LEDGER]) {
    await project.remove(path);
  }
  await project.write({ [CATALOGUE]: squashed });
  return squashed;
}

for (const force of [false, true]) {
  const how = force ? "with force" : "without force";
  Deno.test(`install: the owner's squashed migrations stay on an upgrade, ${how}`, async () => {
    await using it = await setUp();
    const squashed = await squash(it.project);
    await it.checkout.write({
      "supabase/migrations/20200101000300_semantic_analysis_add_more.sql": "select 4;\n",
    });
    const plan = await installFrom(it.checkout, it.project, { force });
    assert.deepEqual(plan.addedMigrations, ["20261126120003_semantic_analysis_add_more.sql"]);
    assert.deepEqual(plan.overwritten, []);
    assert.equal(await it.project.read(CATALOGUE), squashed);
  });

  Deno.test(`install: the owner's squashed migrations stay when all is taken out, ${how}`, async () => {
    await using it = await setUp();
    const squashed = await squash(it.project);
    const plan = await installFrom(it.checkout, it.project, { functions: [], force });
    assert.deepEqual(plan.removedMigrations, []);
    assert.equal(await it.project.read(CATALOGUE), squashed);
  });
}

Deno.test("install: a migration that the owner gave another timestamp is taken out with the rest", async () => {
  await using it = await setUp();
  await it.project.write({
    "supabase/migrations/20270101000000_semantic_analysis_create_ledger.sql": "select 2;\n",
  });
  await it.project.remove(LEDGER);
  assert.deepEqual((await installFrom(it.checkout, it.project)).addedMigrations, []);
  const plan = await installFrom(it.checkout, it.project, { functions: [] });
  assert.deepEqual(plan.removedMigrations, [
    "20261126120000_semantic_analysis_create_limits.sql",
    "20261126120002_material_search_create_catalogue.sql",
    "20270101000000_semantic_analysis_create_ledger.sql",
  ]);
});

Deno.test("install: migrations that came twice, from two branches, are all taken out", async () => {
  await using it = await setUp();
  const other = "supabase/migrations/20261125120000_semantic_analysis_create_limits.sql";
  await it.project.write({
    [other]: "select 1;\n",
    // Of the owner, by its text.
    "supabase/migrations/20261125120001_semantic_analysis_create_ledger.sql": "select 'mine';\n",
  });
  await installFrom(it.checkout, it.project, { functions: [] });
  const left = Object.keys(await it.project.hashes()).filter((path) => path.includes("migrations"));
  assert.deepEqual(left, [
    "supabase/migrations/20240101000000_init.sql",
    "supabase/migrations/20261125120001_semantic_analysis_create_ledger.sql",
  ]);
});

Deno.test("install: migrations of a first run that was interrupted are taken out", async () => {
  await using it = await setUp();
  await it.project.remove(HOME);
  await it.project.write({ [CONFIG]: OWNER[CONFIG]! });
  const plan = await installFrom(it.checkout, it.project, { functions: [] });
  assert.equal(plan.removedMigrations.length, 3);
  await using untouched = await makeFolder(OWNER);
  assert.deepEqual(await it.project.hashes(), await untouched.hashes());
});

for (const force of [false, true]) {
  Deno.test(`install: without a record nothing is taken out, force is ${force}, and the way out is told`, async () => {
    await using it = await setUp();
    await it.project.remove(`${HOME}/installed.json`);
    const before = await it.project.hashes();
    await assert.rejects(
      installFrom(it.checkout, it.project, { functions: [], force }),
      /^InstallError: supabase\/semantic-analysis has no installed.json, .*: install again, /,
    );
    assert.deepEqual(await it.project.hashes(), before);
    await installFrom(it.checkout, it.project);
    await installFrom(it.checkout, it.project, { functions: [] });
    await using untouched = await makeFolder(OWNER);
    assert.deepEqual(await it.project.hashes(), await untouched.hashes());
  });
}

Deno.test("install: a link to a folder among the owner's migrations is left alone", async () => {
  await using checkout = await makeFolder(CHECKOUT);
  await using project = await makeFolder({ ...OWNER, "shared/20230101000000_old.sql": "" });
  await Deno.symlink("../../shared", `${project.path}/supabase/migrations/shared`);
  await installFrom(checkout, project);
  assert.equal((await installFrom(checkout, project)).writes.length, 0);
});

Deno.test("install: config.toml is replaced as a whole, with its mode, behind a link that stays one", async () => {
  await using checkout = await makeFolder(CHECKOUT);
  await using project = await makeFolder({ ...OWNER, "config/supabase.toml": OWNER[CONFIG]! });
  const [link, target] = [`${project.path}/${CONFIG}`, `${project.path}/config/supabase.toml`];
  await Deno.chmod(target, 0o640);
  await Deno.link(target, `${project.path}/before.toml`);
  await Deno.remove(link);
  await Deno.symlink("../config/supabase.toml", link);
  await installFrom(checkout, project);
  // The old file, of which a reader or a failing disk would have seen a part, was not written to.
  assert.equal(await project.read("before.toml"), OWNER[CONFIG]);
  assert.match(await project.read("config/supabase.toml"), /semantic-analysis/);
  assert.equal((await Deno.lstat(link)).isSymlink, true);
  assert.equal((await Deno.stat(target)).mode! & 0o777, 0o640);
});

for (const name of ["config.json", "config.jsonc"]) {
  Deno.test(`install: a project with ${name} has its functions there, whatever config.toml says`, async () => {
    await using checkout = await makeFolder(CHECKOUT);
    const path = `supabase/${name}`;
    const owner = {
      ...OWNER,
      [path]: `{\n  "project_id": "theirs",\n  "functions": {\n    "hello": {}\n  }\n}\n`,
    };
    await using project = await makeFolder(owner);
    const before = await project.hashes();
    const plan = await installFrom(checkout, project);
    assert.equal(plan.changedConfig, `${path}: its functions of this project`);
    assert.equal(await project.read(CONFIG), OWNER[CONFIG]);
    const { functions } = JSON.parse(await project.read(path));
    assert.deepEqual(Object.keys(functions), [
      "hello",
      "semantic-analysis",
      "mivaa-gateway",
      "visual-search",
    ]);
    assert.deepEqual((await installFrom(checkout, project)).writes, []);
    const text = await project.read(path);
    await project.write({ [path]: text.replace('"verify_jwt": false', '"verify_jwt": true') });
    await assert.rejects(
      installFrom(checkout, project),
      new RegExp(`^InstallError: Edited since it was installed: ${path} \\(its functions`),
    );
    await installFrom(checkout, project, { force: true });
    assert.equal(await project.read(path), text);
    await installFrom(checkout, project, { functions: [] });
    assert.deepEqual(await project.hashes(), before);
  });
}

Deno.test("install: a file that can't be changed is told, and the next run goes on from there", async () => {
  await using checkout = await makeFolder(CHECKOUT);
  await using project = await makeFolder(OWNER);
  // A folder where a file would be: the same for every user, root too.
  const inTheWay = `${HOME}/functions/visual-search/index.ts/mine.ts`;
  await project.write({ [inTheWay]: "" });
  await assert.rejects(
    installFrom(checkout, project, { force: true }),
    /^InstallError: .*visual-search\/index.ts could not be changed: .*; the same command again goes/,
  );
  assert.equal(await project.read(CONFIG), OWNER[CONFIG]);
  await project.remove(`${HOME}/functions/visual-search/index.ts`);
  await installFrom(checkout, project, { force: true });
  assert.deepEqual((await installFrom(checkout, project)).writes, []);
});
