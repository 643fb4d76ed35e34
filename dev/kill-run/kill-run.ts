/**
 * A catalogue analyses itself while its workers are killed and Postgres is restarted. Tells what was
 * asked of the provider, what became of each picture, and how an interactive user fared meanwhile.
 */
import { Buffer } from "node:buffer";
import { createClient } from "@supabase/supabase-js";
import { type Stack, startStack } from "../stack/stack.ts";
import {
  type CataloguePicture,
  makePicture,
  makePictures,
  type PictureCounts,
} from "./catalogue-pictures.ts";
import { connect } from "../stack/postgres/connect.ts";
import { type CountingUpstream, startCountingUpstream } from "./counting-upstream.ts";
import { createKilledHolds, type KilledHolds } from "./killed-holds.ts";

export interface KillRunOptions {
  counts: PictureCounts;
  /** Seconds between two kills, at least and at most. */
  killEverySeconds: [number, number];
  postgresRestarts: number;
  /** In [0, 1). */
  random: () => number;
  /** Given up after this. */
  timeoutMs: number;
  onProgress?: (message: string) => void;
}

export interface KillRunResult {
  pictures: number;
  distinctGood: number;
  analysed: number;
  failed: Record<string, number>;
  /** Completions of the provider. */
  completions: number;
  /** Of them, those about a picture that it had been asked about. */
  repeated: number;
  /** Completions that no row of the ledger tells of: their worker was killed before it settled. */
  unsettled: number;
  stranded: number;
  /** What killed workers had taken from the limits, and what of it stays taken. */
  holds: Awaited<ReturnType<KilledHolds["read"]>>;
  kills: number;
  postgresRestarts: number;
  seconds: number;
  /** Reads of the progress that failed while Postgres was up. */
  unreadableProgress: number;
  interactive: { alone: LatencyMs; beside: LatencyMs };
}

interface LatencyMs {
  p50: number;
  p95: number;
  answered: number;
}

const BUCKET = "catalogue";
const KILLED = ["semantic-analysis", "analyse-catalogue"];
/** Pictures of the user's own, which the catalogue has not. */
const INTERACTIVE_PICTURES = 1_000_000;
const INTERACTIVE_EVERY_MS = 500;
const DELAY_MS = 150;

/** Runs it to its end. */
export async function runKillRun(options: KillRunOptions): Promise<KillRunResult> {
  const { onProgress = () => {} } = options;
  const pictures = await makePictures(options.counts);
  const failingFirst = new Map(
    pictures.filter(({ kind }) => kind === "failing_first").map(({ sha256 }) => [sha256, 2]),
  );
  await using upstream = startCountingUpstream({ failingFirst, delayMs: DELAY_MS });
  await using stack = await startStack({
    standIn: false,
    functionEnvironment: {
      TOGETHER_BASE_URL: upstream.baseUrl,
      TOGETHER_API_KEY: "none",
      PROJECT_USD_PER_MONTH: "none",
      RATE_LIMIT_PER_MINUTE: "6000",
      RATE_LIMIT_PER_DAY: "100000",
      RATE_LIMIT_CONCURRENT: "100",
    },
  });
  await fillCatalogue(stack, pictures, onProgress);
  const alone = await measureInteractive(stack, { samples: 20 });

  const startMs = performance.now();
  const ended = new AbortController();
  let unreadableProgress = 0;
  let isPostgresUp = true;
  const beside = measureInteractive(stack, { signal: ended.signal });
  const drivers = [1, 2].map(() => drive(stack, ended.signal));
  const holds = createKilledHolds(stack.databaseUrl);
  const chaos = createChaos(stack, options, {
    signal: ended.signal,
    holds,
    onPostgres: (isUp) => isPostgresUp = isUp,
  });
  let progress = await readProgress(stack);
  while (performance.now() - startMs < options.timeoutMs) {
    await sleep(2_000);
    const wasUp = isPostgresUp;
    const next = await readProgress(stack);
    if (next === null) {
      if (wasUp && isPostgresUp && !chaos.isDown()) unreadableProgress++;
      continue;
    }
    progress = next;
    onProgress(`${progress.done} done, ${progress.failed} failed, ${progress.waiting} waiting`);
    if (progress.waiting + progress.running + progress.stranded === 0) break;
  }
  ended.abort();
  const { kills, postgresRestarts } = await chaos.finish();
  await Promise.all(drivers);
  // What settles in the background after a response.
  await sleep(2_000);
  return {
    ...await readOutcome(stack, pictures, upstream),
    holds: await holds.read(),
    kills,
    postgresRestarts,
    seconds: Math.round((performance.now() - startMs) / 1000),
    unreadableProgress,
    interactive: { alone, beside: await beside },
  };
}

