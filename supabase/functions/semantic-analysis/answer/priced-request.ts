/** A request as it goes through the limits: what is wanted, for whom, and what it may cost. */

import type { Caller } from "../../_shared/platform/auth/authenticate.ts";
import { limitsOf } from "../../_shared/platform/settings/limit-variables.ts";
import type { Anonymity, Limits } from "../../_shared/platform/limits/rate-limits.ts";
import { findModel, toCostNanoUsd } from "../../_shared/together-ai/models.ts";
import { boundUsage } from "../../_shared/together-ai/spending.ts";
import { toCacheKey } from "./cache-key.ts";
import { type Plan, toPlan } from "../model/plan.ts";
import type { AnalysisRequest } from "../request/request.ts";
import type { Settings } from "../settings.ts";

export interface PricedRequest {
  /** The request's id, also of its hold. */
  id: string;
  caller: Caller;
  limits: Limits;
  anonymity: Anonymity;
  request: AnalysisRequest;
  plan: Plan;
  /** The chain of models that it is put to. */
  models: readonly string[];
  /** What is set aside for it before a model is asked. */
  ceilingNanoUsd: number;
  /** null when the answer is neither looked up nor stored. */
  cacheKey: string | null;
}

/**
 * As much again as the dearest model of the chain can cost once: for a fallback, a repair or a raise.
 */
const CEILING_FACTOR = 2;

/** Prices a request: whatever it comes to costs at most its ceiling. */
export function toPricedRequest(
  id: string,
  caller: Caller,
  request: AnalysisRequest,
  settings: Settings,
): PricedRequest {
  const { together, cache } = settings;
  const { models, baseUrl } = together;
  const { subject } = caller;
  const plan = toPlan(request, together.maxTokens);
  const bound = boundUsage(plan.chatRequest);
  const costs = models.map((model) => toCostNanoUsd(bound, findModel(model)));
  return {
    id,
    caller,
    ...limitsOf(caller, settings.limits),
    request,
    plan,
    models,
    ceilingNanoUsd: CEILING_FACTOR * Math.max(...costs),
    cacheKey: request.cacheMode === "off"
      ? null
      : toCacheKey(request, plan, { subject, scope: cache.scope, models, baseUrl }),
  };
}
