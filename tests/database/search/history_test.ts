/** What is kept of a search: nothing, unless the operator says so. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { ALICE, alice, BOB, runAs, searchAs } from "./search-as.ts";

const switchOn = (sql: postgres.Sql) =>
  sql`select public.material_search_change_settings(p_is_history_kept => true)`;

const write = (sql: postgres.Sql, userId: string, text = "oak", filters: object = {}) =>
  sql`
    select public.material_search_write_history(
      ${userId}, gen_random_uuid(), 'hybrid', true, 1, 1, ${text}, ${sql.json(filters as never)}
    )`;

Deno.test("history: off by default, and the search tells whether it is kept", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  assert.equal((await searchAs(sql, alice, { query_text: "oak" })).is_history_kept, false);
  await write(sql, ALICE);
  assert.equal((await sql`select from material_search.history`).length, 0);
  await switchOn(sql);
  assert.equal((await searchAs(sql, alice, { query_text: "oak" })).is_history_kept, true);
  await write(sql, ALICE);
  assert.equal((await sql`select from material_search.history`).length, 1);
});

Deno.test("history: a row has at most 4 kB, whatever was searched for", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await switchOn(sql);
  await write(sql, ALICE, "🪵".repeat(5_000), { property_filters: { a: "b".repeat(5_000) } });
  await write(sql, ALICE, "x".repeat(1_000_000), { kept: "filters" });
  const rows = await sql`
    select octet_length(h::text) as bytes, filters from material_search.history h order by id`;
  for (const { bytes } of rows) assert.ok(bytes <= 4_000, String(bytes));
  assert.deepEqual(rows.map(({ filters }) => filters), [null, { kept: "filters" }]);
});

Deno.test("history: users read and delete their own, and write none", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await switchOn(sql);
  for (const userId of [ALICE, BOB]) await write(sql, userId);
  for (const table of ["public.material_search_history", "material_search.history"]) {
    const own = await runAs(
      sql,
      alice,
      (transaction) => transaction.unsafe(`select user_id from ${table}`),
    );
    assert.deepEqual(own.map((row) => row.user_id), [ALICE]);
    const deleted = await runAs(
      sql,
      alice,
      (transaction) => transaction.unsafe(`delete from ${table}`),
    );
    assert.equal(deleted.count, 1);
    for (
      const [role, statement] of [
        ["authenticated", `update ${table} set query_text = 'x'`],
        ["authenticated", `insert into ${table} (user_id) values ('${ALICE}')`],
        ["anon", `select from ${table}`],
      ] as const
    ) {
      await assert.rejects(
        runAs(sql, { role, userId: ALICE }, (transaction) => transaction.unsafe(statement)),
        /permission denied/,
        statement,
      );
    }
  }
});

Deno.test("history: a deleted user's searches are deleted, others' are not", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await switchOn(sql);
  for (const userId of [ALICE, BOB]) {
    await sql`insert into auth.users (id) values (${userId})`;
    await write(sql, userId);
  }
  await sql`delete from auth.users where id = ${ALICE}`;
  const rows = await sql`select user_id from material_search.history`;
  assert.deepEqual(rows.map((row) => row.user_id), [BOB]);
});

Deno.test("history: what is older than the retention is cleaned up", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await switchOn(sql);
  await write(sql, ALICE);
  await write(sql, BOB);
  await sql`
    update material_search.history set created_at = now() - interval '91 days'
    where user_id = ${ALICE}`;
  const [row] = await sql`select public.material_search_clean_up() as cleaned`;
  assert.deepEqual(row!.cleaned, { history: 1, skipped: 0 });
  const left = await sql`select user_id from material_search.history`;
  assert.deepEqual(left.map(({ user_id }) => user_id), [BOB]);
});

Deno.test("a user is deleted even where the tables of the search are gone", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`insert into auth.users (id) values (${ALICE})`;
  await sql`drop table material_search.history, material_search.settings cascade`;
  await sql`delete from auth.users where id = ${ALICE}`;
  assert.equal((await sql`select from auth.users`).length, 0);
});
