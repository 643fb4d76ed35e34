import assert from "node:assert/strict";
import fc from "fast-check";
import { openTestDatabase } from "../../dev/stack/test-database.ts";
import { decide, type Limits } from "./decide.ts";

const NOON = new Date("2026-11-23T12:00:00Z");
const after = (ms: number, start = NOON) => new Date(start.getTime() + ms);

const LIMITS: Limits = { perMinute: 20, burst: 5, perDay: 200 };

Deno.test("a burst is admitted at once, then one request each interval", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (let left = 4; left >= 0; left--) {
    const decision = await decide(sql, "user:a", LIMITS, NOON);
    assert.equal(decision.allowed, true);
    assert.equal(decision.minute_remaining, left);
    assert.equal(decision.minute_reset_ms, (5 - left) * 3_000);
  }
  const refused = await decide(sql, "user:a", LIMITS, NOON);
  assert.deepEqual(refused, {
    allowed: false,
    limited_by: "minute",
    retry_after_ms: 3_000,
    minute_remaining: 0,
    minute_reset_ms: 15_000,
    day_remaining: 195,
    day_reset_ms: 12 * 3_600_000,
  });
  assert.equal((await decide(sql, "user:a", LIMITS, after(2_999))).allowed, false);
  assert.equal((await decide(sql, "user:a", LIMITS, after(3_000))).allowed, true);
  assert.equal((await decide(sql, "user:a", LIMITS, after(3_000))).allowed, false);
});

Deno.test("the wait that a refusal names is exact", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  // 60 s / 7 is no whole number of microseconds.
  const limits = { perMinute: 7, burst: 3, perDay: 200 };
  for (let i = 0; i < 3; i++) await decide(sql, "user:a", limits, NOON);
  const { retry_after_ms: waitMs } = await decide(sql, "user:a", limits, NOON);
  assert.equal((await decide(sql, "user:a", limits, after(waitMs! - 1))).allowed, false);
  assert.equal((await decide(sql, "user:a", limits, after(waitMs!))).allowed, true);
});

Deno.test("the day's limit holds until midnight UTC", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { perMinute: 60, burst: 60, perDay: 2 };
  const late = new Date("2026-11-23T23:59:50Z");
  assert.equal((await decide(sql, "user:a", limits, late)).day_remaining, 1);
  assert.equal((await decide(sql, "user:a", limits, late)).day_remaining, 0);
  const refused = await decide(sql, "user:a", limits, late);
  assert.equal(refused.limited_by, "day");
  assert.equal(refused.retry_after_ms, 10_000);
  assert.equal((await decide(sql, "user:a", limits, after(9_999, late))).allowed, false);
  const next = await decide(sql, "user:a", limits, after(10_000, late));
  assert.equal(next.allowed, true);
  assert.equal(next.day_remaining, 1);
});

Deno.test("of two limits that refuse, the one with the longer wait is named", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { perMinute: 1, burst: 1, perDay: 1 };
  await decide(sql, "user:day", limits, NOON);
  assert.equal((await decide(sql, "user:day", limits, NOON)).limited_by, "day");
  const late = new Date("2026-11-23T23:59:50Z");
  await decide(sql, "user:minute", limits, late);
  assert.equal((await decide(sql, "user:minute", limits, late)).limited_by, "minute");
});

Deno.test("a refusal takes nothing", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { perMinute: 1, burst: 1, perDay: 10 };
  await decide(sql, "user:a", limits, NOON);
  const [before] = await sql`select * from semantic_analysis.rate_limits`;
  for (let i = 0; i < 5; i++) await decide(sql, "user:a", limits, after(i));
  const [afterwards] = await sql`select * from semantic_analysis.rate_limits`;
  assert.deepEqual(afterwards, before);
});

Deno.test("reading takes nothing, and makes no row", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const fresh = await decide(sql, "user:a", LIMITS, NOON, { isReserving: false });
  assert.equal(fresh.allowed, true);
  assert.equal(fresh.minute_remaining, 5);
  assert.equal(fresh.minute_reset_ms, 0);
  assert.equal(fresh.day_remaining, 200);
  assert.equal((await sql`select from semantic_analysis.rate_limits`).length, 0);
});

Deno.test("reading shows the state that reserving left", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const reserved = await decide(sql, "user:a", LIMITS, NOON);
  const read = await decide(sql, "user:a", LIMITS, NOON, { isReserving: false });
  assert.deepEqual(read, reserved);
});

Deno.test("a clock that steps back gives nobody more than the burst", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (let i = 0; i < 5; i++) await decide(sql, "user:a", LIMITS, NOON);
  // An hour back: the burst is still used up, but comes back at its rate and not after an hour.
  const back = after(-3_600_000);
  const refused = await decide(sql, "user:a", LIMITS, back);
  assert.equal(refused.allowed, false);
  assert.equal(refused.retry_after_ms, 3_000);
});

Deno.test("a clock that steps back over midnight doesn't give a second day", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { perMinute: 60, burst: 60, perDay: 2 };
  const midnight = new Date("2026-11-24T00:00:00Z");
  await decide(sql, "user:a", limits, midnight);
  await decide(sql, "user:a", limits, midnight);
  const refused = await decide(sql, "user:a", limits, after(-1_000, midnight));
  assert.equal(refused.limited_by, "day");
  assert.equal(refused.retry_after_ms, 86_401_000);
});

