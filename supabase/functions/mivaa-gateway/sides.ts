/** How those are that the gateway stands in front of. */

import { STATUS_PATH } from "./actions.ts";
import type { MivaaService } from "./settings.ts";

export type SideStatus = "ok" | "down" | "not_configured";

export interface Sides {
  semantic_analysis: SideStatus;
  mivaa: SideStatus;
}

export type ProbeSides = () => Promise<Sides>;

export interface ProbeOptions {
  supabaseUrl: string;
  service: MivaaService | null;
  fetch?: typeof globalThis.fetch;
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
  createTimeoutSignal?: (timeoutMs: number) => AbortSignal;
}

/** Whoever asks for the health waits for it. */
const PROBE_TIMEOUT_MS = 3_000;

/** Anybody may ask, so not everybody's question is passed on. */
const MAX_AGE_MS = 5_000;

/** Asks both sides at once, and no more than once in five seconds. */
export function createProbeSides(options: ProbeOptions): ProbeSides {
  const { supabaseUrl, service } = options;
  const {
    fetch = globalThis.fetch,
    now = () => performance.now(),
    createTimeoutSignal = AbortSignal.timeout,
  } = options;
  let last: { sides: Promise<Sides>; askedAtMs: number } | null = null;

  const probe = async (url: string, headers: Record<string, string> = {}): Promise<SideStatus> => {
    try {
      const signal = createTimeoutSignal(PROBE_TIMEOUT_MS);
      const response = await fetch(url, { headers, redirect: "manual", signal });
      await response.body?.cancel();
      return response.ok ? "ok" : "down";
    } catch {
      return "down";
    }
  };
  const ask = async (): Promise<Sides> => {
    const [semantic_analysis, mivaa] = await Promise.all([
      probe(new URL("/functions/v1/semantic-analysis/health", supabaseUrl).href),
      service === null ? "not_configured" as const : probe(
        `${service.url}${STATUS_PATH}`,
        service.apiKey === null ? {} : { Authorization: `Bearer ${service.apiKey}` },
      ),
    ]);
    return { semantic_analysis, mivaa };
  };
  return () => {
    if (last === null || now() - last.askedAtMs >= MAX_AGE_MS) {
      last = { sides: ask(), askedAtMs: now() };
    }
    return last.sides;
  };
}
