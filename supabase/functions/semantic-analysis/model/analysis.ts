/** Asks a model about a picture and makes an analysis of its completion. */

import type { AnalysisResponseBody } from "../../_shared/client/contract.ts";
import { toUsd } from "../../_shared/platform/limits/rate-limits.ts";
import type { ChatRequest } from "../../_shared/together-ai/chat-request.ts";
import type { ChatResult, TogetherClient } from "../../_shared/together-ai/client.ts";
import { TogetherEmptyAnswerError, TogetherError } from "../../_shared/together-ai/errors.ts";
import { findModel, type Model, type ModelCapabilities } from "../../_shared/together-ai/models.ts";
import { type Attempt, createSpending, type Spending } from "../../_shared/together-ai/spending.ts";
import type { AnalysisRequest } from "../request/request.ts";
import { estimate, toSizeWarnings } from "./estimate.ts";
import { type Plan, toRepairRequest } from "./plan.ts";
import { type Figure, NO_FIGURE, toFigure } from "./figure/figure.ts";
import { createReader } from "./reading/reader.ts";
import type { Reading } from "./reading/reading.ts";
import { toUpstreamError } from "./upstream-error.ts";
import { toModelWarnings, toReadingWarnings } from "./warnings.ts";

/** How long a model may take, what it may cost, and who is told while it writes. */
export interface AnalyseOptions {
  /** Of everything that happens at the provider. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Asks for a streamed completion and is told the prose as it comes; together it is `analysis`. */
  onText?: ((text: string) => void) | undefined;
  /** Bounds what all attempts together may cost, and is told of every one. */
  spending?: Spending | undefined;
  /** Whose request it is, for the breaker. */
  callerKey?: string | undefined;
}

/**
 * The part of an analysis that is stored: the same for all identical requests, without what belongs to one
 * request or to the moment at which it is shown.
 */
export interface Analysis extends
  Omit<
    AnalysisResponseBody,
    | "processing_time_ms"
    | "cached"
    | "request_id"
    | "confidence"
    | "confidence_detail"
    | "candidates"
  > {
  /** Raw, and the model that it is of, as it was asked. */
  figure: Figure & { model: string };
}

/**
 * For how long an analysis is kept: `full` what came in the form asked for, `unsure` what was salvaged or
 * is prose in place of structure, `none` what knows nothing or isn't what was shown.
 */
export type Keeping = "full" | "unsure" | "none";

/** An analysis, and for how long it is worth storing. */
export interface AnalysisOutcome {
  analysis: Analysis;
  keeping: Keeping;
}

/**
 * Asks the models of a plan until one answers, and repairs its completion once if need be.
 *
 * @throws {ApiError} as `createAnalyse` lists them, or the reason of `signal`
 */
export type Analyse = (
  request: AnalysisRequest,
  plan: Plan,
  options: AnalyseOptions,
) => Promise<AnalysisOutcome>;

/** The client that asks the models, and what is known of them. */
export interface AnalyserOptions {
  client: TogetherClient;
  /** The client's. */
  capabilities?: ModelCapabilities;
  /** Epoch milliseconds. Default `Date.now`. */
  now?: () => number;
}

/** A reading, and the result that it was read from. */
interface ReadResult {
  result: ChatResult;
  reading: Reading;
  isRepair: boolean;
}

/**
 * @returns a function that throws {ApiError} with a code of the UPSTREAM family, IMAGE_TOO_LARGE or
 *   NOT_CONFIGURED, whose `cause` is the TogetherError; or the reason of `signal`.
 */
