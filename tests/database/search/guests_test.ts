/**
 * The migrations in databases that an application lives in already: taken, or told what is in the way
 * before anything is created. Each file of `tests/cases/migrations` is one such database.
 */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { reserve } from "../limiter.ts";
import { apply, describeOwn, openGuestDatabase, readParts } from "./guest.ts";

const CASES = new URL("../../cases/migrations/", import.meta.url);

const COMMAND = "deno task install <folder> --only ";

/** What the command keeps, by how many parts were applied. */
const WITHOUT = ["none", "semantic-analysis", "semantic-analysis,visual-search"];

const parts = await readParts();

type Part = keyof typeof parts;

/** Each part after the other, to the first that doesn't apply. */
async function applyParts(
  sql: postgres.Sql,
  before: readonly Part[],
): Promise<{ refusal: postgres.PostgresError | null; applied: readonly Part[] }> {
  const applied = [...before];
  for (const part of (["limits", "search", "jobs"] as const).slice(before.length)) {
    const refusal = await apply(sql, parts[part]).then(() => null, (error) => error);
    if (refusal) return { refusal, applied };
    applied.push(part);
  }
  return { refusal: null, applied };
}

const names = (await Array.fromAsync(Deno.readDir(CASES))).map(({ name }) => name)
  .filter((name) => name.endsWith(".sql")).sort();

for (const name of names) {
  const text = await Deno.readTextFile(new URL(name, CASES));
  const mayBeInTheWay = /^-- in the way: (.*)$/m.exec(text)?.[1]?.split(", ");
  const afterwards = [...text.matchAll(/^-- afterwards: (.*)$/gm)].map((match) => match[1]!);

  Deno.test(`an existing database, ${name}: ${text.slice(3, text.indexOf("\n"))}`, async () => {
    // Default privileges would be those of the limits' tables too.
    const hasLimits = !/default privileges|semantic_analysis_|schema semantic_analysis/.test(text);
    await using guest = await openGuestDatabase({ hasLimits });
    const { sql } = guest;
    await sql.unsafe(text);
    const before = await describeOwn(sql);
    const rowsBefore = await countRows(sql);
    const { refusal, applied } = await applyParts(sql, hasLimits ? ["limits"] : []);

    if (refusal === null) {
      // A push that was cut off is made again.
      assert.equal((await applyParts(sql, [])).refusal, null);
    } else {
      assert.ok(mayBeInTheWay, refusal.message);
      assert.equal(refusal.code, "55000", refusal.message);
      for (const thing of mayBeInTheWay) assert.ok(refusal.message.includes(thing), thing);
      const command = COMMAND + WITHOUT[applied.length];
      assert.ok(refusal.message.endsWith(command), refusal.message);
      if (!applied.includes("search")) assert.deepEqual(await listCreated(sql), []);
    }
    const after = await describeOwn(sql);
    assert.deepEqual(
      before.filter((line) => !after.includes(line)),
      [],
      "something of its own is gone",
    );
    assert.equal(await countRows(sql), rowsBefore);
    if (applied.includes("limits")) assert.equal((await reserve(sql)).outcome, "leader");

    for (const statement of afterwards) await sql.unsafe(statement);
    if (applied.includes("search")) await expectAllIndexed(sql);
  });
}

Deno.test("an index of a search that was installed is what a second push leaves", async () => {
  await using guest = await openGuestDatabase({ hasLimits: true });
  const { sql } = guest;
  await apply(sql, parts.search);
  await sql`insert into public.materials_catalog (name, category) values ('Oak', 'wood')`;
  await sql`select public.material_search_change_settings(7, true)`;
  await apply(sql, parts.search);
  const [row] = await sql`select public.material_search_read_state() as state`;
  assert.equal(row!.state.documents, 1);
  assert.deepEqual(row!.state.settings, {
    owns_catalogue: true,
    owns_analyses: true,
    most_own_materials: 7,
    is_history_kept: true,
    languages: ["english", "simple"],
  });
});

Deno.test("each function and view that a part adds to public is looked for before it is created", async () => {
  await using database = await openTestDatabase();
  const created = await database.connect()<{ name: string }[]>`
    select proname as name from pg_proc where pronamespace = 'public'::regnamespace
    union
    select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'`;
  // What a later migration adds it looks for itself.
  const checks = Object.values(parts).flat().map(({ text }) => text).join();
  assert.ok(created.length > 20);
  const unchecked = created.filter(({ name }) =>
    !checks.includes(`'${name}`) && !checks.includes(`'public.${name}'`)
  );
  assert.deepEqual(unchecked, []);
});

Deno.test("each signature that a part looks for is one that it creates", async () => {
  await using database = await openTestDatabase();
  const checks = Object.values(parts).map(([first]) => first!.text).join();
  const signatures = [...checks.matchAll(/'((?:semantic_analysis|material_search)_\w+\([^']*\))'/g)]
    .map(([, signature]) => signature!);
  assert.ok(signatures.length > 15, String(signatures.length));
  const missing = await database.connect()`
    select signature from unnest(${signatures}::text[]) signature
    where to_regprocedure('public.' || signature) is null`;
  assert.deepEqual([...missing], []);
});

async function countRows(sql: postgres.Sql): Promise<number> {
  const [table] = await sql`
    select relkind from pg_class where oid = to_regclass('public.materials_catalog')`;
  if (!table || !["r", "p", "v"].includes(table.relkind)) return 0;
  const [row] = await sql`select count(*)::int as count from public.materials_catalog`;
  return row!.count;
}

/** What only the migrations of the search can have made. */
async function listCreated(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select p.proname as name from pg_proc p
    where p.pronamespace = to_regnamespace('material_search')
    union all
    select tgname from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where p.pronamespace = to_regnamespace('material_search')
    union all
    select relname from pg_class
    where relnamespace = to_regnamespace('material_search') and relname in ('settings', 'pending')`;
  return rows.map(({ name }) => name);
}

/** Every material has its document, or the reason why it has none is noted. */
async function expectAllIndexed(sql: postgres.Sql): Promise<void> {
  const [{ has_catalogue }] = await sql`
    select count(*) = 2 as has_catalogue from pg_attribute
    where attrelid = to_regclass('public.materials_catalog') and attname in ('id', 'name')
      and attnum > 0` as unknown as [{ has_catalogue: boolean }];
  if (!has_catalogue) return;
  await sql`select public.material_search_refresh_documents()`;
  const missing = await sql`
    select id from public.materials_catalog where id is not null
    except select material_id from material_search.documents
    except select material_id from material_search.skipped where reason like 'all of it:%'`;
  assert.equal(missing.length, 0);
  const left = await sql`
    select material_id from material_search.documents except select id from public.materials_catalog`;
  assert.equal(left.length, 0);
}
