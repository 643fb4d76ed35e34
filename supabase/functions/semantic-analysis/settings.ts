/** The settings of this function, parsed once. */

import type { ModelCapabilities } from "../_shared/together-ai/models.ts";
import {
  always,
  choice,
  flag,
  integer,
  isNone,
  list,
  number,
  parseVariables,
  serviceUrl,
  type SettingsResult,
  text,
  toSettingsResult,
  type Values,
  type Variable,
  type Variables,
} from "../_shared/platform/settings/variables.ts";
import { modelCapabilities } from "../_shared/platform/settings/model-capabilities.ts";
import {
  LIMIT_VARIABLES,
  type LimitSettings,
  toLimits,
} from "../_shared/platform/settings/limit-variables.ts";
import {
  REQUEST_VARIABLES,
  type RequestSettings,
  toRequestSettings,
} from "../_shared/platform/settings/request-variables.ts";

/** `signed-in`: every caller but anonymous users. */
export type CustomPrompts = "all" | "signed-in" | "none";

/** The settings of `.env.example`, parsed. */
export interface Settings extends RequestSettings {
  isAnalysisEnabled: boolean;
  together: {
    apiKey: string;
    baseUrl: string;
    /** The first choice, then what stands in for it. */
    models: [string, ...string[]];
    /** What the operator says of models and servers. */
    capabilities: ModelCapabilities;
    temperature: number;
    /** The most that a caller may ask for. */
    maxTokens: number;
    /** Of a whole call, retries and fallbacks included. */
    timeoutMs: number;
    /** Of an attempt that a model must not fail to answer in. */
    slowAttemptMs: number;
  };
  /** Which callers may ask with a prompt of their own. */
  customPrompts: CustomPrompts;
  storage: {
    /** Pass a signed URL on, or read the picture's bytes. `bytes` where the provider isn't Together. */
    pass: "url" | "bytes";
    /** Ask Storage for a smaller copy. */
    isTransformed: boolean;
  };
  /** Whether pictures may be given by URL. */
  isImageUrlAllowed: boolean;
  limits: LimitSettings;
  cache: {
    /** How long an analysis is given again, by how good it is; 0 for never. */
    ttlSeconds: { full: number; unsure: number; none: 0 };
    /** Whether users share answers about the same bytes to our own questions. */
    scope: "user" | "project";
    /** Answers that are kept at most. */
    maxEntries: number;
  };
}

const isModelId = (text: string) => /^[\w.:/-]{1,200}$/.test(text);

/**
 * TOGETHER_TIMEOUT's upper bound in effect: the smallest hosted plan cuts a request at 75 s, and
 * authentication, limits and the answer need their share.
 */
const MAX_TIMEOUT_SECONDS = 65;

/**
 * A model that takes so long is failing. Less than a whole attempt's 30 s, which clients of the gateway
 * (29 s in all) never have: a model that stalls would not be left alone for them.
 */
const MAX_SLOW_ATTEMPT_MS = 20_000;

const VARIABLES = {
  TOGETHER_API_KEY: {
    ...text(
      "a Together AI API key, from https://api.together.ai/settings/api-keys",
      (key) => /^[\x21-\x7e]+$/.test(key),
    ),
    isSecret: always,
  },
  TOGETHER_MODEL: text("a model id such as vendor/model", isModelId),
  TOGETHER_FALLBACK_MODELS: list(
    "model ids separated by commas, or none for no fallback",
    isModelId,
  ),
  TOGETHER_BASE_URL: serviceUrl("https://api.together.xyz/v1"),
  TOGETHER_MODEL_CAPABILITIES: modelCapabilities,
  TOGETHER_MAX_TOKENS: integer(1, 131_072),
  TOGETHER_TEMPERATURE: number("a number from 0 to 2", 0, 2),
  // Less than two seconds leaves no time for an attempt; more than an hour was meant in milliseconds.
  TOGETHER_TIMEOUT: number("a number of seconds from 2 to 3600", 2, 3600),
  ANALYSIS_ENABLED: flag,
  ALLOW_CUSTOM_PROMPT: choice<CustomPrompts>("signed-in, true or false", {
    "signed-in": "signed-in",
    true: "all",
    false: "none",
  }),
  ALLOW_IMAGE_URLS: flag,
  STORAGE_PASS: choice<"url" | "bytes">("url or bytes", { url: "url", bytes: "bytes" }),
  STORAGE_TRANSFORM: flag,
  ANALYSIS_CACHE_TTL: integer(0, 31_536_000),
  ANALYSIS_CACHE_TTL_UNSURE: integer(0, 31_536_000),
  ANALYSIS_CACHE_SCOPE: choice<"user" | "project">("user or project", {
    user: "user",
    project: "project",
  }),
  ANALYSIS_CACHE_MAX_ENTRIES: integer(1, 100_000_000),
  ...REQUEST_VARIABLES,
  ...LIMIT_VARIABLES,
} satisfies Record<string, Variable<unknown>>;

