/** Dollars that many subjects share: all of them together, and all anonymous users. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { keyOf, readRow, reserve, settle } from "./limiter.ts";

const NOON = new Date("2026-11-23T12:00:00Z");

const HALF_A_DAY_MS = 43_200_000;

const spent = async (sql: postgres.Sql, name: "anonymous" | "project") =>
  (await readRow(sql, name))!.spent_nano;

Deno.test("budgets: anonymous users share a day's dollars, and leave all others theirs", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const options = { ceilingNano: 400, anonymousNanoPerDay: 1_000, now: NOON };
  const id = crypto.randomUUID();
  assert.equal((await reserve(sql, { ...options, id, subject: "user:a" })).outcome, "leader");
  assert.equal((await reserve(sql, { ...options, subject: "user:b" })).outcome, "leader");
  const denied = await reserve(sql, { ...options, subject: "user:c" });
  assert.equal(denied.limited_by, "anonymous_day");
  assert.equal(denied.retry_after_ms, HALF_A_DAY_MS);
  assert.equal((await readRow(sql, "user:c"))!.spent_nano, 0);
  const signedIn = { ...options, anonymousNanoPerDay: null, subject: "user:d" };
  assert.equal((await reserve(sql, signedIn)).outcome, "leader");

  await settle(sql, { subject: "user:a", id, actualNano: 100, now: NOON });
  assert.equal(await spent(sql, "anonymous"), 500);
  assert.equal((await reserve(sql, { ...options, subject: "user:c" })).outcome, "leader");
  const midnight = new Date(NOON.getTime() + HALF_A_DAY_MS);
  assert.equal((await reserve(sql, { ...options, now: midnight })).outcome, "leader");
  assert.equal(await spent(sql, "anonymous"), 400);
});

Deno.test("budgets: a denial of the project's takes nothing of the anonymous users'", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const denied = await reserve(sql, {
    ceilingNano: 400,
    anonymousNanoPerDay: 1_000,
    projectNanoPerMonth: 399,
    now: NOON,
  });
  assert.equal(denied.limited_by, "project_month");
  assert.deepEqual([await spent(sql, "anonymous"), await spent(sql, "project")], [0, 0]);
});

Deno.test("budgets: a subject's own denial names the limit that denies for longest", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { perDay: 0 };
  const options = { ceilingNano: 400, limits, now: NOON };
  const named = async (budgets: object) => {
    const { limited_by } = await reserve(sql, { ...options, ...budgets });
    return limited_by;
  };
  assert.equal(await named({ projectNanoPerMonth: 1_000 }), "day");
  assert.equal(await named({ projectNanoPerMonth: 100 }), "project_month");
  assert.equal(await named({ anonymousNanoPerDay: 100 }), "day");
  assert.equal(await spent(sql, "project"), 0);
});

Deno.test("budgets: a row that an operator has deleted is made again", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`delete from semantic_analysis.budgets`;
  const options = { ceilingNano: 400, anonymousNanoPerDay: 1_000, projectNanoPerMonth: 1_000 };
  assert.equal((await reserve(sql, options)).outcome, "leader");
  assert.deepEqual([await spent(sql, "anonymous"), await spent(sql, "project")], [400, 400]);
});

Deno.test("budgets: 64 at once take no more than there is, and followers take nothing", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 64 });
  const options = { ceilingNano: 100, anonymousNanoPerDay: 550, projectNanoPerMonth: 10_000 };
  const burst = (key: string | null) =>
    Promise.all(Array.from({ length: 64 }, (_, caller) => {
      return reserve(sql, { ...options, subject: `user:${caller}`, key, now: NOON });
    }));
  const same = await burst(keyOf(1));
  assert.equal(same.filter(({ outcome }) => outcome === "leader").length, 1);
  // A request that finds the budget empty while the leader is deciding is denied, not a follower.
  assert.equal(await spent(sql, "anonymous"), 100);
  assert.equal(await spent(sql, "project"), 100);
  const different = await burst(null);
  assert.equal(different.filter(({ outcome }) => outcome === "leader").length, 4);
  assert.equal(await spent(sql, "anonymous"), 500);
  assert.equal(await spent(sql, "project"), 500);
});

Deno.test("budgets: whether a named user is anonymous is looked up, and then their limits hold", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const [anonymous, signedIn, unknown] = [1, 2, 3].map(() => crypto.randomUUID());
  await sql`insert into auth.users (id, is_anonymous)
    values (${anonymous!}, true), (${signedIn!}, false)`;
  const ifAnonymous = { per_minute: 5, burst: 5, per_day: 50, concurrent: 1, nano_per_month: null };
  const reserveFor = async (userId: string) => {
    const [row] = await sql`
      select public.semantic_analysis_reserve(${`user:${userId}`}, gen_random_uuid(), 20, 20, 200, 4,
        p_ceiling_nano => 100, p_anonymous_nano_per_day => 1000,
        p_anonymous_limits => ${sql.json(ifAnonymous)}) as decision`;
    return row!.decision;
  };
  assert.equal((await reserveFor(signedIn!)).per_day, 200);
  assert.equal((await reserveFor(unknown!)).per_day, 200);
  assert.equal(await spent(sql, "anonymous"), 0);
  assert.equal((await reserveFor(anonymous!)).per_day, 50);
  assert.equal(await spent(sql, "anonymous"), 100);
  const [row] = await sql`
    select public.semantic_analysis_read_limits(${`user:${anonymous}`}, 20, 20, 200, 4,
      p_anonymous_limits => ${sql.json(ifAnonymous)}) as limits`;
  assert.equal(row!.limits.per_day, 50);
  assert.equal(row!.limits.anonymous_spent_nano, 100);
});
