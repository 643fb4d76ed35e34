/** What the task doctor reads of the ledger's last days. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { settle } from "./limiter.ts";

const DAY_MS = 86_400_000;

async function write(
  sql: postgres.Sql,
  entry: Record<string, string | number>,
  daysAgo = 0,
): Promise<void> {
  const now = new Date(Date.now() - daysAgo * DAY_MS);
  await settle(sql, { id: crypto.randomUUID(), entry, now });
}

async function read(sql: postgres.Sql, days: number | null) {
  const [row] = await sql`select public.semantic_analysis_read_days(${days}) as report`;
  return row!.report;
}

const answered = {
  outcome: "ok",
  cache: "miss",
  model_requested: "a/first",
  model_used: "a/first",
};

Deno.test("read days: an empty ledger has a row a day and nothing else", async () => {
  await using database = await openTestDatabase();
  const report = await read(database.connect({ maxConnections: 1 }), 3);
  assert.equal(report.days.length, 3);
  assert.deepEqual(
    report.days.map((
      { requests, cost_usd, p50_ms }: Record<string, unknown>,
    ) => [requests, cost_usd, p50_ms]),
    Array(3).fill([0, 0, null]),
  );
  const { days: _, ...others } = report;
  assert.deepEqual(others, { models: [], denials: [], outcomes: [], spenders: [] });
});

Deno.test("read days: each day's requests, cache, models and errors, of those days alone", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await write(sql, { ...answered, total_ms: 100 });
  await write(sql, { ...answered, total_ms: 300, model_used: "b/second" });
  await write(sql, { ...answered, total_ms: 5, cache: "hit" });
  await write(sql, { outcome: "UPSTREAM_TIMEOUT", model_requested: "a/first" });
  await write(sql, { ...answered, total_ms: 200 }, 1);
  await write(sql, answered, 5);
  const { days, models, outcomes } = await read(sql, 2);
  assert.deepEqual(
    days.map((
      day: Record<string, unknown>,
    ) => [day.requests, day.answered, day.known, day.lookups, day.p50_ms, day.p95_ms]),
    [[1, 1, 0, 1, 200, 200], [4, 3, 1, 3, 100, 300]],
  );
  assert.deepEqual(
    models.map(({ model, requests }: Record<string, unknown>) => [model, requests]),
    [["a/first", 1], ["a/first", 2], ["b/second", 1]],
  );
  assert.deepEqual(outcomes, [{ outcome: "UPSTREAM_TIMEOUT", requests: 1 }]);
});

Deno.test("read days: denials by limit, and the subjects that cost most", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`
    insert into semantic_analysis.ledger (id, at, subject, outcome, limited_by, requests, cost_nano)
    values
      (gen_random_uuid(), now(), 'user:1', 'denied', 'day', 7, 0),
      (gen_random_uuid(), now(), 'user:2', 'denied', 'day', 1, 0),
      (gen_random_uuid(), now(), 'user:2', 'ok', null, 1, 2000000),
      (gen_random_uuid(), now(), 'service:default', 'ok', null, 1, 5000000)`;
  const { denials, spenders, outcomes } = await read(sql, 14);
  assert.deepEqual(denials, [{ limited_by: "day", requests: 8, subjects: 2 }]);
  assert.deepEqual(spenders, [
    { subject: "service:default", requests: 1, cost_usd: 0.005 },
    { subject: "user:2", requests: 2, cost_usd: 0.002 },
  ]);
  assert.deepEqual(outcomes, []);
});

Deno.test("read days: the days are from 1 to 90, whatever is asked for", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const counts = [];
  for (const days of [-5, 0, 1, 90, 2_000_000_000, null]) {
    counts.push((await read(sql, days)).days.length);
  }
  assert.deepEqual(counts, [1, 1, 1, 90, 90, 14]);
});
