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
  /**
   * How its thinking is switched off, which costs tokens, time and `max_tokens`: Together's
   * `reasoning: { enabled: false }`, `reasoning_effort: "none"` (Ollama), the chat template's
   * `enable_thinking: false` (vLLM, SGLang); `never`: it doesn't think, or can't be told.
   */
  reasoningSwitch: "enabled" | "effort" | "template" | "never";
  /**
   * How its thinking looks where it comes all the same: between tags, or `unopened`, with a closing
   * tag alone, so that the beginning of a completion can't tell it from the answer.
   */
  thinking: "tagged" | "unopened";
  /** The most tokens that a picture takes; null: by its tiles, as Together counts. */
  maxPictureTokens: number | null;
}

/** What the operator knows of models. `*` stands for all that are neither here nor in the table. */
export type ModelCapabilities = Readonly<Record<string, Partial<Model>>>;

/** What most models have in common. */
const COMMON = {
  hasLogprobs: false,
  reasoningSwitch: "enabled",
  thinking: "tagged",
  maxPictureTokens: null,
} as const;

/** The models we know, by id. */
export const MODELS: Readonly<Record<string, Model>> = {
  "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo": {
    ...COMMON,
    inputUsdPerMillion: 1.20,
    outputUsdPerMillion: 1.20,
    contextTokens: 131_072,
    structuredOutput: "prompt",
    reasoningSwitch: "never",
  },
  "Qwen/Qwen3.5-9B": {
    ...COMMON,
    inputUsdPerMillion: 0.17,
    outputUsdPerMillion: 0.25,
    contextTokens: 262_144,
    structuredOutput: "json_schema",
    hasLogprobs: true,
  },
  "Qwen/Qwen3.8-Flash": {
    ...COMMON,
    inputUsdPerMillion: 0.15,
    outputUsdPerMillion: 0.47,
    contextTokens: 1_000_000,
    // The sources disagree about schemas.
    structuredOutput: "json_object",
  },
  "meta-models/Muse-Glimmer-30B": {
    ...COMMON,
    inputUsdPerMillion: 0.35,
    outputUsdPerMillion: 1.50,
    contextTokens: 131_072,
    structuredOutput: "prompt",
  },
  "zai-org/GLM-5.3-Flash": {
    ...COMMON,
    inputUsdPerMillion: 0.15,
    outputUsdPerMillion: 0.50,
    contextTokens: 1_048_575,
    structuredOutput: "json_schema",
  },
};

/** A model that isn't in the table: nothing is assumed of it but the dearest prices of those that are. */
const UNKNOWN_MODEL: Model = {
  inputUsdPerMillion: Math.max(...Object.values(MODELS).map((model) => model.inputUsdPerMillion)),
  outputUsdPerMillion: Math.max(...Object.values(MODELS).map((model) => model.outputUsdPerMillion)),
  contextTokens: Math.min(...Object.values(MODELS).map((model) => model.contextTokens)),
  structuredOutput: "prompt",
  ...COMMON,
  reasoningSwitch: "never",
};

/**
 * What is known of a model: what the operator says, before the table, before conservative assumptions.
 *
 * @example
 * ```ts
 * findModel("Qwen/Qwen3.5-9B").structuredOutput; // "json_schema"
 * findModel("qwen2.5vl:7b", { "*": { inputUsdPerMillion: 0 } }).inputUsdPerMillion; // 0
 * ```
 */
export function findModel(id: string, capabilities: ModelCapabilities = {}): Model {
  const model = Object.hasOwn(MODELS, id)
    ? MODELS[id]!
    : { ...UNKNOWN_MODEL, ...capabilities["*"] };
  return Object.hasOwn(capabilities, id) ? { ...model, ...capabilities[id] } : model;
}

/**
 * Whether anything is known of this model id.
 *
 * @example
 * ```ts
 * isKnownModel("vendor/new"); // false
 * isKnownModel("vendor/new", { "vendor/new": { inputUsdPerMillion: 0.2 } }); // true
 * ```
 */
export function isKnownModel(id: string, capabilities: ModelCapabilities = {}): boolean {
  return Object.hasOwn(MODELS, id) || Object.hasOwn(capabilities, id);
}

/** The model whose prices hold: the one that answered, where that is known. */
export function findPricedModel(
  askedId: string,
  answeredId: string,
  capabilities: ModelCapabilities = {},
): Model {
  return findModel(isKnownModel(answeredId, capabilities) ? answeredId : askedId, capabilities);
}

/** Tokens of one completion, as the provider counted them. */
export interface Usage {
  promptTokens: number;
  completionTokens: number;
}

/**
 * The price of a completion in whole nano-dollars (1e-9 $).
 *
 * A price of x $ per million tokens is 1000·x nano-dollars per token, so sums stay exact integers.
 *
 * @example
 * ```ts
 * const usage = { promptTokens: 1000, completionTokens: 200 };
 * toCostNanoUsd(usage, findModel("Qwen/Qwen3.5-9B")); // 220000, which is $0.00022
 * ```
 */
export function toCostNanoUsd(usage: Usage, model: Model): number {
  return usage.promptTokens * Math.round(model.inputUsdPerMillion * 1000) +
    usage.completionTokens * Math.round(model.outputUsdPerMillion * 1000);
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
 *
 * @example
 * ```ts
 * countPictureTokens(1119, 1119); // 1601
 * countPictureTokens(1120, 1120); // 6404
 * ```
 */
export function countPictureTokens(width: number, height: number): number {
  return countTiles(width) * countTiles(height) * TOKENS_PER_TILE;
}

function countTiles(edge: number): number {
  return Math.min(2, Math.max(Math.floor(edge / TILE_EDGE), 1));
}
