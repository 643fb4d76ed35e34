/** What is written of requests, who may read it, and what becomes of it. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { reserve, settle, type SettleOptions } from "./limiter.ts";

const NOON = new Date("2025-11-23T12:00:10Z");

const ENTRY = {
  caller: "user",
  analysis_type: "material_identification",
  outcome: "ok",
  cache: "miss",
  model_requested: "a/first",
  model_used: "b/second",
  attempts: 2,
  prompt_tokens: 1_700,
  completion_tokens: 120,
  total_ms: 900,
  upstream_ms: 850,
  raw_confidence: 0.93,
  confidence_method: "fused",
  model_asked: "b/second",
  prompt_version: "0123456789abcdef",
  schema_version: "fedcba9876543210",
  family: "wood",
  answer_hash: "07".repeat(32),
};

async function write(sql: postgres.Sql, options: Partial<SettleOptions> = {}): Promise<string> {
  const id = crypto.randomUUID();
  await settle(sql, { id, actualNano: 1_000, entry: ENTRY, now: NOON, ...options });
  return id;
}

Deno.test("one row a request, however often it is settled", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = crypto.randomUUID();
  await reserve(sql, { id, now: NOON });
  for (let i = 0; i < 3; i++) await write(sql, { id });
  const [row, ...others] = await sql`select * from semantic_analysis.ledger`;
  assert.equal(others.length, 0);
  assert.deepEqual({ ...row }, {
    ...ENTRY,
    id,
    at: NOON,
    subject: "user:a",
    requests: "1",
    limited_by: null,
    is_streamed: null,
    attempts: "2",
    prompt_tokens: "1700",
    completion_tokens: "120",
    total_ms: "900",
    upstream_ms: "850",
    raw_confidence: "0.93",
    answer_hash: Buffer.alloc(32, 7),
    cost_nano: "1000",
  });
});

Deno.test("denials of a subject by one limit within a minute are counted in one row", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const deny = (subject: string, limitedBy: string, seconds: number) =>
    settle(sql, {
      id: crypto.randomUUID(),
      subject,
      actualNano: null,
      entry: { outcome: "RATE_LIMITED", limited_by: limitedBy },
      now: new Date(NOON.getTime() + seconds * 1_000),
    });
  for (let i = 0; i < 5; i++) await deny("user:a", "minute", i);
  await deny("user:a", "day", 0);
  await deny("user:b", "minute", 0);
  await deny("user:a", "minute", 60);
  const rows = await sql`
    select subject, limited_by, requests from semantic_analysis.ledger order by at, 1, 2`;
  assert.deepEqual(rows.map((row) => Object.values(row).join(" ")), [
    "user:a day 1",
    "user:a minute 5",
    "user:b minute 1",
    "user:a minute 1",
  ]);
});

Deno.test("users read their own rows of the ledger alone", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const [a, b] = [crypto.randomUUID(), crypto.randomUUID()];
  for (const user of [a, a, b]) await write(sql, { subject: `user:${user}` });
  await write(sql, { subject: "service:default" });
  const rowsOf = (claims: unknown, role = "authenticated") =>
    sql.begin(async (transaction) => {
      await transaction.unsafe(`set local role ${role}`);
      await transaction`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
      return await transaction`select * from public.semantic_analysis_usage`;
    });
  const own = await rowsOf({ sub: a });
  assert.equal(own.length, 2);
  assert.equal(own[0]!.cost_usd, 0.000001);
  assert.equal("subject" in own[0]!, false);
  assert.equal((await rowsOf({ sub: crypto.randomUUID() })).length, 0);
  assert.equal((await rowsOf({})).length, 0);
  await assert.rejects(rowsOf({ sub: a }, "anon"), { code: "42501" });
});

Deno.test("the operators' views add up", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const totalMs of [100, 200, 300]) {
    await write(sql, { entry: { ...ENTRY, total_ms: totalMs } });
  }
  await write(sql, { actualNano: null, entry: { ...ENTRY, cache: "hit", total_ms: 5 } });
  await write(sql, {
    actualNano: null,
    entry: { outcome: "RATE_LIMITED", limited_by: "day", cache: "miss" },
  });
  const view = async (name: string) =>
    [...await sql`select * from semantic_analysis.${sql(name)}`].map(({ day: _, ...row }) => row);
  assert.deepEqual(await view("spend_by_day"), [
    {
      subject: "user:a",
      model_used: "b/second",
      requests: "4",
      prompt_tokens: "6800",
      completion_tokens: "480",
      cost_usd: 0.000003,
    },
    {
      subject: "user:a",
      model_used: null,
      requests: "1",
      prompt_tokens: null,
      completion_tokens: null,
      cost_usd: 0,
    },
  ]);
  assert.deepEqual((await view("latency_by_day")).find(({ cache }) => cache === "miss"), {
    model_used: "b/second",
    cache: "miss",
    requests: "3",
    p50_ms: "200",
    p95_ms: "300",
    p99_ms: "300",
  });
  assert.deepEqual(await view("denials_by_day"), [
    { subject: "user:a", limited_by: "day", requests: "1" },
  ]);
  assert.deepEqual(await view("cache_by_day"), [
    { hits: "1", joined: "0", misses: "3", rate: 0.25 },
  ]);
  assert.deepEqual(
    (await view("outcomes_by_day")).map(({ outcome, requests }) => `${outcome} ${requests}`).sort(),
    ["RATE_LIMITED 1", "ok 4"],
  );
});

Deno.test("clean_up removes what no request needs any more, and nothing else", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  for (const days of [0, 89, 91, 400]) {
    await write(sql, { now: daysAgo(days) });
    await reserve(sql, { subject: `user:${days}`, key: null, now: daysAgo(days) });
  }
  const [{ removed }] = await sql<[{ removed: unknown }]>`
    select public.semantic_analysis_clean_up() as removed`;
  assert.deepEqual(removed, {
    ledger: 2,
    answers: 0,
    rate_limits: 3,
    search_limits: 0,
    feedback: 0,
  });
  const [{ also }] = await sql<[{ also: unknown }]>`
    select public.semantic_analysis_clean_up(30) as also`;
  assert.deepEqual(also, { ledger: 1, answers: 0, rate_limits: 0, search_limits: 0, feedback: 0 });
  const subjects = await sql`select subject from semantic_analysis.rate_limits`;
  assert.deepEqual(subjects.map(({ subject }) => subject), ["user:0"]);
  await assert.rejects(sql`select public.semantic_analysis_clean_up(0)`, { code: "22023" });
});

Deno.test("a settlement works whatever numbers it brings", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const numbers = [-1, 0, 0.5, 1e9, 9.1e12, 1e18, 1e30, Number.MAX_VALUE, -Number.MAX_VALUE];
  for (const number of numbers) {
    const id = crypto.randomUUID();
    const options = { id, ceilingNano: 1_000, projectNanoPerMonth: 9e18, now: NOON };
    assert.equal((await reserve(sql, options)).outcome, "leader");
    const entry = {
      ...ENTRY,
      attempts: number,
      prompt_tokens: number,
      completion_tokens: number,
      total_ms: number,
      upstream_ms: number,
      requests: number,
      model_used: "x".repeat(10_000),
    };
    const settlement = { ...entry, error: number };
    const [row] = await sql`
      select public.semantic_analysis_settle('user:a', ${id},
        p_actual_nano => ${number}::float8::numeric, p_entry => ${
      sql.json(settlement)
    }) as was_held`;
    assert.equal(row!.was_held, false, "held by the clock of the test");
    assert.equal(await settle(sql, { id, actualNano: 0, entry, now: NOON }), true, String(number));
  }
  const rows = await sql`select prompt_tokens, model_used from semantic_analysis.ledger`;
  assert.equal(rows.length, numbers.length);
  assert.ok(rows.every(({ model_used }) => model_used.length === 200));
  await sql`select * from semantic_analysis.spend_by_day`;
  await sql`select * from semantic_analysis.latency_by_day`;
});

Deno.test("a cost beyond all measure is stored, and next month is free of it", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const actual of ["1e30", "NaN", "Infinity", "-5", "12.5"]) {
    const id = crypto.randomUUID();
    await reserve(sql, { id, ceilingNano: 1_000, projectNanoPerMonth: 9e18, now: NOON });
    await sql`select semantic_analysis.settle_at('user:a', ${id}, ${actual}::numeric, false, null, null,
      0, 0, null, null, ${NOON})`;
    const [row] = await sql`
      select r.spent_nano as own, b.spent_nano as project
      from semantic_analysis.rate_limits r, semantic_analysis.budgets b where b.name = 'project'`;
    assert.equal(row!.own, row!.project, actual);
    const expected = { "1e30": "4000000000000000000", NaN: "1000", Infinity: "1000", "-5": "0" };
    assert.equal(row!.own, expected[actual as keyof typeof expected] ?? "13", actual);
    await sql`update semantic_analysis.rate_limits set spent_nano = 0`;
    await sql`update semantic_analysis.budgets set spent_nano = 0`;
  }
});

Deno.test("the views by day read their day by an index, not the whole ledger", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`
    insert into semantic_analysis.ledger (id, at, subject, outcome, cache, total_ms, limited_by)
    select gen_random_uuid(), now() - i * interval '1 minute', 'user:' || i % 100,
      case when i % 10 = 0 then 'RATE_LIMITED' else 'ok' end, 'miss', 100,
      case when i % 10 = 0 then 'minute' end
    from generate_series(1, 100000) i`;
  await sql`analyze semantic_analysis.ledger`;
  for (const name of ["spend", "latency", "denials", "outcomes", "cache"]) {
    const rows = await sql.unsafe(
      `explain select * from semantic_analysis.${name}_by_day where day = current_date`,
    );
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    assert.match(plan, /ledger_day_at_idx/, plan);
    assert.doesNotMatch(plan, /Seq Scan/, plan);
  }
});
