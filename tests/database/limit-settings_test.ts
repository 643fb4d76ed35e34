/** Limits of single subjects and plans, over the defaults. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { type Limits, reserve } from "./limiter.ts";

const DEFAULTS: Limits = {
  perMinute: 20,
  burst: 10,
  perDay: 200,
  concurrent: 4,
  nanoPerMonth: null,
};

async function limitsOf(sql: postgres.Sql, subject: string) {
  const decision = await reserve(sql, { subject, limits: DEFAULTS, ceilingNano: 0 });
  const { per_minute, burst, per_day, concurrent, nano_per_month } = decision;
  return [per_minute, burst, per_day, concurrent, nano_per_month];
}

Deno.test("a subject's own settings come before its plan's, and those before the defaults", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`select public.semantic_analysis_set_limits(
    'plan:pro', p_per_minute => 100, p_per_day => 5000, p_usd_per_month => 2.5)`;
  await sql`select public.semantic_analysis_set_limits('user:pro', p_plan => 'plan:pro')`;
  await sql`select public.semantic_analysis_set_limits(
    'user:more', p_plan => 'plan:pro', p_per_day => 9000, p_concurrent => 8)`;
  assert.deepEqual(await limitsOf(sql, "user:other"), [20, 10, 200, 4, null]);
  // A higher rate without a burst means a burst of the same size.
  assert.deepEqual(await limitsOf(sql, "user:pro"), [100, 100, 5_000, 4, 2_500_000_000]);
  assert.deepEqual(await limitsOf(sql, "user:more"), [100, 100, 9_000, 8, 2_500_000_000]);
});

Deno.test("a change is in force with the next request, and null is inherited again", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`select public.semantic_analysis_set_limits('user:a', p_per_day => 0)`;
  assert.equal((await reserve(sql, { limits: DEFAULTS })).limited_by, "day");
  await sql`select public.semantic_analysis_set_limits('user:a')`;
  assert.equal((await reserve(sql, { limits: DEFAULTS })).outcome, "leader");
});

Deno.test("set_limits: settings that make no sense are an error", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const set = (assignments: string) =>
    sql.unsafe(`select public.semantic_analysis_set_limits(${assignments})`);
  for (
    const assignments of [
      "'user:a', p_per_minute => 0",
      "'user:a', p_burst => 0",
      "'user:a', p_per_day => -1",
      "'user:a', p_concurrent => 0",
      "'user:a', p_usd_per_month => -1",
      "'plan:a', p_plan => 'plan:b'",
      "'user:a', p_plan => 'pro'",
      "''",
    ]
  ) {
    await assert.rejects(set(assignments), { code: "23514" }, assignments);
  }
  // A plan that isn't there would silently be none.
  await assert.rejects(set("'user:a', p_plan => 'plan:missing'"), { code: "23503" });
});
