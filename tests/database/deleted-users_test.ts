/** What is left of a user who was deleted: sums, and for a day that there was one. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { keyOf, readRow, reserve, settle } from "./limiter.ts";

const DENIED = { outcome: "RATE_LIMITED", limited_by: "day" };

/** A user with a row in every table, one request under way. */
async function createUser(sql: postgres.Sql, key: string) {
  const id = crypto.randomUUID();
  const subject = `user:${id}`;
  await sql`insert into auth.users (id) values (${id})`;
  const answered = crypto.randomUUID();
  await reserve(sql, { subject, id: answered, key });
  const answer = { key, answer: "{}", ttlS: 3_600, entry: { outcome: "ok" } };
  await settle(sql, { subject, id: answered, actualNano: 1_000, ...answer });
  await settle(sql, { subject, id: crypto.randomUUID(), actualNano: null, entry: DENIED });
  await sql`select public.semantic_analysis_set_limits(${subject}, p_per_day => 5)`;
  await sql`select semantic_analysis.take_search_unit_at(${subject})`;
  return { id, subject };
}

const count = async (sql: postgres.Sql, table: string) =>
  (await sql`select from semantic_analysis.${sql(table)}`).length;

Deno.test("a deleted user: the ledger is anonymous; limits, settings and answers are gone", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await createUser(sql, keyOf(1));
  const kept = await createUser(sql, keyOf(2));
  await sql`delete from auth.users where id <> ${kept.id}`;
  const rows = await sql`select subject from semantic_analysis.ledger order by subject = 'deleted'`;
  assert.deepEqual(
    rows.map(({ subject }) => subject),
    [kept.subject, kept.subject, "deleted", "deleted"],
  );
  assert.deepEqual(
    [...await sql`select encode(key, 'hex') as key from semantic_analysis.answers`],
    [{ key: keyOf(2) }],
  );
  for (const table of ["limit_settings", "search_limits"]) {
    const rows = await sql`
      select subject from semantic_analysis.${sql(table)} where subject like 'user:%'`;
    assert.deepEqual(rows.map(({ subject }) => subject), [kept.subject]);
  }
  const [tombstone, ...others] = await sql`
    select day_used, spent_nano::int, tat::text from semantic_analysis.rate_limits
    where subject <> ${kept.subject}`;
  assert.equal(others.length, 0);
  assert.deepEqual({ ...tombstone }, { day_used: 0, spent_nano: 0, tat: "-infinity" });
});

Deno.test("a deleted user: a request under way still settles, and leaves no answer or name", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const { id: userId, subject } = await createUser(sql, keyOf(1));
  const id = crypto.randomUUID();
  const underWay = { subject, id, key: keyOf(3) };
  await reserve(sql, { ...underWay, ceilingNano: 900, projectNanoPerMonth: 5_000 });
  await sql`delete from auth.users where id = ${userId}`;
  assert.equal((await readRow(sql, "project"))!.spent_nano, 900);
  const settlement = { ...underWay, actualNano: 200, answer: "{}", ttlS: 60 };
  assert.equal(await settle(sql, { ...settlement, entry: { outcome: "ok" } }), true);
  assert.equal((await readRow(sql, "project"))!.spent_nano, 200);
  assert.equal(await count(sql, "answers"), 0);
  const late = { subject, id: crypto.randomUUID(), actualNano: null, entry: { outcome: "ok" } };
  await settle(sql, late);
  const subjects = await sql`select distinct subject from semantic_analysis.ledger`;
  assert.deepEqual(subjects.map(({ subject }) => subject), ["deleted"]);
});

Deno.test("a deleted user: their token is admitted to nothing for a day, then nothing is left", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const { id, subject } = await createUser(sql, keyOf(1));
  await sql`delete from auth.users where id = ${id}`;
  assert.deepEqual(await reserve(sql, { subject }), { outcome: "deleted" });
  assert.deepEqual(await reserve(sql, { subject, ceilingNano: null }), { outcome: "deleted" });
  const [{ limits }] = await sql<[{ limits: unknown }]>`
    select public.semantic_analysis_read_limits(${subject}, 20, 5, 200, 4) as limits`;
  assert.deepEqual(limits, { outcome: "deleted" });
  await assert.rejects(
    sql.begin(async (transaction) => {
      await transaction`select set_config('request.jwt.claims', ${
        JSON.stringify({ sub: id })
      }, true)`;
      await transaction`select semantic_analysis.take_search_unit()`;
    }),
    { code: "PT401" },
  );
  const inADay = new Date(Date.now() + 86_401_000);
  assert.equal((await reserve(sql, { subject, now: inADay })).outcome, "leader");
  await sql`update semantic_analysis.rate_limits set deleted_at = deleted_at - interval '25 hours'`;
  await sql`select public.semantic_analysis_clean_up()`;
  assert.equal(await count(sql, "rate_limits"), 0);
});

Deno.test("a soft-deleted user is forgotten as well", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const { id, subject } = await createUser(sql, keyOf(1));
  await sql`update auth.users set deleted_at = now() where id = ${id}`;
  assert.deepEqual(await reserve(sql, { subject }), { outcome: "deleted" });
});

Deno.test("a user can be deleted where the operator has dropped a table of ours", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const tables = [
    "rate_limits",
    "search_limits",
    "limit_settings",
    "feedback",
    "answers",
    "ledger",
  ];
  for (const table of tables) {
    const { id } = await createUser(sql, keyOf(1));
    await sql.begin(async (transaction) => {
      await transaction`drop table semantic_analysis.${transaction(table)} cascade`;
      await transaction`delete from auth.users where id = ${id}`;
      throw new Undone();
    }).catch((error) => {
      if (!(error instanceof Undone)) throw error;
    });
  }
});

class Undone extends Error {}
