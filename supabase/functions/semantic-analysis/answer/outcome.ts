/** What becomes of a request after it was priced. Settlement, log line and response are made of it. */

import type { Denial, RateLimitState } from "../../_shared/platform/limits/rate-limits.ts";
import type { Spending } from "../../_shared/together-ai/spending.ts";
import type { Analysis } from "../model/analysis.ts";
import type { AnalysisRequest } from "../request/request.ts";

/** Whose request ended: only a leader has asked a model, and holds what was reserved. */
interface OfLeader {
  role: "leader";
  spending: Spending;
}

/** It has taken a minute unit and no more. */
interface OfOther {
  role: "follower" | "hit";
}

/** The request has an analysis: from the model, from the cache, or from its leader. */
export type Answered =
  & { kind: "answered"; analysis: Analysis }
  & (
    | OfOther
    | OfLeader & {
      /** For how long the analysis is given again; 0 for never. */
      ttlSeconds: number;
    }
  );

/** The request has an error in place of an analysis. */
export type Failed =
  & {
    kind: "failed";
    /** Whatever was thrown; the caller reads what `toApiError` makes of it. */
    thrown: unknown;
  }
  & (
    | OfOther
    | OfLeader & {
      /** Part of the analysis was sent before it failed. */
      hasShownText: boolean;
      /** The caller gave less time than this project would have. */
      isDeadlineShortened: boolean;
    }
  );

/** The caller has gone before there was an analysis. */
export type Disconnected =
  & { kind: "disconnected"; reason: unknown }
  & (OfOther | OfLeader);

/** The limiter said no, and nothing was taken. */
export interface Denied {
  kind: "denied";
  role: "none";
  denial: Denial;
  state: RateLimitState;
}

/** How a request ended. */
export type RequestOutcome = Answered | Failed | Disconnected | Denied;

/** How an analysis came about, as `X-Cache` says it. */
export type CacheOutcome = "hit" | "joined" | "miss" | "refresh" | "off";

/** @param role The request's part in the single-flight; `none` for one that was denied. */
export function toCacheOutcome(
  role: RequestOutcome["role"],
  cacheMode: AnalysisRequest["cacheMode"],
): CacheOutcome {
  if (role === "hit") return "hit";
  if (role === "follower") return "joined";
  return cacheMode === "use" ? "miss" : cacheMode;
}

/** What a leader has asked for; null for every other request. */
export function findSpending(outcome: RequestOutcome): Spending | null {
  return outcome.role === "leader" ? outcome.spending : null;
}
