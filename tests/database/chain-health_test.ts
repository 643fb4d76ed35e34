/** Whether the chain of models does what it is there for, from the ledger's last day. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { settle } from "./limiter.ts";

interface Rows {
  count: number;
  entry: Record<string, string | number>;
  hoursAgo?: number;
}

async function write(sql: postgres.Sql, { count, entry, hoursAgo = 1 }: Rows): Promise<void> {
  for (let i = 0; i < count; i++) {
    const now = new Date(Date.now() - hoursAgo * 3_600_000 + i);
    await settle(sql, { id: crypto.randomUUID(), entry, now });
  }
}

const answered = (model: string, cache = "miss") => ({
  outcome: "ok",
  cache,
  model_requested: "a/first",
  model_used: model,
  attempts: 1,
});

async function read(sql: postgres.Sql) {
  const [row] = await sql`select public.semantic_analysis_read_chain_health() as health`;
  return row!.health;
}

Deno.test("chain health: an empty ledger has no problem", async () => {
  await using database = await openTestDatabase();
  const { since: _, ...health } = await read(database.connect({ maxConnections: 1 }));
  assert.deepEqual(health, {
    first_model: null,
    answers: 0,
    models: [],
    cache: { lookups: 0, hits: 0 },
    latest_calls: { calls: 0, failures: 0 },
    problems: [],
  });
});

Deno.test("chain health: which model answered how often, of the last day alone", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await write(sql, { count: 3, entry: answered("a/first") });
  await write(sql, { count: 2, entry: answered("b/second", "refresh") });
  await write(sql, { count: 4, entry: answered("b/second", "hit") });
  await write(sql, { count: 9, entry: answered("b/second"), hoursAgo: 25 });
  // A model that a caller named, asked alone.
  await write(sql, { count: 1, entry: { ...answered("c/third"), model_requested: "c/third" } });
  const { first_model, answers, models, cache, problems } = await read(sql);
  assert.deepEqual([first_model, answers], ["a/first", 5]);
  assert.deepEqual(models, [
    { model: "a/first", answers: 3 },
    { model: "b/second", answers: 2 },
  ]);
  assert.deepEqual(cache, { lookups: 8, hits: 4 });
  assert.deepEqual(problems, []);
});

Deno.test("chain health: a first model that never answers is seen, and a fallback that always does", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await write(sql, { count: 19, entry: answered("b/second", "off") });
  assert.deepEqual((await read(sql)).problems, []);
  await write(sql, { count: 1, entry: answered("b/second", "off") });
  const both = ["first_model_never_answers", "fallback_always_answers"];
  assert.deepEqual((await read(sql)).problems, both);
  await write(sql, { count: 1, entry: answered("a/first", "off") });
  assert.deepEqual((await read(sql)).problems, ["fallback_always_answers"]);
  await write(sql, { count: 1, entry: answered("a/first", "off") });
  assert.deepEqual((await read(sql)).problems, []);
});

Deno.test("chain health: a cache that never hits is seen", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await write(sql, { count: 200, entry: answered("a/first") });
  assert.deepEqual((await read(sql)).problems, ["cache_never_hits"]);
  await write(sql, { count: 1, entry: answered("a/first", "joined") });
  assert.deepEqual((await read(sql)).problems, []);
});

Deno.test("chain health: a provider that fails is seen by the latest 30 requests to it", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const failed = (outcome: string) => ({ outcome, cache: "off", attempts: 2 });
  await write(sql, { count: 50, entry: answered("a/first", "off"), hoursAgo: 2 });
  await write(sql, { count: 28, entry: failed("UPSTREAM_UNAVAILABLE") });
  assert.deepEqual((await read(sql)).latest_calls, { calls: 30, failures: 28 });
  assert.deepEqual((await read(sql)).problems, []);
  await write(sql, { count: 1, entry: failed("UPSTREAM_TIMEOUT"), hoursAgo: 0.5 });
  assert.deepEqual((await read(sql)).problems, ["provider_fails"]);
  // The provider answered, or was not asked.
  await write(sql, { count: 2, entry: failed("UPSTREAM_REJECTED"), hoursAgo: 0.4 });
  const unasked = { outcome: "UPSTREAM_UNAVAILABLE", cache: "off", attempts: 0 };
  await write(sql, { count: 30, entry: unasked, hoursAgo: 0.3 });
  assert.deepEqual((await read(sql)).latest_calls, { calls: 30, failures: 28 });
});