export function createAnalyse(options: AnalyserOptions): Analyse {
  const { client, capabilities, now = Date.now } = options;

  return async (
    request,
    plan,
    { timeoutMs, signal, onText, callerKey, spending = createSpending() },
  ) => {
    const deadlineMs = now() + timeoutMs;
    const { attempts } = spending;
    const firstAttempt = attempts.length;
    let shown = "";
    const show = onText && ((text: string) => {
      shown += text;
      onText(text);
    });

    const ask = async (
      chatRequest: ChatRequest,
      { isRepair }: { isRepair: boolean },
    ): Promise<ReadResult> => {
      const result = await client.ask(chatRequest, {
        models: plan.models,
        timeoutMs: deadlineMs - now(),
        signal,
        spending,
        callerKey,
        pictureKey: toPictureKey(request),
        // A repair isn't shown as it comes: where it fails, the first completion is read.
        isStreamed: show !== undefined && !isRepair,
        raisedMaxTokens: isRepair ? null : plan.raisedMaxTokens,
        createReader: (model) =>
          createReader({
            ...plan,
            maxTokens: plan.raisedMaxTokens ?? chatRequest.maxTokens,
            model,
            show: isRepair ? undefined : show,
          }),
      });
      return { result, reading: result.reading, isRepair };
    };

    try {
      const first = await ask(plan.chatRequest, { isRepair: false });
      const mayRepair = plan.isStructured && first.reading.needsRepair && shown === "";
      const second = mayRepair
        ? await ask(toRepairRequest(plan, first.result.completion.text), { isRepair: true })
          .catch((error) => {
            if (error instanceof TogetherError) return null;
            throw error;
          })
        : null;
      const read = chooseReading(first, second);
      // A completion that was held back until its end is shown as a whole.
      if (shown === "") show?.(read.reading.analysis);
      const paid = attempts.slice(firstAttempt);
      const model = findModel(read.result.askedModel, capabilities);
      return {
        analysis: toAnalysis(read, { request, plan, paid, model }),
        keeping: toKeeping(read, plan),
      };
    } catch (error) {
      throw error instanceof TogetherError ? toUpstreamError(error) : error;
    }
  };
}

/** What the breaker tells pictures apart by. One in Storage is opened before it comes here. */
function toPictureKey({ picture }: AnalysisRequest): string {
  if (picture.kind === "stored") return "";
  return picture.kind === "bytes" ? picture.sha256 : picture.url;
}

/** The answer in our form, else what was cut of one, else the prose. */
function chooseReading(first: ReadResult, second: ReadResult | null): ReadResult {
  if (second === null || !first.reading.needsRepair) return first;
  const isWhole = ({ reading }: ReadResult) => reading.answer !== null && !reading.isCut;
  if (isWhole(second)) return second;
  const inForm = [second, first].find(({ reading }) => reading.answer !== null);
  const chosen = inForm ?? [first, second].find(({ reading }) => reading.analysis !== "");
  if (chosen === undefined) throw new TogetherEmptyAnswerError();
  return chosen;
}

function toAnalysis(
  { result, reading, isRepair }: ReadResult,
  { request, plan, paid, model }: {
    request: AnalysisRequest;
    plan: Plan;
    paid: readonly Attempt[];
    /** The one that answered. */
    model: Model;
  },
): Analysis {
  const { answer, label } = reading;
  const [preferredModel] = plan.models as [string];
  const { promptTokens, costUsd } = estimate(request.picture, plan.chatRequest, model);
  // Prose carries no figure that could stand for the certainty of a label; and in a repair the model
  // copies its label, so the tokens' probabilities say nothing about it.
  const logprobs = isRepair ? null : result.completion.logprobs;
  const figure = answer === null
    ? NO_FIGURE
    : toFigure({ ...answer, family: answer.material.family, label, logprobs });
  return {
    analysis: reading.analysis,
    figure: { ...figure, model: result.askedModel },
    material: answer?.material ?? null,
    model_requested: preferredModel,
    model_used: result.completion.model,
    usage: {
      ...toUsage(paid),
      estimated_prompt_tokens: promptTokens,
      estimated_cost_usd: costUsd,
    },
    warnings: [
      ...toSizeWarnings(request.picture, model),
      ...toModelWarnings(result.askedModel, preferredModel),
      ...toReadingWarnings(reading, plan),
    ],
  };
}

function toKeeping(
  { reading, isRepair, result }: ReadResult,
  { isStructured }: Plan,
): Keeping {
  const { answer, isAltered, isDeclined, isSalvaged } = reading;
  if (isAltered || isDeclined || result.completion.end === "broken") return "none";
  if (!isStructured) return "full";
  if (answer !== null && !answer.hasProperties) return "none";
  return answer === null || isRepair || isSalvaged ? "unsure" : "full";
}

/** The sum over all attempts that told it; null throughout when a completion came without. */
function toUsage(paid: readonly Attempt[]) {
  if (paid.some(({ reason, usage }) => reason === "ok" && usage === null)) {
    return { prompt_tokens: null, completion_tokens: null, cost_usd: null };
  }
  let [promptTokens, completionTokens, nanoUsd] = [0, 0, 0];
  for (const { usage, costNanoUsd } of paid) {
    if (usage === null) continue;
    promptTokens += usage.promptTokens;
    completionTokens += usage.completionTokens;
    nanoUsd += costNanoUsd;
  }
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    cost_usd: toUsd(nanoUsd),
  };
}
