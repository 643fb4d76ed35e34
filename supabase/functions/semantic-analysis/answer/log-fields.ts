/**
 * What the log line tells of an outcome, in OpenTelemetry's names where it has any:
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/
 */

import { toUsd } from "../../_shared/platform/limits/rate-limits.ts";
import { TogetherError, TogetherUnavailableError } from "../../_shared/together-ai/errors.ts";
import { type Spending, spentNanoUsd } from "../../_shared/together-ai/spending.ts";
import { findProviderAlarm } from "../model/upstream-error.ts";
import { type Answered, findSpending, type RequestOutcome, toCacheOutcome } from "./outcome.ts";
import type { PricedRequest } from "./priced-request.ts";
import { toUsage } from "./response.ts";

/** Nothing of the picture, the prompt or the analysis. */
export function toOutcomeFields(
  priced: PricedRequest,
  outcome: RequestOutcome,
): Record<string, unknown> {
  const { plan: { models }, request } = priced;
  const spending = findSpending(outcome);
  return {
    cache: toCacheOutcome(outcome.role, request.cacheMode),
    ...(spending && {
      "gen_ai.request.model": models[0],
      ...toAttemptFields(spending),
    }),
    ...toKindFields(priced, outcome),
  };
}

/** Why an operator must act; null where no operator must. */
export function findAlarm(outcome: RequestOutcome): string | null {
  return findProviderAlarm(findSpending(outcome)?.attempts ?? []);
}

function toKindFields(priced: PricedRequest, outcome: RequestOutcome): Record<string, unknown> {
  switch (outcome.kind) {
    case "answered":
      return toAnalysisFields(priced, outcome);
    case "failed":
      return toCircuitFields(outcome.thrown);
    case "denied":
      return { limited_by: outcome.denial.limitedBy };
    case "disconnected":
      return { is_disconnected: true };
  }
}

function toAnalysisFields({ request }: PricedRequest, outcome: Answered): Record<string, unknown> {
  const { model_requested, model_used, figure, material, warnings } = outcome.analysis;
  const usage = toUsage(outcome);
  return {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "together_ai",
    "gen_ai.request.model": model_requested,
    "gen_ai.response.model": model_used,
    "gen_ai.usage.input_tokens": usage.prompt_tokens,
    "gen_ai.usage.output_tokens": usage.completion_tokens,
    estimated_input_tokens: usage.estimated_prompt_tokens,
    cost_usd: usage.cost_usd,
    estimated_cost_usd: usage.estimated_cost_usd,
    is_structured: material !== null,
    confidence_method: figure.method,
    warnings: [...new Set([...request.warnings, ...warnings].map(({ code }) => code))],
  };
}

/** More attempts than any call makes, and longer ids than any model has: the line stays below 4 kB. */
const [MAX_ATTEMPTS, MAX_MODEL_LENGTH] = [15, 64];

/** Every attempt, and what all of them cost the caller. */
export function toAttemptFields(spending: Spending): Record<string, unknown> {
  return {
    attempts: spending.attempts.slice(0, MAX_ATTEMPTS).map((attempt) => ({
      model: attempt.model.slice(0, MAX_MODEL_LENGTH),
      status: attempt.status,
      duration_ms: Math.round(attempt.durationMs),
      reason: attempt.reason,
      may_be_billed: attempt.mayBeBilled,
    })),
    charged_usd: toUsd(spentNanoUsd(spending)),
  };
}

/**
 * Why no model was asked: the failure that opened the circuits, in the words of an attempt's reason. No
 * alarm: the request that met that failure has raised it, and so does the next probe.
 */
function toCircuitFields(thrown: unknown): Record<string, unknown> {
  const failure = thrown instanceof Error ? thrown.cause : null;
  return failure instanceof TogetherUnavailableError && failure.cause instanceof TogetherError
    ? { circuit_open_for: failure.cause.reason }
    : {};
}
