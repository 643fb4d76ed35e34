/** 64 at once at each limit, on connections of their own: exact. */
import assert from "node:assert/strict";
import { openTestDatabase, type TestDatabase } from "../../dev/stack/testing/test-database.ts";
import { keyOf, readRow, reserve, type ReserveOptions, settle } from "./limiter.ts";

const CALLERS = 64;

async function burst(database: TestDatabase, optionsOf: (caller: number) => ReserveOptions) {
  const sql = database.connect({ maxConnections: CALLERS });
  return await Promise.all(
    Array.from({ length: CALLERS }, (_, caller) => reserve(sql, optionsOf(caller))),
  );
}

const count = (decisions: { outcome: string }[], outcome: string) =>
  decisions.filter((decision) => decision.outcome === outcome).length;

const CASES: [name: string, options: ReserveOptions, limitedBy: string][] = [
  ["a burst", { limits: { perMinute: 1, burst: 20 } }, "minute"],
  ["a day's limit", { limits: { perDay: 20 } }, "day"],
  ["requests at a time", { limits: { concurrent: 20 } }, "concurrent"],
  ["dollars of a month", { limits: { nanoPerMonth: 20_500 }, ceilingNano: 1_000 }, "month"],
];

for (const [name, options, limitedBy] of CASES) {
  Deno.test(`64 callers of one subject at ${name} of 20: exactly 20 get through`, async () => {
    await using database = await openTestDatabase();
    const decisions = await burst(database, () => options);
    assert.equal(count(decisions, "leader"), 20);
    const denials = decisions.filter(({ outcome }) => outcome === "denied");
    assert.deepEqual(new Set(denials.map(({ limited_by }) => limited_by)), new Set([limitedBy]));
    const row = await readRow(database.connect());
    assert.equal(row!.day_used, 20);
    assert.equal(row!.holds, 20);
  });
}

Deno.test("64 subjects at the project's dollars for 20: exactly 20 get through", async () => {
  await using database = await openTestDatabase();
  const decisions = await burst(database, (caller) => ({
    subject: `user:${caller}`,
    projectNanoPerMonth: 20_500,
    ceilingNano: 1_000,
  }));
  assert.equal(count(decisions, "leader"), 20);
  assert.equal((await readRow(database.connect(), "project"))!.spent_nano, 20_000);
});

Deno.test("64 subjects with bursts of 5 each don't touch each other's limits", async () => {
  await using database = await openTestDatabase();
  const subjects = ["user:a", "user:b", "user:c", "user:d"];
  const decisions = await burst(database, (caller) => ({
    subject: subjects[caller % 4]!,
    limits: { perMinute: 1, burst: 5 },
  }));
  for (const [index, subject] of subjects.entries()) {
    const own = decisions.filter((_, caller) => caller % 4 === index);
    assert.equal(count(own, "leader"), 5, subject);
  }
});

Deno.test("64 subjects with one key: one leader, 63 followers", async () => {
  await using database = await openTestDatabase();
  const decisions = await burst(database, (caller) => ({
    subject: `user:${caller}`,
    key: keyOf(1),
    projectNanoPerMonth: 1e9,
  }));
  assert.equal(count(decisions, "leader"), 1);
  assert.equal(count(decisions, "follower"), 63);
  const [{ used }] = await database.connect()<[{ used: number }]>`
    select sum(day_used)::int as used from semantic_analysis.rate_limits`;
  assert.equal(used, 1);
});

Deno.test("reserving and settling at once, over several keys and subjects, ends without a deadlock", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 32 });
  await Promise.all(Array.from({ length: 200 }, async (_, caller) => {
    const id = crypto.randomUUID();
    const subject = `user:${caller % 3}`;
    const key = keyOf(caller % 5);
    const { outcome } = await reserve(sql, { id, subject, key, projectNanoPerMonth: 1e12 });
    if (outcome !== "leader") return;
    await settle(sql, { id, subject, key, actualNano: 7, answer: "{}", ttlS: 0 });
  }));
  const left = await sql`
    select subject from semantic_analysis.rate_limits where cardinality(holds) > 0`;
  assert.equal(left.length, 0);
});

Deno.test("a user whose row is held doesn't hold up another", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 2 });
  await reserve(sql);
  await sql.begin(async (holder) => {
    await holder`select from semantic_analysis.rate_limits where subject = 'user:a' for update`;
    assert.equal((await reserve(sql, { subject: "user:b" })).outcome, "leader");
  });
});

Deno.test("the API's function gives up on a row that is held, and takes nothing", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 2 });
  const reserveByApi = () =>
    sql`select public.semantic_analysis_reserve(
      'user:a', gen_random_uuid(), 20, 5, 200, 4, p_ceiling_nano => 1)`;
  await reserveByApi();
  await sql.begin(async (holder) => {
    await holder`select from semantic_analysis.rate_limits where subject = 'user:a' for update`;
    await assert.rejects(reserveByApi(), { code: "55P03" });
  });
  assert.equal((await readRow(sql))!.day_used, 1);
});
