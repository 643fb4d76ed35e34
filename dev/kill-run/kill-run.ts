/**
 * A catalogue analyses itself while its workers are killed and Postgres is restarted. Tells what was
 * asked of the provider, what became of each picture, and how an interactive user fared meanwhile.
 */
import { createClient } from "@supabase/supabase-js";
import { pause } from "../../supabase/functions/_shared/platform/http/pause.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import { type CataloguePicture, makePictures, type PictureCounts } from "./catalogue-pictures.ts";
import { type Chaos, type ChaosOptions, startChaos } from "./chaos.ts";
import { connect } from "../stack/postgres/connect.ts";
import { type CountingUpstream, startCountingUpstream } from "./counting-upstream.ts";
import { type Interactive, type LatencyMs, measureInteractive } from "./interactive-user.ts";
import { createKilledHolds, type KilledHolds } from "./killed-holds.ts";

/** How many pictures, how slow the model is, and what is killed. */
export interface KillRunOptions extends Omit<ChaosOptions, "holds" | "signal"> {
  counts: PictureCounts;
  /** What a model takes for an answer. */
  delayMs: number;
  /** Given up after this. */
  timeoutMs: number;
  /** Answers of the interactive user before the run. */
  samplesAlone: number;
}

/** What was asked of the provider, and what became of the pictures. */
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
  /** By pictures that end their worker, beside those. */
  deadlyKills: number;
  postgresRestarts: number;
  seconds: number;
  /** Reads of the progress that failed while all was up. */
  unreadableProgress: number;
  interactive: { alone: LatencyMs; beside: Interactive };
}

const BUCKET = "catalogue";

/** Of the pictures, those that wait when a run is at its end: what is left are leases of killed workers. */
const LAST_SHARE = 0.02;

/** Runs it to its end. */
export async function runKillRun(options: KillRunOptions): Promise<KillRunResult> {
  const { onProgress = () => {} } = options;
  const pictures = await makePictures(options.counts);
  const hashesOf = (wanted: CataloguePicture["kind"]) =>
    pictures.filter(({ kind }) => kind === wanted).map(({ sha256 }) => sha256);
  const started = Promise.withResolvers<Chaos>();
  await using upstream = startCountingUpstream({
    failingFirst: new Map(hashesOf("failing_first").map((sha256) => [sha256, 2])),
    deadly: new Set(hashesOf("deadly")),
    onDeadly: async () => await (await started.promise).killAnalysis(),
    delayMs: options.delayMs,
  });
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
  const { all: alone } = await measureInteractive(stack, { samples: options.samplesAlone });

  const startMs = performance.now();
  const ended = new AbortController();
  const atItsEnd = new AbortController();
  let unreadableProgress = 0;
  const holds = createKilledHolds(stack.databaseUrl);
  const chaos = startChaos(stack, { ...options, holds, signal: ended.signal });
  const { calmForMs } = chaos;
  const beside = measureInteractive(stack, { signal: atItsEnd.signal, calmForMs });
  const drivers = [1, 2].map(() => drive(stack, ended.signal));
  started.resolve(chaos);
  let progress = await readProgress(stack);
  while (performance.now() - startMs < options.timeoutMs) {
    await pause(2_000);
    const before = chaos.disturbances();
    const next = await readProgress(stack);
    if (next === null) {
      if (before !== null && before === chaos.disturbances()) unreadableProgress++;
      continue;
    }
    progress = next;
    onProgress(`${progress.done} done, ${progress.failed} failed, ${progress.waiting} waiting`);
    if (progress.waiting <= pictures.length * LAST_SHARE) atItsEnd.abort();
    if (progress.waiting + progress.running + progress.stranded === 0) break;
  }
  ended.abort();
  atItsEnd.abort();
  const went = await chaos.finish();
  await Promise.all(drivers);
  // What settles in the background after a response.
  await pause(2_000);
  return {
    ...await readOutcome(stack, pictures, upstream),
    holds: await holds.read(),
    ...went,
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
    await pause(done?.retry_after_ms ? Math.min(done.retry_after_ms, 5_000) : 1_000);
  }
}

async function readOutcome(
  stack: Stack,
  pictures: readonly CataloguePicture[],
  upstream: CountingUpstream,
) {
  const good = pictures.filter(({ kind }) => kind !== "bad" && kind !== "deadly");
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
