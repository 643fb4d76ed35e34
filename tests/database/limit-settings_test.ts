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

const PRO = "user:4cefa077-61e3-4e61-9c05-dc02e7b9200d";
const MORE = "user:0b8d7c1e-52f4-4c5b-9a44-0f6f2f0b6a10";

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
  await sql`select public.semantic_analysis_set_limits(${PRO}, p_plan => 'plan:pro')`;
  await sql`select public.semantic_analysis_set_limits(
    ${MORE}, p_plan => 'plan:pro', p_per_day => 9000, p_concurrent => 8)`;
  assert.deepEqual(await limitsOf(sql, "user:other"), [20, 10, 200, 4, null]);
  // A higher rate without a burst means a burst of the same size.
  assert.deepEqual(await limitsOf(sql, PRO), [100, 100, 5_000, 4, 2_500_000_000]);
  assert.deepEqual(await limitsOf(sql, MORE), [100, 100, 9_000, 8, 2_500_000_000]);
});

Deno.test("a change is in force with the next request, and null is inherited again", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`select public.semantic_analysis_set_limits(${PRO}, p_per_day => 0)`;
  assert.equal((await reserve(sql, { subject: PRO, limits: DEFAULTS })).limited_by, "day");
  await sql`select public.semantic_analysis_set_limits(${PRO})`;
  assert.equal((await reserve(sql, { subject: PRO, limits: DEFAULTS })).outcome, "leader");
});

Deno.test("set_limits: a setting that would limit no caller is refused, with what to write", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const set = (assignments: string) =>
    sql.unsafe(`select public.semantic_analysis_set_limits(${assignments})`);
  const assertRefused = async (assignments: string, message: string, hint: RegExp) => {
    await assert.rejects(set(assignments), (error: postgres.PostgresError) => {
      assert.deepEqual([error.code, error.message], ["22023", message], assignments);
      assert.match(error.hint ?? "", hint);
      return true;
    });
  };

  const id = crypto.randomUUID();
  for (const subject of ["", id, `users:${id}`, "user:ada", `user:${id} `, "plan:", "Default"]) {
    const message = `"${subject}" is not the subject of any limits`;
    await assertRefused(`'${subject}', p_per_day => 5`, message, /^Write user:<uuid in lower/);
  }
  await assertRefused(
    `'user:${id.toUpperCase()}'`,
    `"user:${id.toUpperCase()}" is not the subject of any limits`,
    /lower case/,
  );
  await assertRefused("null", `"<NULL>" is not the subject of any limits`, /default$/);

  const onPlan = (plan: string) => `'user:${id}', p_plan => '${plan}'`;
  await assertRefused(
    onPlan("plan:pro"),
    'There is no plan "plan:pro"',
    /^There is none yet\. Make/,
  );
  await set("'plan:team'");
  await set("'plan:a, b'");
  await set(`'user:${id}'`);
  await assertRefused(
    onPlan("team"),
    'There is no plan "team"',
    /^There are: plan:a, b, plan:team\./,
  );
  await assertRefused(onPlan(`user:${id}`), `There is no plan "user:${id}"`, /plan:team/);
  await set(onPlan("plan:a, b"));
  await assertRefused(
    "'plan:team', p_plan => 'plan:a, b'",
    '"plan:team" is a plan, which is on no plan itself',
    /Leave p_plan out/,
  );
  await assertRefused(
    "'default', p_per_day => 10",
    '"default" sets p_searches_per_minute alone',
    /secrets set RATE_LIMIT_PER_DAY/,
  );

  const ranges = [
    ["p_per_minute", 0, "1 to 60000"],
    ["p_burst", 0, "1 to 60000"],
    ["p_per_day", -1, "0 to 100000000"],
    ["p_per_day", 100_000_001, "0 to 100000000"],
    ["p_concurrent", -3, "1 to 10000"],
    ["p_usd_per_month", -0.5, "0 to 1000000000"],
    ["p_usd_per_month", NaN, "0 to 1000000000"],
    ["p_searches_per_minute", 0, "1 to 60000"],
  ] as const;
  for (const [name, value, range] of ranges) {
    const message = `${name} must be from ${range}, got ${value}`;
    await assertRefused(`'service:a', ${name} => '${value}'`, message, /^Leave it out to/);
  }
  const [row] = await sql`
    select count(*)::int from semantic_analysis.limit_settings where subject = 'service:a'`;
  assert.equal(row!.count, 0);
});