Deno.test("a day far in the future, from a clock that was wrong, is reset", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { perMinute: 60, burst: 1, perDay: 1 };
  await decide(sql, "user:a", limits, new Date("2027-06-01T00:00:00Z"));
  const { day_remaining: dayRemaining, limited_by: limitedBy, retry_after_ms: waitMs } =
    await decide(sql, "user:a", limits, NOON);
  assert.equal(dayRemaining, 1);
  // The burst that was used then is used up, and comes back at its rate.
  assert.equal(limitedBy, "minute");
  assert.equal(waitMs, 1_000);
});

Deno.test("smaller limits are in force at once", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (let i = 0; i < 5; i++) await decide(sql, "user:a", LIMITS, NOON);
  const smaller = { perMinute: 20, burst: 1, perDay: 3 };
  const decision = await decide(sql, "user:a", smaller, after(3_000));
  assert.equal(decision.allowed, false);
  assert.equal(decision.limited_by, "day");
  assert.equal(decision.day_remaining, 0);
  assert.equal(decision.minute_reset_ms, 3_000);
});

Deno.test("limits below 1 are an error, not a free pass", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const field of ["perMinute", "burst", "perDay"]) {
    await assert.rejects(decide(sql, "user:a", { ...LIMITS, [field]: 0 }, NOON));
  }
});

Deno.test("64 parallel callers with a burst of 20 and one a minute: exactly 20 get through", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 64 });
  const limits = { perMinute: 1, burst: 20, perDay: 200 };
  const decisions = await Promise.all(
    Array.from({ length: 64 }, () => decide(sql, "user:a", limits, null)),
  );
  assert.equal(decisions.filter(({ allowed }) => allowed).length, 20);
  const remaining = decisions.filter(({ allowed }) => allowed)
    .map(({ minute_remaining }) => minute_remaining);
  assert.deepEqual(remaining.toSorted((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i));
});

Deno.test("64 parallel callers at a day's limit of 20: exactly 20 get through", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 64 });
  const limits = { perMinute: 60_000, burst: 60_000, perDay: 20 };
  const decisions = await Promise.all(
    Array.from({ length: 64 }, () => decide(sql, "user:a", limits, null)),
  );
  assert.equal(decisions.filter(({ allowed }) => allowed).length, 20);
});

Deno.test("parallel users don't touch each other's limits", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 32 });
  const limits = { perMinute: 1, burst: 5, perDay: 200 };
  const subjects = ["user:a", "user:b", "user:c", "user:d"];
  const decisions = await Promise.all(
    Array.from({ length: 64 }, async (_, i) => {
      const subject = subjects[i % 4]!;
      return { subject, ...await decide(sql, subject, limits, null) };
    }),
  );
  for (const subject of subjects) {
    const admitted = decisions.filter((decision) =>
      decision.subject === subject && decision.allowed
    );
    assert.equal(admitted.length, 5, subject);
  }
});

Deno.test("a user whose row is held doesn't hold up another", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 2 });
  await decide(sql, "user:a", LIMITS, NOON);
  await sql.begin(async (holder) => {
    await holder`select from semantic_analysis.rate_limits where subject = 'user:a' for update`;
    assert.equal((await decide(sql, "user:b", LIMITS, NOON)).allowed, true);
  });
});

Deno.test("the API's function gives up on a row that is held, and takes nothing", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 2 });
  const reserve = () => sql`select public.semantic_analysis_reserve('user:a', 20, 5, 200)`;
  await reserve();
  await sql.begin(async (holder) => {
    await holder`select from semantic_analysis.rate_limits where subject = 'user:a' for update`;
    await assert.rejects(reserve(), (error) => (error as { code: string }).code === "55P03");
  });
  const [row] = await sql`select day_used from semantic_analysis.rate_limits`;
  assert.equal(row!.day_used, 1);
});

/** The limiter as a page of TypeScript, in microseconds. */
function createModel(limits: Limits) {
  const intervalUs = Math.round(60e6 / limits.perMinute);
  let tatUs = -Infinity;
  let day = -Infinity;
  let used = 0;
  return (nowUs: number): boolean => {
    const today = Math.floor(nowUs / 86_400e6);
    if (day < today || day > today + 1) [day, used] = [today, 0];
    const windowUs = intervalUs * limits.burst;
    const tat = Math.min(Math.max(tatUs, nowUs), nowUs + windowUs);
    if (tat + intervalUs > nowUs + windowUs || used >= limits.perDay) return false;
    tatUs = tat + intervalUs;
    used++;
    return true;
  };
}

Deno.test("any sequence of requests and clock steps is decided as the model decides it", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = fc.record({
    perMinute: fc.integer({ min: 1, max: 60 }),
    burst: fc.integer({ min: 1, max: 10 }),
    perDay: fc.integer({ min: 1, max: 12 }),
  });
  const stepMs = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -90_000_000, max: 90_000_000 }) },
  );
  let subjects = 0;
  await fc.assert(
    fc.asyncProperty(limits, fc.array(stepMs, { maxLength: 25 }), async (limits, steps) => {
      const subject = `user:${subjects++}`;
      const model = createModel(limits);
      let now = NOON;
      for (const step of steps) {
        now = after(step, now);
        const decision = await decide(sql, subject, limits, now);
        assert.equal(decision.allowed, model(now.getTime() * 1000));
        assert.ok(decision.minute_remaining >= 0 && decision.minute_remaining <= limits.burst);
        assert.ok(decision.day_remaining >= 0);
        assert.equal(decision.allowed, decision.retry_after_ms === null);
      }
    }),
    { numRuns: 100 },
  );
});
