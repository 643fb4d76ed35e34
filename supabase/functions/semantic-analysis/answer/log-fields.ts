/**
 * What the log line tells about an analysis, in OpenTelemetry's names where it has any:
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/
 */

import type { Attempt } from "../../_shared/together-ai/errors.ts";
import type { AnalysisResponseBody } from "../../_shared/client/contract.ts";
import { TogetherError, TogetherUnavailableError } from "../../_shared/together-ai/errors.ts";

/** Nothing of the picture, the prompt or the answer. */
export function toAnalysisFields(
  { model_requested, model_used, usage, confidence_detail, material, warnings }:
    AnalysisResponseBody,
): Record<string, unknown> {
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
    confidence_method: confidence_detail.method,
    warnings: [...new Set(warnings.map(({ code }) => code))],
  };
}

/** More attempts than any call makes, and longer ids than any model has: the line stays below 4 kB. */
const [MAX_ATTEMPTS, MAX_MODEL_LENGTH] = [15, 64];

/** Every call to the provider, and what all of them cost the caller; an alarm where an operator must act. */
export function toAttemptFields(attempts: readonly Attempt[]): Record<string, unknown> {
  const reasons = attempts.map(({ reason }) => reason);
  return {
    attempts: attempts.slice(0, MAX_ATTEMPTS).map((attempt) => ({
      model: attempt.model.slice(0, MAX_MODEL_LENGTH),
      status: attempt.status,
      duration_ms: Math.round(attempt.durationMs),
      reason: attempt.reason,
      may_be_billed: attempt.mayBeBilled,
    })),
    charged_usd: attempts.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0) / 1e9,
    ...(reasons.includes("status_401") && { alarm: "The provider refuses the key" }),
    ...(reasons.includes("status_402") && { alarm: "The provider's spending limit is reached" }),
  };
}

/**
 * Why nobody was asked: the failure that the models are left alone for, in the words of an attempt's
 * reason. No alarm: whoever met that failure has raised it, and the next one to be let through does.
 */
export function toCircuitFields(error: unknown): Record<string, unknown> {
  const failure = error instanceof Error ? error.cause : null;
  return failure instanceof TogetherUnavailableError && failure.cause instanceof TogetherError
    ? { circuit_open_for: failure.cause.reason }
    : {};
}
