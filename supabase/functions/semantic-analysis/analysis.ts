/** Asks the model about a picture and puts its answer into our words. */

import type { AnalysisResponseBody, Warning } from "../_shared/semantic-analysis/contract.ts";
import type { Attempt } from "../_shared/together-ai/attempt.ts";
import type { TogetherClient, VisionResult } from "../_shared/together-ai/client.ts";
import { TogetherError } from "../_shared/together-ai/errors.ts";
import { findModel, isKnownModel, toCostNanoUsd } from "../_shared/together-ai/models.ts";
import { SYSTEM_PROMPT, toUserPrompt } from "./prompts.ts";
import type { AnalysisRequest } from "./request.ts";
import { toUpstreamApiError } from "./upstream-error.ts";

export interface AnalyseOptions {
  /** Of everything that happens at the provider. */
  timeoutMs: number;
}

/** An answer, but for what belongs to the HTTP request. */
export type Analysis = Omit<AnalysisResponseBody, "processing_time_ms" | "request_id">;

export interface AnalysisOutcome {
  analysis: Analysis;
  attempts: readonly Attempt[];
}

export type Analyse = (
  request: AnalysisRequest,
  options: AnalyseOptions,
) => Promise<AnalysisOutcome>;

/**
 * @param preferredModel The first of the client's chain.
 * @returns a function that throws {ApiError} with a code of the UPSTREAM family, IMAGE_TOO_LARGE or
 *   NOT_CONFIGURED; its `cause` is the TogetherError with all attempts.
 */
export function createAnalyse(client: TogetherClient, preferredModel: string): Analyse {
  return async (request, { timeoutMs }) => {
    let result: VisionResult;
    try {
      result = await client.askAboutImage({
        systemPrompt: SYSTEM_PROMPT,
        userPrompt: toUserPrompt(request.analysisType, request.prompt),
        image: request.image,
        temperature: request.temperature,
        maxTokens: request.maxTokens,
      }, { timeoutMs });
    } catch (error) {
      throw error instanceof TogetherError ? toUpstreamApiError(error) : error;
    }
    return {
      analysis: toAnalysis(request, result, preferredModel),
      attempts: result.attempts,
    };
  };
}

function toAnalysis(
  request: AnalysisRequest,
  { completion, askedModel }: VisionResult,
  preferredModel: string,
): Analysis {
  return {
    analysis: completion.text,
    // Prose carries no figure that could stand for the certainty of a label.
    confidence: null,
    confidence_detail: { method: "none", calibrated: false },
    material: null,
    model_requested: preferredModel,
    model_used: completion.model,
    usage: completion.usage && {
      prompt_tokens: completion.usage.promptTokens,
      completion_tokens: completion.usage.completionTokens,
      cost_usd: toCostUsd(
        completion.usage,
        isKnownModel(completion.model) ? completion.model : askedModel,
      ),
    },
    cached: false,
    warnings: [
      ...request.warnings,
      ...toModelWarnings(askedModel, preferredModel),
      ...(completion.isTruncated ? [TRUNCATED] : []),
    ],
  };
}

const TRUNCATED: Warning = {
  code: "ANSWER_TRUNCATED",
  message: "The answer was cut off at max_tokens",
};

function toModelWarnings(askedModel: string, preferredModel: string): Warning[] {
  if (askedModel === preferredModel) return [];
  return [{
    code: "MODEL_FALLBACK",
    message: `The model "${preferredModel}" did not answer, "${askedModel}" did`,
  }];
}

function toCostUsd(usage: Parameters<typeof toCostNanoUsd>[0], model: string): number {
  return toCostNanoUsd(usage, findModel(model)) / 1e9;
}
