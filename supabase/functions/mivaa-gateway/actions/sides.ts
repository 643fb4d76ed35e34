/** Whether the two sides behind the gateway are up: semantic-analysis and the MIVAA service. */

import { startTimeLimit, type StartTimer } from "../../_shared/platform/http/time-limit.ts";
import { STATUS_PATH } from "./actions.ts";
import type { MivaaService } from "../settings.ts";

/** Whether a side answers; `not_configured` where the settings name none. */
export type SideStatus = "ok" | "down" | "not_configured";

/** Both sides, as the health tells them. */
export interface Sides {
  /** `disabled`: it is up, and an operator has switched the analyses off. */
  semantic_analysis: SideStatus | "disabled";
  mivaa: SideStatus;
}

/** Asks both sides whether they are up, and remembers it for a while. Never rejects. */
export type ProbeSides = () => Promise<Sides>;

/** Where the sides are, and by which clock a probe is remembered. */
export interface ProbeOptions {
  supabaseUrl: string;
  service: MivaaService | null;
  fetch?: typeof globalThis.fetch;
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
  /** For the timeout. Default `startTimer`. */
  startTimer?: StartTimer;
}

/** A monitor that asks for the health waits for it. */
const PROBE_TIMEOUT_MS = 3_000;

/** The health needs no credentials, so not every request for it is passed on. */
const MAX_AGE_MS = 5_000;

/** Asks both sides at once, and no more than once in five seconds. */
export function createProbeSides(options: ProbeOptions): ProbeSides {
  const { supabaseUrl, service } = options;
  const {
    fetch = globalThis.fetch,
    now = () => performance.now(),
    startTimer,
  } = options;
  let last: { sides: Promise<Sides>; askedAtMs: number } | null = null;

  const probe = async <Status extends string>(
    url: string,
    headers: Record<string, string>,
    toStatus: (response: Response) => Promise<Status>,
  ): Promise<Status | "down"> => {
    const { signal, stop } = startTimeLimit(PROBE_TIMEOUT_MS, { startTimer });
    try {
      const response = await fetch(url, { headers, redirect: "manual", signal });
      if (response.ok) return await toStatus(response);
      await response.body?.cancel();
    } catch {
      // A side that can't be reached is down like one that answers an error.
    } finally {
      stop();
    }
    return "down";
  };
  const ask = async (): Promise<Sides> => {
    const [semantic_analysis, mivaa] = await Promise.all([
      probe(
        new URL("/functions/v1/semantic-analysis/health", supabaseUrl).href,
        {},
        readOwnStatus,
      ),
      service === null ? "not_configured" as const : probe(
        `${service.url}${STATUS_PATH}`,
        service.apiKey === null ? {} : { Authorization: `Bearer ${service.apiKey}` },
        ignoreBody,
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

/** @throws {SyntaxError} when it is not our function that answers. */
async function readOwnStatus(response: Response): Promise<"ok" | "disabled"> {
  const body: { status?: unknown } | null = await response.json();
  return body?.status === "disabled" ? "disabled" : "ok";
}

/** Of a service of which nothing is known but that it answers. */
async function ignoreBody(response: Response): Promise<"ok"> {
  await response.body?.cancel();
  return "ok";
}
