/** The cache and single-flight: hits, leaders and their followers. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { keyOf, readAnswer, readRow, reserve, settle } from "./limiter.ts";

const NOON = new Date("2026-11-23T12:00:00Z");
const after = (seconds: number) => new Date(NOON.getTime() + seconds * 1_000);

const KEY = keyOf(1);

async function lead(sql: postgres.Sql, options: { key?: string; now?: Date | null } = {}) {
  const id = crypto.randomUUID();
  const decision = await reserve(sql, { key: KEY, now: NOON, ...options, id });
  assert.equal(decision.outcome, "leader");
  return id;
}

Deno.test("an answer is given again until it expires, for a minute unit and no more", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await lead(sql);
  await settle(sql, { id, key: KEY, answer: '{"a":1}', ttlS: 60, now: after(1) });
  const hit = await reserve(sql, {
    subject: "user:b",
    key: KEY,
    limits: { perDay: 0, concurrent: 1, nanoPerMonth: 0, perMinute: 60, burst: 2 },
    projectNanoPerMonth: 0,
    now: after(60),
  });
  assert.equal(hit.outcome, "hit");
  assert.equal(hit.answer, '{"a":1}');
  assert.equal(hit.age_ms, 59_000);
  assert.equal(hit.minute_remaining, 1);
  assert.deepEqual(await readRow(sql, "user:b"), { day_used: 0, spent_nano: 0, holds: 0 });
  assert.equal((await reserve(sql, { key: KEY, now: after(61) })).outcome, "leader");
});

Deno.test("reserve: a used up minute denies even a hit", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await lead(sql);
  await settle(sql, { id, key: KEY, answer: "{}", ttlS: 60, now: NOON });
  const options = {
    subject: "user:b",
    key: KEY,
    limits: { perMinute: 1, burst: 1 },
    now: NOON,
  };
  assert.equal((await reserve(sql, options)).outcome, "hit");
  assert.equal((await reserve(sql, options)).limited_by, "minute");
});

Deno.test("reserve: an identical request under way makes a follower, who is told its leader", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await lead(sql);
  const joined = await reserve(sql, { subject: "user:b", key: KEY, now: after(1) });
  assert.equal(joined.outcome, "follower");
  assert.equal(joined.holder, id);
  assert.deepEqual(await readRow(sql, "user:b"), { day_used: 0, spent_nano: 0, holds: 0 });
  assert.equal((await reserve(sql, { key: keyOf(2), now: NOON })).outcome, "leader");
});

Deno.test("a lease that runs out is for the next one to take over, with a full reservation", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await lead(sql);
  assert.equal((await reserve(sql, { key: KEY, now: after(89) })).outcome, "follower");
  const id = crypto.randomUUID();
  const takeover = await reserve(sql, { subject: "user:b", id, key: KEY, now: after(90) });
  assert.equal(takeover.outcome, "leader");
  assert.equal((await readRow(sql, "user:b"))!.day_used, 1);
  assert.equal((await reserve(sql, { key: KEY, now: after(91) })).holder, id);
});

Deno.test("read_answer: a follower sees its answer pending, then ready", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await lead(sql, { now: null });
  assert.deepEqual(await readAnswer(sql, KEY, id), { state: "pending" });
  await settle(sql, { id, key: KEY, answer: "{}", ttlS: 60 });
  assert.deepEqual(await readAnswer(sql, KEY, id), { state: "ready", answer: "{}" });
  // Another leader may have taken over in between: there is an answer.
  assert.equal((await readAnswer(sql, KEY, crypto.randomUUID())).state, "ready");
});

Deno.test("settle: an answer not worth keeping reaches its followers alone", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await lead(sql, { now: null });
  await settle(sql, { id, key: KEY, answer: "{}", ttlS: 0 });
  assert.deepEqual(await readAnswer(sql, KEY, id), { state: "ready", answer: "{}" });
  assert.equal((await readAnswer(sql, KEY, crypto.randomUUID())).state, "free");
  assert.equal((await reserve(sql, { key: KEY })).outcome, "leader");
});

Deno.test("settle: a failure reaches its followers alone, and the key is free at once", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await lead(sql, { now: null });
  const failure = { code: "UPSTREAM_REJECTED", message: "No" };
  await settle(sql, { id, key: KEY, failure });
  assert.deepEqual(await readAnswer(sql, KEY, id), { state: "failed", failure });
  assert.equal((await readAnswer(sql, KEY, crypto.randomUUID())).state, "free");
  const next = await lead(sql, { now: null });
  assert.equal((await readAnswer(sql, KEY, id)).state, "pending");
  await settle(sql, { id: next, key: KEY });
  assert.equal((await readAnswer(sql, KEY, next)).state, "free");
});

Deno.test("settle: a refresh replaces the answer, and leaves another leader's claim alone", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const refresh = crypto.randomUUID();
  await reserve(sql, { id: refresh, key: null, now: NOON });
  const asking = await lead(sql);
  await settle(sql, { id: refresh, key: KEY, answer: '"new"', ttlS: 60, now: after(1) });
  assert.equal((await reserve(sql, { key: KEY, now: after(2) })).answer, '"new"');
  // Its own, poorer answer does not displace the better one.
  await settle(sql, { id: asking, key: KEY, answer: '"prose"', ttlS: 0, now: after(3) });
  assert.equal((await reserve(sql, { key: KEY, now: after(4) })).answer, '"new"');
});

Deno.test("an expired hold does not write the cache", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await lead(sql);
  await settle(sql, { id, key: KEY, answer: "{}", ttlS: 60, now: after(90) });
  assert.equal((await reserve(sql, { key: KEY, now: after(91) })).outcome, "leader");
});

Deno.test("a claim is given up although its subject's row was deleted meanwhile", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await lead(sql, { now: null });
  await sql`delete from semantic_analysis.rate_limits`;
  assert.equal(await settle(sql, { id, key: KEY, answer: "{}", ttlS: 60 }), false);
  assert.deepEqual(await readAnswer(sql, KEY, id), { state: "ready", answer: "{}" });
  assert.equal(await readRow(sql), null);
});

Deno.test("no more answers are kept than there may be: the oldest go", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (let byte = 0; byte < 40; byte++) {
    const id = await lead(sql, { key: keyOf(byte) });
    const key = keyOf(byte);
    await settle(sql, { id, key, answer: "{}", ttlS: 600, maxAnswers: 10, now: NOON });
  }
  const kept = await sql`select encode(key, 'hex') as key from semantic_analysis.answers`;
  assert.ok(kept.length <= 10 && kept.length >= 5, String(kept.length));
  assert.equal((await reserve(sql, { key: keyOf(39), now: NOON })).outcome, "hit");
  assert.equal((await reserve(sql, { key: keyOf(1), now: NOON })).outcome, "leader");
});

Deno.test("settle: expired answers are evicted as others are stored", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (let byte = 0; byte < 20; byte++) {
    const id = await lead(sql, { key: keyOf(byte) });
    await settle(sql, { id, key: keyOf(byte), answer: "{}", ttlS: 60, now: NOON });
  }
  for (let byte = 20; byte < 30; byte++) {
    const id = await lead(sql, { key: keyOf(byte), now: after(600) });
    await settle(sql, { id, key: keyOf(byte), answer: "{}", ttlS: 60, now: after(600) });
  }
  const [{ rows }] = await sql<[{ rows: number }]>`
    select count(*)::int as rows from semantic_analysis.answers`;
  assert.equal(rows, 10);
});

Deno.test("a key that isn't one is an error", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await assert.rejects(reserve(sql, { key: "00" }), { code: "23514" });
});
