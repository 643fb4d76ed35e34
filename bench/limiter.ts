/** What a decision costs, beside the floor and what is usually written; and how it grows. */
import { createClient } from "@supabase/supabase-js";
import pg from "pg";
import type postgres from "postgres";
import { RateLimiterPostgres } from "rate-limiter-flexible";
import { connect } from "../dev/stack/postgres/connect.ts";
import { type Stack, startStack } from "../dev/stack/stack.ts";
import { createPostgrest } from "../supabase/functions/_shared/platform/database/postgrest.ts";
import {
  createRateLimiter,
  type RateLimiter,
} from "../supabase/functions/_shared/platform/limits/rate-limiter.ts";
import type { Limits } from "../supabase/functions/_shared/platform/limits/rate-limits.ts";
import { median, printTable, toText } from "./table.ts";

const MEASURE_MS = 1_500;

const [PARALLEL, USERS] = [[1, 16, 64], [1, 10_000]];

/** Of the bare algorithm's rate, with 10,000 users and 16 at once, by the name of the row. */
const MIN_SHARES_OF_GCRA: Record<string, number> = {
  "ours, all limits": 0.8,
  // The default: all requests take turns at the project's row.
  "ours, with the project's budget": 0.7,
};

/** All of them are checked, none of them denies. */
const LIMITS: Limits = {
  perMinute: 60_000,
  burst: 60_000,
  perDay: 100_000_000,
  concurrent: 10_000,
  nanoUsdPerMonth: 1e15,
};

interface Row {
  name: string;
  decide: (subject: string) => Promise<unknown>;
}

/** Prints the tables. */
export async function benchLimiter(): Promise<void> {
  await using stack = await startStack({
    standIn: false,
    functionEnvironment: { TOGETHER_API_KEY: "bench" },
  });
  const sql = connect(stack.databaseUrl);
  await sql.unsafe(await Deno.readTextFile(new URL("./limiters.sql", import.meta.url)));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const options = {
    database: createPostgrest(stack.apiUrl, stack.secretKey),
    timeoutMs: 60_000,
  };
  const limiter = createRateLimiter(options);
  const closedLimiter = createRateLimiter({ ...options, projectNanoUsdPerMonth: 1e15 });
  const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 20 });
  try {
    await printThroughput(await createRows(stack, { limiter, closedLimiter, pool }), sql);
    await printCosts(limiter, sql);
    await printGrowth(limiter, sql);
    await printSize(sql);
  } finally {
    await pool.end();
    await sql.end();
  }
}

async function createRows(
  stack: Stack,
  { limiter, closedLimiter, pool }: {
    limiter: RateLimiter;
    closedLimiter: RateLimiter;
    pool: pg.Pool;
  },
): Promise<Row[]> {
  const supabase = createClient(stack.apiUrl, stack.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const call = async (name: string, parameters: Record<string, unknown>) => {
    const { data, error } = await supabase.rpc(name, parameters);
    if (error) throw new Error(error.message);
    return data;
  };
  const flexible = await new Promise<RateLimiterPostgres>((resolve, reject) => {
    const created: RateLimiterPostgres = new RateLimiterPostgres({
      storeClient: pool,
      points: 100_000_000,
      duration: 60,
    }, (error) => error ? reject(error) : resolve(created));
  });
  return [
    { name: "select 1", decide: (subject) => call("bench_select_one", { p_subject: subject }) },
    { name: "bare GCRA", decide: (subject) => call("bench_gcra", { p_subject: subject }) },
    { name: "ours, all limits", decide: (subject) => reserve(limiter, subject, null) },
    {
      name: "ours, with the project's budget",
      decide: (subject) => reserve(closedLimiter, subject, null),
    },
    { name: "ours, with a cache key", decide: (subject) => reserve(limiter, subject, toKey()) },
    {
      name: "select, then update",
      decide: async (subject) => {
        const used = await call("bench_read_counter", { p_subject: subject });
        await call("bench_write_counter", { p_subject: subject, p_used: used + 1 });
      },
    },
    {
      name: "count and insert",
      decide: (subject) => call("bench_count_and_insert", { p_subject: subject }),
    },
    {
      name: "rate-limiter-flexible, without PostgREST",
      decide: (subject) => flexible.consume(subject),
    },
  ];
}

async function printThroughput(rows: Row[], sql: postgres.Sql): Promise<void> {
  for (const users of USERS) {
    console.log(`\n### ${users === 1 ? "One user" : `${users} users`}, decisions a second\n`);
    const rates = new Map<string, number[]>();
    for (const parallel of PARALLEL) {
      for (const { name, decide } of rows) {
        await sql`update semantic_analysis.rate_limits set holds = '{}'`;
        const rate = await measureRate(decide, users, parallel);
        rates.set(name, [...rates.get(name) ?? [], rate]);
      }
    }
    const bare = rates.get("bare GCRA")!;
    printTable(
      ["", ...PARALLEL.map((parallel) => `${parallel} at once`), "of bare GCRA, 16 at once"],
      rows.map(({ name }) => {
        const own = rates.get(name)!;
        const share = own[1]! / bare[1]!;
        const minShare = users > 1 ? MIN_SHARES_OF_GCRA[name] : undefined;
        return [
          name,
          ...own.map((rate) => toText(rate, 0)),
          toText(share, 2) +
          (minShare ? ` (≥ ${minShare}: ${share >= minShare ? "ok" : "under"})` : ""),
        ];
      }),
    );
  }
}

async function measureRate(
  decide: Row["decide"],
  users: number,
  parallel: number,
): Promise<number> {
  const endMs = performance.now() + MEASURE_MS;
  let decided = 0;
  const caller = async () => {
    while (performance.now() < endMs) {
      await decide(`user:${Math.floor(Math.random() * users)}`);
      decided++;
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: parallel }, caller));
  return decided / (performance.now() - startedMs) * 1_000;
}

