/** A user who has pictures of their own analysed while the catalogue analyses itself. */
import { Buffer } from "node:buffer";
import { createClient } from "@supabase/supabase-js";
import { pause } from "../../supabase/functions/_shared/platform/http/pause.ts";
import type { Stack } from "../stack/stack.ts";
import { makePicture } from "./catalogue-pictures.ts";

/** How long an answer took. */
export interface LatencyMs {
  p50: number;
  p95: number;
  answered: number;
}

/** Pictures that the catalogue has not. */
const FIRST_PICTURE = 1_000_000;
const EVERY_MS = 500;

/** Asks every half second, so many times or until the signal aborts. */
export async function measureInteractive(
  stack: Stack,
  { samples = Infinity, signal }: { samples?: number; signal?: AbortSignal },
): Promise<LatencyMs> {
  const user = createClient(stack.apiUrl, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  await user.auth.signUp({ email: `${crypto.randomUUID()}@example.com`, password: "long enough" });
  const latencies: number[] = [];
  for (let sample = 0; sample < samples && !signal?.aborted; sample++) {
    const bytes = Buffer.from(await makePicture(FIRST_PICTURE + sample));
    const startMs = performance.now();
    const { error } = await user.functions.invoke("semantic-analysis", {
      body: { image_data: bytes.toString("base64"), options: { cache: "off" } },
    });
    // One that was killed has no latency.
    if (!error) latencies.push(performance.now() - startMs);
    await pause(EVERY_MS, signal);
  }
  latencies.sort((one, other) => one - other);
  const at = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
  return { p50: at(0.5), p95: at(0.95), answered: latencies.length };
}