async function fillCatalogue(
  stack: Stack,
  pictures: readonly CataloguePicture[],
  onProgress: (message: string) => void,
): Promise<void> {
  onProgress(`uploading ${pictures.length} pictures`);
  const admin = createClient(stack.apiUrl, stack.secretKey);
  await admin.storage.createBucket(BUCKET, { public: false });
  for (let from = 0; from < pictures.length; from += 20) {
    await Promise.all(
      pictures.slice(from, from + 20).map(async ({ path, bytes }) => {
        const { error } = await admin.storage.from(BUCKET)
          .upload(path, bytes, { contentType: "image/png" });
        if (error) throw error;
      }),
    );
  }
  const rows = pictures.map(({ path }) => ({
    name: path,
    category: "wood",
    thumbnail_url: `storage://${BUCKET}/${path}`,
  }));
  for (let from = 0; from < rows.length; from += 500) {
    const { error } = await admin.from("materials_catalog").insert(rows.slice(from, from + 500));
    if (error) throw new Error(error.message);
  }
  const { error } = await admin.rpc("semantic_analysis_enqueue");
  if (error) throw new Error(error.message);
}

/** Calls the function again and again, as a cron job would. */
async function drive(stack: Stack, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const done = await callFunction(stack, "POST").catch(() => null);
    await sleep(done?.retry_after_ms ? Math.min(done.retry_after_ms, 5_000) : 1_000);
  }
}

/** Kills the two functions in turn, and restarts Postgres a few times. */
function createChaos(
  stack: Stack,
  { killEverySeconds: [least, most], postgresRestarts, random, onProgress }: KillRunOptions,
  { signal, holds, onPostgres }: {
    signal: AbortSignal;
    holds: KilledHolds;
    onPostgres: (isUp: boolean) => void;
  },
) {
  let kills = 0;
  let restarts = 0;
  let down = false;
  const working = (async () => {
    while (!signal.aborted) {
      await sleep((least + random() * (most - least)) * 1000, signal);
      if (signal.aborted) break;
      if (restarts < postgresRestarts && kills > 0 && kills % 3 === 0 && restarts < kills / 3) {
        restarts++;
        onProgress?.("restarting Postgres");
        onPostgres(false);
        await stack.restartProcess("postgres");
        await sleep(1_000);
        onPostgres(true);
      }
      const name = KILLED[kills % KILLED.length]!;
      kills++;
      onProgress?.(`killing ${name}`);
      down = true;
      await stack.killProcess(name);
      if (name === "semantic-analysis") await holds.remember();
      await stack.restartProcess(name);
      down = false;
    }
  })();
  return {
    isDown: () => down,
    async finish() {
      await working;
      return { kills, postgresRestarts: restarts };
    },
  };
}

/** A user who has a picture of their own analysed every half second. */
async function measureInteractive(
  stack: Stack,
  { samples = Infinity, signal }: { samples?: number; signal?: AbortSignal },
): Promise<LatencyMs> {
  const user = createClient(stack.apiUrl, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  await user.auth.signUp({ email: `${crypto.randomUUID()}@example.com`, password: "long enough" });
  const latencies: number[] = [];
  for (let sample = 0; sample < samples && !signal?.aborted; sample++) {
    const bytes = Buffer.from(await makePicture(INTERACTIVE_PICTURES + sample));
    const startMs = performance.now();
    const { error } = await user.functions.invoke("semantic-analysis", {
      body: { image_data: bytes.toString("base64"), options: { cache: "off" } },
    });
    // One that was killed has no latency.
    if (!error) latencies.push(performance.now() - startMs);
    await sleep(INTERACTIVE_EVERY_MS);
  }
  latencies.sort((one, other) => one - other);
  const at = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
  return { p50: at(0.5), p95: at(0.95), answered: latencies.length };
}

async function readOutcome(
  stack: Stack,
  pictures: readonly CataloguePicture[],
  upstream: CountingUpstream,
) {
  const good = pictures.filter(({ kind }) => kind !== "bad");
  const distinct = new Set(good.map(({ sha256 }) => sha256));
  const counts = [...distinct].map((sha256) => upstream.completions.get(sha256) ?? 0);
  const completions = counts.reduce((sum, count) => sum + count, 0);
  const sql = connect(stack.databaseUrl);
  try {
    const [row] = await sql`
      select (select count(*) from public.material_visual_analysis
          where source_image_url like 'storage://%')::int as analysed,
        (select count(*) from catalogue_jobs.jobs where state = 'running')::int as stranded,
        (select count(*) from semantic_analysis.ledger
          where subject = 'service:catalogue' and outcome = 'ok' and cache = 'miss')::int as settled,
        (select coalesce(jsonb_object_agg(code, count), '{}') from (
          select coalesce(last_code, '') as code, count(*) from catalogue_jobs.jobs
          where state = 'failed' group by 1) failed) as failed`;
    return {
      pictures: pictures.length,
      distinctGood: distinct.size,
      analysed: row!.analysed as number,
      failed: row!.failed as Record<string, number>,
      completions,
      repeated: completions - counts.filter((count) => count > 0).length,
      unsettled: completions - row!.settled,
      stranded: row!.stranded as number,
    };
  } finally {
    await sql.end();
  }
}

// deno-lint-ignore no-explicit-any -- bodies of this version's own
async function callFunction(stack: Stack, method: "GET" | "POST"): Promise<any> {
  const response = await fetch(`${stack.apiUrl}/functions/v1/analyse-catalogue`, {
    method,
    headers: { apikey: stack.secretKey },
  });
  const body = await response.json();
  return response.ok ? body : null;
}

async function readProgress(stack: Stack) {
  const progress = await callFunction(stack, "GET").catch(() => null);
  return progress as
    | { done: number; failed: number; waiting: number; running: number; stranded: number }
    | null;
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