/** Names of all variables that `parseSettings` reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(VARIABLES);

/**
 * The chain behind the default model, which has left Together's serverless catalogue: the one that
 * is documented with both JSON schemas and log probabilities first, then one of each other vendor.
 */
const DEFAULT_FALLBACK_MODELS = [
  "Qwen/Qwen3.5-9B",
  "zai-org/GLM-5.3-Flash",
  "meta-models/Muse-Glimmer-30B",
];

/** Whether pictures in Storage are passed on as URLs: the provider must be able to reach Storage. */
export function isUrlPassed(
  { storage }: Pick<Settings, "storage">,
  { isReachable }: { isReachable: boolean },
): boolean {
  return isReachable && storage.pass === "url";
}

/** Parses the settings. A variable that is set to nothing counts as not set. */
export function parseSettings(variables: Variables): SettingsResult<Settings> {
  const parsed = parseVariables(VARIABLES, variables);
  if (!variables.TOGETHER_API_KEY?.trim()) {
    const { wanted } = VARIABLES.TOGETHER_API_KEY;
    parsed.problems.push({ variable: "TOGETHER_API_KEY", value: null, wanted });
  }
  return toSettingsResult(parsed, toSettings);
}

function toSettings(values: Values<typeof VARIABLES>): Settings {
  const baseUrl = values.TOGETHER_BASE_URL ?? "https://api.together.xyz/v1";
  const model = values.TOGETHER_MODEL ?? "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo";
  const fallbackModels = values.TOGETHER_FALLBACK_MODELS ?? DEFAULT_FALLBACK_MODELS;
  const timeoutSeconds = Math.min(values.TOGETHER_TIMEOUT ?? 60, MAX_TIMEOUT_SECONDS);
  const ttlSeconds = values.ANALYSIS_CACHE_TTL ?? 86_400;
  return {
    ...toRequestSettings(values),
    isAnalysisEnabled: values.ANALYSIS_ENABLED ?? true,
    together: {
      apiKey: values.TOGETHER_API_KEY!,
      baseUrl,
      models: [model, ...withoutRepeats(fallbackModels, model)],
      capabilities: values.TOGETHER_MODEL_CAPABILITIES ?? {},
      temperature: values.TOGETHER_TEMPERATURE ?? 0.1,
      maxTokens: values.TOGETHER_MAX_TOKENS ?? 4096,
      timeoutMs: timeoutSeconds * 1000,
      slowAttemptMs: Math.min(MAX_SLOW_ATTEMPT_MS, timeoutSeconds * 1000 * 2 / 3),
    },
    customPrompts: values.ALLOW_CUSTOM_PROMPT ?? "signed-in",
    storage: {
      // Another server has no business with URLs that open a user's pictures.
      pass: isTogetherHost(baseUrl) ? values.STORAGE_PASS ?? "url" : "bytes",
      isTransformed: values.STORAGE_TRANSFORM ?? false,
    },
    // Another server than Together's may stand inside a private network and fetch from it.
    isImageUrlAllowed: values.ALLOW_IMAGE_URLS ?? isTogetherHost(baseUrl),
    limits: toLimits(values),
    cache: {
      ttlSeconds: {
        full: ttlSeconds,
        // Never longer than an analysis that is sure.
        unsure: Math.min(ttlSeconds, values.ANALYSIS_CACHE_TTL_UNSURE ?? 300),
        none: 0,
      },
      scope: values.ANALYSIS_CACHE_SCOPE ?? "user",
      maxEntries: values.ANALYSIS_CACHE_MAX_ENTRIES ?? 100_000,
    },
  };
}

/** A model that has failed is not asked again as its own fallback. */
function withoutRepeats(fallbackModels: string[], model: string): string[] {
  return [...new Set(fallbackModels)].filter((id) => id !== model && !isNone(id));
}

function isTogetherHost(baseUrl: string): boolean {
  return /(^|\.)together\.(ai|xyz)$/.test(new URL(baseUrl).hostname);
}
