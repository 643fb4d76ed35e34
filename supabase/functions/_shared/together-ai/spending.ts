/** What the calls that belong together may cost, and what they have cost so far. */

import type { ChatPicture, ChatRequest } from "./chat-request.ts";
import {
  countPictureTokens,
  findModel,
  findPricedModel,
  MAX_PICTURE_TOKENS,
  type Model,
  type ModelCapabilities,
  toCostNanoUsd,
  type Usage,
} from "./models.ts";

/** What became of one attempt. */
export interface Attempt {
  model: string;
  /** HTTP status; null when none arrived. */
  status: number | null;
  durationMs: number;
  /** `ok`, or the reason of the error that ended it. */
  reason: string;
  /** Tokens may have been charged without a number of them that can be believed. */
  mayBeBilled: boolean;
  /** Nano-dollars at list prices; the most that it can have cost where `mayBeBilled`. */
  costNanoUsd: number;
  /** Tokens, where the provider told a number that can be believed. */
  usage: Usage | null;
  /** Tokens as the provider told them, where they can't be believed. */
  unbelievedUsage?: Usage;
}

/** Shared by all calls of one request: no attempt begins that could take them over the ceiling. */
export interface Spending {
  ceilingNanoUsd: number;
  /** Every attempt, oldest first, whatever became of the call it belongs to. */
  attempts: Attempt[];
}

/**
 * Nothing spent yet.
 *
 * @param ceilingNanoUsd Default: none.
 * @example
 * ```ts
 * const spending = createSpending(5_000_000);
 * await client.ask(request, { timeoutMs: 60_000, spending }).catch(() => {});
 * spentNanoUsd(spending); // at most 5_000_000
 * ```
 */
export function createSpending(ceilingNanoUsd = Infinity): Spending {
  return { ceilingNanoUsd, attempts: [] };
}

/**
 * The most that the attempts so far can have cost, in nano-dollars.
 *
 * @example
 * ```ts
 * const spending = createSpending();
 * await client.ask(request, { timeoutMs: 60_000, spending });
 * console.log(`$${spentNanoUsd(spending) / 1e9}`);
 * ```
 */
export function spentNanoUsd({ attempts }: Spending): number {
  return attempts.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
}

/** What a model's own template and the roles of the messages may add to the texts. */
const TEMPLATE_TOKENS = 256;

/**
 * The most tokens that one attempt can take: the picture by its tiles or what the operator says of the
 * model, the texts at a token a byte (the tokenizers work on UTF-8 and none makes a token of less), and
 * the longest answer.
 *
 * @example
 * ```ts
 * const { promptTokens } = boundUsage(request, findModel("Qwen/Qwen3.5-9B"));
 * ```
 */
export function boundUsage(
  { systemPrompt, userPrompt, picture, maxTokens }: ChatRequest,
  { maxPictureTokens }: Pick<Model, "maxPictureTokens">,
): Usage {
  const textBytes = new TextEncoder().encode(systemPrompt + userPrompt).byteLength;
  const pictureTokens = picture === null ? 0 : maxPictureTokens ?? toPictureTokens(picture);
  return {
    promptTokens: TEMPLATE_TOKENS + textBytes + pictureTokens,
    completionTokens: maxTokens,
  };
}

function toPictureTokens(picture: ChatPicture): number {
  if (picture.kind === "url" || picture.width === undefined || picture.height === undefined) {
    return MAX_PICTURE_TOKENS;
  }
  return countPictureTokens(picture.width, picture.height);
}

/**
 * The most that one attempt of this model can cost, in nano-dollars.
 *
 * @example
 * ```ts
 * const ceilingNanoUsd = ["a/first", "b/second"]
 *   .reduce((sum, model) => sum + boundNanoUsd(request, model), 0);
 * ```
 */
export function boundNanoUsd(
  request: ChatRequest,
  model: string,
  capabilities: ModelCapabilities = {},
): number {
  const found = findModel(model, capabilities);
  return toCostNanoUsd(boundUsage(request, found), found);
}

/** What an attempt is charged, and its usage where that can be believed. */
export interface Charge {
  costNanoUsd: number;
  usage: Usage | null;
  unbelievedUsage?: Usage;
}

/**
 * Charges what a provider told of an attempt. A number from outside is believed only up to what was set
 * aside for the attempt, and only where there can be one: no prompt has 0 tokens, nor has a completion
 * with text. Where it isn't believed, or nothing was told, the attempt counts as dear as it can be.
 *
 * @param usage null where none was told that can be read.
 */
export function chargeUsage(
  usage: Usage | null,
  { request, askedModel, answeredModel, hasText, capabilities = {} }: {
    request: ChatRequest;
    askedModel: string;
    answeredModel: string;
    /** The completion has text. */
    hasText: boolean;
    capabilities?: ModelCapabilities;
  },
): Charge {
  const boundNano = boundNanoUsd(request, askedModel, capabilities);
  if (usage === null) return { costNanoUsd: boundNano, usage: null };
  const model = findPricedModel(askedModel, answeredModel, capabilities);
  const costNanoUsd = toCostNanoUsd(usage, model);
  const isNone = usage.promptTokens === 0 || hasText && usage.completionTokens === 0;
  const isTooMuch = costNanoUsd > boundNano ||
    usage.promptTokens + usage.completionTokens > model.contextTokens;
  return isNone || isTooMuch
    ? { costNanoUsd: boundNano, usage: null, unbelievedUsage: usage }
    : { costNanoUsd, usage };
}
