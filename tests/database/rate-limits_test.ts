/** Each limit by itself; any of them together: limiter-properties_test.ts. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { type Limits, readRow, reserve, settle } from "./limiter.ts";

const NOON = new Date("2026-11-23T12:00:00Z");
const after = (ms: number, start = NOON) => new Date(start.getTime() + ms);

const LIMITS: Partial<Limits> = { perMinute: 20, burst: 5, perDay: 200 };

Deno.test("a burst is admitted at once, then one request each interval", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (let left = 4; left >= 0; left--) {
    const decision = await reserve(sql, { limits: LIMITS, now: NOON });
    assert.equal(decision.outcome, "leader");
    assert.equal(decision.minute_remaining, left);
    assert.equal(decision.minute_reset_ms, (5 - left) * 3_000);
  }
  assert.deepEqual(await reserve(sql, { limits: LIMITS, now: NOON }), {
    outcome: "denied",
    limited_by: "minute",
    retry_after_ms: 3_000,
    per_minute: 20,
    burst: 5,
    minute_remaining: 0,
    minute_reset_ms: 15_000,
    per_day: 200,
    day_remaining: 195,
    day_reset_ms: 12 * 3_600_000,
    concurrent: 1_000,
    held: 5,
    nano_per_month: null,
    spent_nano: 5_000_000,
    month_reset_ms: 7.5 * 86_400_000,
  });
  const at = async (ms: number) => (await reserve(sql, { limits: LIMITS, now: after(ms) })).outcome;
  assert.equal(await at(2_999), "denied");
  assert.equal(await at(3_000), "leader");
  assert.equal(await at(3_000), "denied");
});

Deno.test("the wait that a denial names is exact", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  // 60 s / 7 is no whole number of microseconds.
  const limits = { perMinute: 7, burst: 3 };
  for (let i = 0; i < 3; i++) await reserve(sql, { limits, now: NOON });
  const { retry_after_ms: waitMs } = await reserve(sql, { limits, now: NOON });
  assert.equal((await reserve(sql, { limits, now: after(waitMs! - 1) })).outcome, "denied");
  assert.equal((await reserve(sql, { limits, now: after(waitMs!) })).outcome, "leader");
});

Deno.test("the day's limit holds until midnight UTC", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { perDay: 2 };
  const late = new Date("2026-11-23T23:59:50Z");
  assert.equal((await reserve(sql, { limits, now: late })).day_remaining, 1);
  assert.equal((await reserve(sql, { limits, now: late })).day_remaining, 0);
  const denied = await reserve(sql, { limits, now: late });
  assert.equal(denied.limited_by, "day");
  assert.equal(denied.retry_after_ms, 10_000);
  const next = await reserve(sql, { limits, now: after(10_000, late) });
  assert.equal(next.outcome, "leader");
  assert.equal(next.day_remaining, 1);
});

Deno.test("the month's dollars are taken in advance, and hold until the month ends", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { nanoPerMonth: 2_500 };
  const last = new Date("2026-11-30T23:59:00Z");
  for (const spent of [1_000, 2_000]) {
    const decision = await reserve(sql, { limits, ceilingNano: 1_000, now: last });
    assert.equal(decision.spent_nano, spent);
  }
  const denied = await reserve(sql, { limits, ceilingNano: 1_000, now: last });
  assert.equal(denied.limited_by, "month");
  assert.equal(denied.retry_after_ms, 60_000);
  // A cheaper one fits exactly.
  assert.equal((await reserve(sql, { limits, ceilingNano: 500, now: last })).outcome, "leader");
  const next = await reserve(sql, { limits, ceilingNano: 1_000, now: after(60_000, last) });
  assert.equal(next.outcome, "leader");
  assert.equal(next.spent_nano, 1_000);
});

Deno.test("the project's dollars are those of all subjects together", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const options = { projectNanoPerMonth: 2_000, ceilingNano: 1_000, now: NOON };
  const id = crypto.randomUUID();
  assert.equal((await reserve(sql, { ...options, id, subject: "user:a" })).outcome, "leader");
  assert.equal((await reserve(sql, { ...options, subject: "user:b" })).outcome, "leader");
  const denied = await reserve(sql, { ...options, subject: "user:c" });
  assert.equal(denied.limited_by, "project_month");
  assert.equal(await readRow(sql, "user:c").then((row) => row?.day_used), 0);
  await settle(sql, { id, actualNano: 1, now: NOON });
  assert.equal((await readRow(sql, "project"))!.spent_nano, 1_001);
});

Deno.test("a request at a time: settled or expired, it makes room", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { concurrent: 1 };
  const id = crypto.randomUUID();
  await reserve(sql, { id, limits, now: NOON });
  const denied = await reserve(sql, { limits, now: NOON });
  assert.equal(denied.limited_by, "concurrent");
  assert.equal(denied.retry_after_ms, 1_000);
  await settle(sql, { id, now: NOON });
  assert.equal((await reserve(sql, { limits, now: NOON })).outcome, "leader");
  // That one is lost: its place is free after its lease, its day and its dollars are not given back.
  assert.equal((await reserve(sql, { limits, now: after(89_999) })).outcome, "denied");
  const next = await reserve(sql, { limits, now: after(90_000) });
  assert.equal(next.outcome, "leader");
  assert.equal(next.day_remaining, 1_000_000 - 3);
  assert.equal(next.spent_nano, 2_000_000);
});

Deno.test("settling replaces the ceiling by the cost, once", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = crypto.randomUUID();
  await reserve(sql, { id, ceilingNano: 1_000, now: NOON });
  const settlement = { id, actualNano: 300, givesBackDay: true, now: NOON };
  assert.equal(await settle(sql, settlement), true);
  const row = { day_used: 0, spent_nano: 300, holds: 0 };
  assert.deepEqual(await readRow(sql), row);
  assert.equal(await settle(sql, settlement), false);
  assert.equal(await settle(sql, { ...settlement, id: crypto.randomUUID() }), false);
  assert.deepEqual(await readRow(sql), row);
});

Deno.test("a settle that comes after the lease changes nothing", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = crypto.randomUUID();
  await reserve(sql, { id, ceilingNano: 1_000, now: NOON });
  assert.equal(await settle(sql, { id, givesBackDay: true, now: after(90_000) }), false);
  assert.equal((await readRow(sql))!.spent_nano, 1_000);
  assert.equal((await readRow(sql))!.day_used, 1);
});

Deno.test("units taken in another day or month are not given back in this one", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = crypto.randomUUID();
  const before = new Date("2026-11-30T23:59:59Z");
  await reserve(sql, { id, ceilingNano: 1_000, now: before });
  await reserve(sql, { ceilingNano: 700, now: after(1_000, before) });
  await settle(sql, { id, actualNano: 1, givesBackDay: true, now: after(2_000, before) });
  assert.deepEqual(await readRow(sql), { day_used: 1, spent_nano: 700, holds: 1 });
});

Deno.test("of several limits that deny, the one with the longest wait is named", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { perMinute: 1, burst: 1, perDay: 1, concurrent: 1, nanoPerMonth: 1_000_000 };
  const namedAt = async (subject: string, now: Date, changes: Partial<Limits> = {}) => {
    const options = { subject, limits: { ...limits, ...changes }, now };
    await reserve(sql, options);
    return (await reserve(sql, options)).limited_by;
  };
  assert.equal(await namedAt("user:month", NOON), "month");
  assert.equal(await namedAt("user:day", NOON, { nanoPerMonth: null }), "day");
  const late = new Date("2026-11-23T23:59:50Z");
  assert.equal(await namedAt("user:minute", late, { nanoPerMonth: null }), "minute");
});

Deno.test("a denial takes nothing", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const read = () => sql`select * from semantic_analysis.rate_limits`;
  for (
    const limits of [
      { perMinute: 1, burst: 1 },
      { perDay: 1 },
      { concurrent: 1 },
      { nanoPerMonth: 1_000_000 },
    ]
  ) {
    const subject = `user:${JSON.stringify(limits)}`;
    await reserve(sql, { subject, limits, now: NOON });
    const before = await read();
    for (let i = 0; i < 3; i++) {
      assert.equal((await reserve(sql, { subject, limits, now: after(i) })).outcome, "denied");
    }
    assert.deepEqual([...await read()], [...before]);
  }
});

Deno.test("a minute unit alone takes neither day nor dollars", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const options = {
    limits: { burst: 2, perMinute: 1, perDay: 0 },
    ceilingNano: null,
    projectNanoPerMonth: 0,
    now: NOON,
  };
  assert.equal((await reserve(sql, options)).outcome, "minute");
  assert.equal((await reserve(sql, options)).outcome, "minute");
  assert.equal((await reserve(sql, options)).limited_by, "minute");
  assert.deepEqual(await readRow(sql), { day_used: 0, spent_nano: 0, holds: 0 });
});

Deno.test("a clock that steps back admits no more than the burst", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (let i = 0; i < 5; i++) await reserve(sql, { limits: LIMITS, now: NOON });
  // An hour back: the burst is still used up, but comes back at its rate and not after an hour.
  const denied = await reserve(sql, { limits: LIMITS, now: after(-3_600_000) });
  assert.equal(denied.outcome, "denied");
  assert.equal(denied.retry_after_ms, 3_000);
  const next = await reserve(sql, { limits: LIMITS, now: after(-3_597_000) });
  assert.equal(next.outcome, "leader");
});

Deno.test("a clock that steps back over midnight gives neither a second day nor a second month", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { perDay: 2 };
  const midnight = new Date("2026-12-01T00:00:00Z");
  await reserve(sql, { limits, now: midnight });
  await reserve(sql, { limits, now: midnight });
  const denied = await reserve(sql, { limits, now: after(-1_000, midnight) });
  assert.equal(denied.limited_by, "day");
  assert.equal(denied.retry_after_ms, 86_401_000);
  assert.equal(denied.spent_nano, 2_000_000);
});

Deno.test("a day far in the future, from a clock that was wrong, is reset", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const limits = { perMinute: 60, burst: 1, perDay: 1 };
  await reserve(sql, { limits, now: new Date("2027-06-01T00:00:00Z") });
  const decision = await reserve(sql, { limits, now: NOON });
  assert.equal(decision.day_remaining, 1);
  assert.equal(decision.spent_nano, 0);
  // The burst that was used then is used up, and comes back at its rate.
  assert.equal(decision.limited_by, "minute");
  assert.equal(decision.retry_after_ms, 1_000);
});

Deno.test("smaller limits are in force at once", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (let i = 0; i < 5; i++) await reserve(sql, { limits: LIMITS, now: NOON });
  const smaller = { perMinute: 20, burst: 1, perDay: 3 };
  const decision = await reserve(sql, { limits: smaller, now: after(3_000) });
  assert.equal(decision.limited_by, "day");
  assert.equal(decision.day_remaining, 0);
  assert.equal(decision.minute_reset_ms, 3_000);
});

Deno.test("limits that make no sense are an error, not a free pass", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const field of ["perMinute", "burst", "concurrent"]) {
    for (const value of [0, null]) {
      const limits = { ...LIMITS, [field]: value };
      await assert.rejects(reserve(sql, { limits }), { code: "22023" }, `${field}: ${value}`);
    }
  }
  await assert.rejects(reserve(sql, { ceilingNano: -1 }), { code: "22023" });
});

Deno.test("read_limits tells what is left, and makes no row", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const read = async () => {
    const [row] = await sql`
      select public.semantic_analysis_read_limits('user:a', 20, 5, 200, 1000) as state`;
    const { day_reset_ms: _, month_reset_ms: __, ...state } = row!.state;
    return state;
  };
  const fresh = await read();
  assert.equal(fresh.minute_remaining, 5);
  assert.equal(fresh.minute_reset_ms, 0);
  assert.equal(fresh.day_remaining, 200);
  assert.equal(fresh.held, 0);
  assert.equal(fresh.spent_nano, 0);
  assert.equal((await sql`select from semantic_analysis.rate_limits`).length, 0);
  await reserve(sql, { limits: LIMITS, now: null, projectNanoPerMonth: 1e9 });
  const used = await read();
  assert.equal(used.minute_remaining, 4);
  assert.equal(used.day_remaining, 199);
  assert.equal(used.held, 1);
  assert.equal(used.spent_nano, 1_000_000);
  assert.equal(used.project_spent_nano, 1_000_000);
});