/** Milliseconds of a call by itself. */
async function measureMs(run: () => Promise<unknown>, times = 200): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < times; i++) {
    const startedMs = performance.now();
    await run();
    samples.push(performance.now() - startedMs);
  }
  return median(samples);
}

async function printCosts(limiter: RateLimiter, sql: postgres.Sql): Promise<void> {
  const subject = "user:costs";
  const known = toKey();
  await answerOnce(limiter, subject, known);
  const leads: string[] = [];
  const miss = await measureMs(async () => {
    const id = crypto.randomUUID();
    await reserve(limiter, subject, toKey(), id);
    leads.push(id);
  });
  const hit = await measureMs(() => reserve(limiter, subject, known));
  const settle = await measureMs(() => {
    const id = leads.pop()!;
    return limiter.settle({ subject, id, actualNanoUsd: 1, entry: { outcome: "ok" } });
  });
  await sql`delete from semantic_analysis.rate_limits where subject = ${subject}`;
  console.log("\n### A request by itself, p50 in ms\n");
  printTable(["a miss", "its settle", "a hit"], [[miss, settle, hit].map((ms) => toText(ms, 2))]);
}

async function printGrowth(limiter: RateLimiter, sql: postgres.Sql): Promise<void> {
  console.log("\n### With more users and more cached answers, p50 in ms\n");
  const rows: string[][] = [];
  for (const size of [1_000, 10_000, 100_000, 1_000_000]) {
    await sql`
      insert into semantic_analysis.rate_limits (subject, tat, day, day_used)
      select 'user:many' || i, now(), current_date, 1 from generate_series(1, ${size}::int) i
      on conflict do nothing`;
    await sql`
      insert into semantic_analysis.answers (key, position, body, stored_at, expires_at)
      select sha256(i::text::bytea), nextval('semantic_analysis.answer_positions'),
        repeat('x', 1200), now(), now() + interval '1 day'
      from generate_series(1, ${size}::int) i on conflict do nothing`;
    await sql`analyze semantic_analysis.rate_limits, semantic_analysis.answers`;
    const subject = () => `user:many${1 + Math.floor(Math.random() * size)}`;
    const stored = await sql<{ key: string }[]>`
      select encode(sha256((1 + floor(random() * ${size}))::int::text::bytea), 'hex') as key
      from generate_series(1, 200)`;
    let next = 0;
    rows.push([
      String(size),
      toText(await measureMs(() => reserve(limiter, subject(), toKey())), 2),
      toText(await measureMs(() => reserve(limiter, subject(), stored[next++]!.key)), 2),
    ]);
  }
  printTable(["users and answers", "a miss", "a hit"], rows);
}

async function printSize(sql: postgres.Sql): Promise<void> {
  const [requests, users] = [1_000_000, 10_000];
  await sql`truncate semantic_analysis.rate_limits, semantic_analysis.answers,
    semantic_analysis.ledger`;
  await sql.unsafe(`
    do $$
    declare
      v_id uuid;
      v_subject text;
    begin
      for i in 1..${requests} loop
        v_id := gen_random_uuid();
        v_subject := 'user:' || (i % ${users});
        perform semantic_analysis.reserve_at(v_subject, v_id,
          row(60000, 60000, 1000000, 1000, null), 1000, null);
        perform semantic_analysis.settle_at(v_subject, v_id, 900, false, null, null, 0, 0, null,
          '{"caller": "user", "analysis_type": "material_identification", "outcome": "ok",
            "cache": "miss", "model_requested": "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo",
            "model_used": "Qwen/Qwen3.5-9B", "attempts": 2, "prompt_tokens": 1700,
            "completion_tokens": 120, "total_ms": 1500, "upstream_ms": 1480}');
        if i % 1000 = 0 then commit; end if;
      end loop;
    end $$`);
  await sql`vacuum semantic_analysis.rate_limits`;
  console.log(`\n### Stored after ${requests} requests of ${users} users\n`);
  const tables = await sql`
    select relname, pg_total_relation_size(oid)::float8 as bytes,
      pg_indexes_size(oid)::float8 as index_bytes
    from pg_class where relname in ('rate_limits', 'ledger')
      and relnamespace = 'semantic_analysis'::regnamespace order by 1`;
  printTable(
    ["", "rows", "MiB", "of it indexes", "bytes a request"],
    tables.map(({ relname, bytes, index_bytes }) => [
      relname,
      String(relname === "ledger" ? requests : users),
      toText(bytes / 1024 / 1024),
      toText(index_bytes / 1024 / 1024),
      toText(bytes / requests, 0),
    ]),
  );
}

function reserve(
  limiter: RateLimiter,
  subject: string,
  cacheKey: string | null,
  id = crypto.randomUUID() as string,
) {
  return limiter.reserve({
    subject,
    id,
    limits: LIMITS,
    anonymity: { kind: "signed_in" },
    ceilingNanoUsd: 1_000,
    cacheKey,
  });
}

async function answerOnce(limiter: RateLimiter, subject: string, cacheKey: string): Promise<void> {
  const id = crypto.randomUUID();
  await reserve(limiter, subject, cacheKey, id);
  const answer = { body: JSON.stringify({ analysis: "x".repeat(1_000) }), ttlSeconds: 3_600 };
  await limiter.settle({
    subject,
    id,
    actualNanoUsd: 1,
    cacheKey,
    answer,
    entry: { outcome: "ok" },
  });
}

/** Of a request that no other is identical to. */
function toKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(32))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
