/** Asks the model about a picture and puts its answer into our words. */

import type { AnalysisResponseBody, Warning } from "../../_shared/client/contract.ts";
import type { ChatRequest } from "../../_shared/together-ai/chat-completion.ts";
import type { AskOptions, ChatResult, TogetherClient } from "../../_shared/together-ai/client.ts";
import { TogetherError } from "../../_shared/together-ai/errors.ts";
import { findPricedModel, toCostNanoUsd } from "../../_shared/together-ai/models.ts";
import type { Spending } from "../../_shared/together-ai/spending.ts";
import { createDescriptionStream } from "./description-stream.ts";
import { type Estimate, estimate, toSizeWarnings } from "./estimate.ts";
import type { Plan } from "./plan.ts";
import { type Reading, readProse, readStructured } from "./reading.ts";
import type { AnalysisRequest } from "../request/request.ts";
import { toUpstreamError } from "./upstream-error.ts";

export interface AnalyseOptions {
  /** Of everything that happens at the provider. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Asks for a streamed answer and is told the prose as it comes; together it is `analysis`. */
  onText?: ((text: string) => void) | undefined;
  /** Bounds what all calls together may cost, and is told of every attempt. */
  spending?: Spending | undefined;
}

/** An answer, but for what belongs to the one request: the same for whoever asks the same. */
export type Analysis = Omit<
  AnalysisResponseBody,
  "processing_time_ms" | "cached" | "request_id"
>;

export interface AnalysisOutcome {
  analysis: Analysis;
  /** The model gave it in the form asked for: asked again, it would hardly be better. */
  isWorthKeeping: boolean;
}

export type Analyse = (
  request: AnalysisRequest,
  plan: Plan,
  options: AnalyseOptions,
) => Promise<AnalysisOutcome>;

export interface AnalyserOptions {
  client: TogetherClient;
  /** The first of the client's chain. */
  preferredModel: string;
  /** Epoch milliseconds. Default `Date.now`. */
  now?: () => number;
}

/**
 * @returns a function that throws {ApiError} with a code of the UPSTREAM family, IMAGE_TOO_LARGE or
 *   NOT_CONFIGURED, whose `cause` is the TogetherError; or the reason of `signal`.
 */
export function createAnalyse(options: AnalyserOptions): Analyse {
  const { client, preferredModel, now = Date.now } = options;

  return async (request, plan, { timeoutMs, signal, onText, spending }) => {
    const estimated = estimate(request.picture, [
      plan.chatRequest.systemPrompt,
      plan.chatRequest.userPrompt,
    ], plan.chatRequest.maxTokens);
    const deadlineMs = now() + timeoutMs;
    let shown = "";
    const createTextReader = onText && (() => {
      const stream = createDescriptionStream({
        isStructured: plan.isStructured,
        show: (text) => {
          shown += text;
          onText(text);
        },
      });
      return (text: string) => {
        stream.push(text);
        return shown !== "";
      };
    });
    const results: ChatResult[] = [];
    const ask = async (chatRequest: ChatRequest, askOptions: Partial<AskOptions> = {}) => {
      const timeLeftMs = deadlineMs - now();
      const result = await client.ask(chatRequest, {
        timeoutMs: timeLeftMs,
        signal,
        spending,
        ...askOptions,
      });
      results.push(result);
      return result;
    };

    let first: ChatResult;
    try {
      first = await ask(plan.chatRequest, { createTextReader });
    } catch (error) {
      throw error instanceof TogetherError ? toUpstreamError(error) : error;
    }
    const read = plan.isStructured
      ? await readStructured(first, plan, {
        // What has been shown can't be taken back. Nor is the second answer shown as it comes: where it
        // fails, the first one is read.
        askAgain: shown !== "" ? null : (chatRequest) =>
          ask(chatRequest).catch((error) => {
            if (error instanceof TogetherError) return null;
            throw error;
          }),
      })
      : readProse(first);

    // What only its end could tell to be the analysis is shown now.
    if (shown === "") onText?.(read.analysis);
    return {
      analysis: {
        ...toAnalysis(read, { request, results, preferredModel, estimated }),
        ...(shown !== "" && { analysis: shown }),
      },
      // A broken object before the one that was read may have been shown in its place.
      isWorthKeeping: read.isWorthKeeping && (shown === "" || shown === read.analysis),
    };
  };
}

function toAnalysis(
  { result, analysis, material, confidence, warnings }: Reading,
  { request, results, preferredModel, estimated }: {
    request: AnalysisRequest;
    results: readonly ChatResult[];
    preferredModel: string;
    estimated: Estimate;
  },
): Analysis {
  const [first] = results as [ChatResult, ...ChatResult[]];
  return {
    analysis,
    confidence: confidence.value,
    confidence_detail: { method: confidence.method, calibrated: false },
    material,
    model_requested: preferredModel,
    model_used: result.completion.model,
    usage: {
      ...toUsage(results),
      estimated_prompt_tokens: estimated.promptTokens,
      estimated_cost_usd: estimated.costUsd(first.askedModel),
    },
    warnings: [
      ...toSizeWarnings(request.picture),
      ...toModelWarnings(result.askedModel, preferredModel),
      ...warnings,
    ],
  };
}

function toModelWarnings(askedModel: string, preferredModel: string): Warning[] {
  if (askedModel === preferredModel) return [];
  return [{
    code: "MODEL_FALLBACK",
    message: `The model "${preferredModel}" did not answer, "${askedModel}" did`,
  }];
}

/** The sum over all calls; null throughout when one of them was not told. */
function toUsage(results: readonly ChatResult[]) {
  const sum = { prompt_tokens: 0, completion_tokens: 0, cost_nano_usd: 0 };
  for (const { completion: { usage, model }, askedModel } of results) {
    if (usage === null) return { prompt_tokens: null, completion_tokens: null, cost_usd: null };
    sum.prompt_tokens += usage.promptTokens;
    sum.completion_tokens += usage.completionTokens;
    sum.cost_nano_usd += toCostNanoUsd(usage, findPricedModel(askedModel, model));
  }
  const { cost_nano_usd: costNanoUsd, ...tokens } = sum;
  return { ...tokens, cost_usd: costNanoUsd / 1e9 };
}
