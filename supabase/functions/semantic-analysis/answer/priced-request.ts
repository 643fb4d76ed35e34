/** A request as it goes through the limits: what is wanted, for whom, and what it may cost. */

import type { Caller } from "../../_shared/platform/auth/authenticate.ts";
import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import { limitsOf } from "../../_shared/platform/settings/limit-variables.ts";
import type { Anonymity, Limits } from "../../_shared/platform/limits/rate-limits.ts";
import { toCacheKey } from "./cache-key.ts";
import { type Plan, toCeilingNanoUsd, toPlan } from "../model/plan.ts";
import type { AnalysisRequest } from "../request/request.ts";
import type { Settings } from "../settings.ts";

/** A request with its plan, its limits and its ceiling. */
export interface PricedRequest {
  /** The request's id, also of its hold. */
  id: string;
  caller: Caller;
  limits: Limits;
  anonymity: Anonymity;
  request: AnalysisRequest;
  plan: Plan;
  /** What is set aside for it before a model is asked. */
  ceilingNanoUsd: number;
  /** null when the answer is neither looked up nor stored. */
  cacheKey: string | null;
}

/** A priced request, and when it must be answered. */
export interface RequestUnderWay {
  priced: PricedRequest;
  context: RequestContext;
  deadline: {
    /** In milliseconds of `context.timings.totalMs()`. */
    atMs: number;
    /** The caller gave less time than this project would have. */
    isShortened: boolean;
  };
}

/** Prices a request: whatever it comes to costs at most its ceiling. */
export function toPricedRequest(
  id: string,
  caller: Caller,
  request: AnalysisRequest,
  settings: Settings,
): PricedRequest {
  const { together, cache } = settings;
  const { capabilities, baseUrl } = together;
  const { subject } = caller;
  const plan = toPlan(request, together.maxTokens, together.models);
  return {
    id,
    caller,
    ...limitsOf(caller, settings.limits),
    request,
    plan,
    ceilingNanoUsd: toCeilingNanoUsd(plan, capabilities),
    cacheKey: request.cacheMode === "off"
      ? null
      : toCacheKey(request, plan, { subject, scope: cache.scope, capabilities, baseUrl }),
  };
}
