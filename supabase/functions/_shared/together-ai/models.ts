import * as z from "zod/mini";
import { TogetherResponseError } from "./errors.ts";

/**
 * What we know about Together's vision models. Ids and prices from https://www.together.ai/pricing,
 * capabilities from https://docs.together.ai, checked November 2026. `GET /v1/models` lists ids and
 * prices, and sizes for some, but no capabilities: these are ours to keep, and `deno task models`
 * compares the rest.
 */
export interface Model {
  /** US dollars per million prompt tokens. */
  inputUsdPerMillion: number;
  /** US dollars per million completion tokens. */
  outputUsdPerMillion: number;
  /** Prompt and completion tokens together. */
  contextTokens: number;
  /** The strictest way this model can be held to a form; `prompt`: by asking for it alone. */
  structuredOutput: "json_schema" | "json_object" | "prompt";
  /** Tells the probabilities of its tokens. */
  hasLogprobs: boolean;
  /** Reasons unless told not to: billed tokens, a delay, and less of `max_tokens` for the answer. */
  isReasoning: boolean;
}

/** The models we know, by id. */
export const MODELS: Readonly<Record<string, Model>> = {
  "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo": {
    inputUsdPerMillion: 1.20,
    outputUsdPerMillion: 1.20,
    contextTokens: 131_072,
    structuredOutput: "prompt",
    hasLogprobs: false,
    isReasoning: false,
  },
  "Qwen/Qwen3.5-9B": {
    inputUsdPerMillion: 0.17,
    outputUsdPerMillion: 0.25,
    contextTokens: 262_144,
    structuredOutput: "json_schema",
    hasLogprobs: true,
    isReasoning: true,
  },
  "Qwen/Qwen3.8-Flash": {
    inputUsdPerMillion: 0.15,
    outputUsdPerMillion: 0.47,
    contextTokens: 1_000_000,
    // The sources disagree about schemas.
    structuredOutput: "json_object",
    hasLogprobs: false,
    isReasoning: true,
  },
  "meta-models/Muse-Glimmer-30B": {
    inputUsdPerMillion: 0.35,
    outputUsdPerMillion: 1.50,
    contextTokens: 131_072,
    structuredOutput: "prompt",
    hasLogprobs: false,
    isReasoning: true,
  },
  "zai-org/GLM-5.3-Flash": {
    inputUsdPerMillion: 0.15,
    outputUsdPerMillion: 0.50,
    contextTokens: 1_048_575,
    structuredOutput: "json_schema",
    hasLogprobs: false,
    isReasoning: true,
  },
};

/** A model that isn't in the table: nothing is assumed of it but the dearest prices of those that are. */
const UNKNOWN_MODEL: Model = {
  inputUsdPerMillion: Math.max(...Object.values(MODELS).map((model) => model.inputUsdPerMillion)),
  outputUsdPerMillion: Math.max(...Object.values(MODELS).map((model) => model.outputUsdPerMillion)),
  contextTokens: Math.min(...Object.values(MODELS).map((model) => model.contextTokens)),
  structuredOutput: "prompt",
  hasLogprobs: false,
  isReasoning: false,
};

/** The table's entry for a model id, or conservative assumptions about an unknown one. */
export function findModel(id: string): Model {
  return Object.hasOwn(MODELS, id) ? MODELS[id]! : UNKNOWN_MODEL;
}

/** Whether the table has an entry for this model id. */
export function isKnownModel(id: string): boolean {
  return Object.hasOwn(MODELS, id);
}

/** The entry whose prices hold: the model's that answered, where that is known. */
export function findPricedModel(askedId: string, answeredId: string): Model {
  return findModel(isKnownModel(answeredId) ? answeredId : askedId);
}

/** Tokens of one completion, as Together counted them. */
export interface Usage {
  promptTokens: number;
  completionTokens: number;
}

/**
 * The price of a completion in whole nano-dollars (1e-9 $).
 *
 * A price of x $ per million tokens is 1000·x nano-dollars per token, so sums stay exact integers.
 */
export function toCostNanoUsd(usage: Usage, model: Model): number {
  return usage.promptTokens * Math.round(model.inputUsdPerMillion * 1000) +
    usage.completionTokens * Math.round(model.outputUsdPerMillion * 1000);
}

const modelsSchema = z.array(z.object({ id: z.string() }));

/** Together answers with a bare array, OpenAI-compatible servers with `{ data: [...] }`. */
const responseSchema = z.union([modelsSchema, z.object({ data: modelsSchema })]);

/** @throws {TogetherResponseError} when the body is not a list of models. */
export function parseModelIds(text: string): string[] {
  try {
    const response = responseSchema.parse(JSON.parse(text));
    return (Array.isArray(response) ? response : response.data).map((model) => model.id);
  } catch {
    throw new TogetherResponseError("Together AI sent no list of models");
  }
}

/** Edge of the tiles that a picture is billed by, in pixels. */
const TILE_EDGE = 560;

const TOKENS_PER_TILE = 1_601;

/** Beyond two tiles in a direction a picture is scaled down, so nothing is gained above this. */
export const USEFUL_EDGE = 2 * TILE_EDGE;

/** Tokens of the largest picture, and of one whose size isn't known. */
export const MAX_PICTURE_TOKENS = 4 * TOKENS_PER_TILE;

/**
 * Prompt tokens that Together bills for a picture of this size in pixels:
 * `min(2, max(floor(w / 560), 1)) * min(2, max(floor(h / 560), 1)) * 1601`.
 * https://docs.together.ai/docs/vision-overview#pricing
 */
export function countPictureTokens(width: number, height: number): number {
  return countTiles(width) * countTiles(height) * TOKENS_PER_TILE;
}

function countTiles(edge: number): number {
  return Math.min(2, Math.max(Math.floor(edge / TILE_EDGE), 1));
}
