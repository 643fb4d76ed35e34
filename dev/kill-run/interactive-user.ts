/** A user who has pictures of their own analysed while the catalogue analyses itself. */
import { Buffer } from "node:buffer";
import { createClient } from "@supabase/supabase-js";
import { pause } from "../../supabase/functions/_shared/platform/http/pause.ts";
import type { Stack } from "../stack/stack.ts";
import { makePicture } from "./catalogue-pictures.ts";

/** How long answers took. */
export interface LatencyMs {
  p50: number;
  p95: number;
  answered: number;
}

/** The latency of all answers, and of those that nothing disturbed. */
export interface Interactive {
  all: LatencyMs;
  undisturbed: LatencyMs;
}

/** For how long, how often, and what disturbs. */
export interface InteractiveOptions {
  /** Ends it, like `samples`. */
  signal?: AbortSignal;
  samples?: number;
  /** Milliseconds since something was last down; default: nothing ever is. */
  calmForMs?: () => number;
}

/** Pictures that the catalogue has not. */
const FIRST_PICTURE = 1_000_000;
const EVERY_MS = 500;

/** After that, a worker that was restarted has compiled what it runs most. */
const CALM_MS = 5_000;

/** Asks every half second. */
export async function measureInteractive(
  stack: Stack,
  { samples = Infinity, signal, calmForMs = () => Infinity }: InteractiveOptions,
): Promise<Interactive> {
  const user = createClient(stack.apiUrl, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  await user.auth.signUp({ email: `${crypto.randomUUID()}@example.com`, password: "long enough" });
  const answers: { ms: number; isUndisturbed: boolean }[] = [];
  for (let sample = 0; sample < samples && !signal?.aborted; sample++) {
    const bytes = Buffer.from(await makePicture(FIRST_PICTURE + sample));
    const startMs = performance.now();
    const { error } = await user.functions.invoke("semantic-analysis", {
      body: { image_data: bytes.toString("base64"), options: { cache: "off" } },
    });
    // One that was killed has no latency.
    const ms = performance.now() - startMs;
    if (!error) answers.push({ ms, isUndisturbed: calmForMs() - ms > CALM_MS });
    await pause(EVERY_MS, signal);
  }
  return {
    all: toLatency(answers.map(({ ms }) => ms)),
    undisturbed: toLatency(answers.filter((answer) => answer.isUndisturbed).map(({ ms }) => ms)),
  };
}

function toLatency(latencies: number[]): LatencyMs {
  const sorted = latencies.toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { p50: at(0.5), p95: at(0.95), answered: sorted.length };
}
