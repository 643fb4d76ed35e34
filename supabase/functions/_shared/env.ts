/**
 * Everything this project reads from the environment, parsed once. A wrong value doesn't stop the
 * function from starting: it answers NOT_CONFIGURED and its doctor names what is wrong.
 */

import * as z from "zod/mini";
import type { AllowedOrigins } from "./http/cors.ts";
import type { Limits } from "./rate-limiter.ts";

/** The settings of `.env.example`, parsed. */
export interface Settings {
  isAnalysisEnabled: boolean;
  together: {
    apiKey: string;
    baseUrl: string;
    /** The first choice, then what stands in for it. */
    models: [string, ...string[]];
    temperature: number;
    /** The most that a caller may ask for. */
    maxTokens: number;
    /** Of a whole call, retries and fallbacks included. */
    timeoutMs: number;
  };
  maxImageBytes: number;
  allowedOrigins: AllowedOrigins;
  isAnonymousAllowed: boolean;
  isCustomPromptAllowed: boolean;
  /** Whether pictures may be given by URL. */
  isImageUrlAllowed: boolean;
  limits: { user: Limits; anonymous: Limits };
}

/** A variable whose value can't be used. */
export interface SettingProblem {
  variable: string;
  /** What is set; null where nothing is, or where it is a secret. */
  value: string | null;
  wanted: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

export type SettingsResult =
  | { settings: Settings; problems: null }
  | { settings: null; problems: SettingProblem[] };

interface Variable<Value> {
  schema: z.ZodMiniType<Value, unknown>;
  wanted: string;
  isSecret?: boolean;
}

function number(wanted: string, min: number, max: number): Variable<number> {
  const schema = z.pipe(
    z.string().check(z.regex(/^\d+(\.\d+)?$/)),
    z.pipe(z.transform(Number), z.number().check(z.gte(min), z.lte(max))),
  );
  return { schema, wanted };
}

function integer(min: number, max: number): Variable<number> {
  const { schema } = number("", min, max);
  return {
    schema: z.pipe(schema, z.int()),
    wanted: `a whole number from ${min} to ${max}`,
  };
}

const flag: Variable<boolean> = {
  schema: z.pipe(z.enum(["true", "false"]), z.transform((value) => value === "true")),
  wanted: "true or false",
};

const modelId = z.string().check(z.regex(/^[\w.:/-]{1,200}$/));

function list(item: z.ZodMiniType<string, string>) {
  return z.pipe(
    z.pipe(
      z.string(),
      z.transform((value) => value.split(",").map((part) => part.trim()).filter((part) => part)),
    ),
    z.array(item),
  );
}

/** Exactly as a browser sends it: any other spelling, or a wildcard within, would match nothing. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/**
 * TOGETHER_TIMEOUT's upper bound in effect: the smallest hosted plan cuts a request at 75 s, and
 * authentication, limits and the answer need their share.
 */
const MAX_TIMEOUT_SECONDS = 65;

const VARIABLES = {
  TOGETHER_API_KEY: {
    schema: z.string().check(z.regex(/^[\x21-\x7e]+$/)),
    wanted: "a Together AI API key, from https://api.together.ai/settings/api-keys",
    isSecret: true,
  },
  TOGETHER_MODEL: { schema: modelId, wanted: "a model id such as vendor/model" },
  TOGETHER_FALLBACK_MODELS: {
    schema: list(modelId),
    wanted: "model ids separated by commas, or none for no fallback",
  },
  TOGETHER_BASE_URL: {
    schema: z.url({ protocol: /^https?$/ }),
    wanted: "an http(s) URL such as https://api.together.xyz/v1",
  },
  TOGETHER_MAX_TOKENS: integer(1, 131_072),
  TOGETHER_TEMPERATURE: number("a number from 0 to 2", 0, 2),
  // Less than two seconds leaves no time for an attempt; more than an hour was meant in milliseconds.
  TOGETHER_TIMEOUT: number("a number of seconds from 2 to 3600", 2, 3600),
  ANALYSIS_ENABLED: flag,
  MAX_IMAGE_BYTES: integer(1_024, 20_971_520),
  ALLOWED_ORIGINS: {
    schema: list(z.string().check(z.refine((text) => text === "*" || isOrigin(text)))),
    wanted: "* or origins such as https://app.example.com, separated by commas",
  },
  ALLOW_ANONYMOUS: flag,
  ALLOW_CUSTOM_PROMPT: flag,
  ALLOW_IMAGE_URLS: flag,
  RATE_LIMIT_PER_MINUTE: integer(1, 60_000),
  RATE_LIMIT_BURST: integer(1, 60_000),
  RATE_LIMIT_PER_DAY: integer(1, 100_000_000),
  RATE_LIMIT_ANONYMOUS_PER_MINUTE: integer(1, 60_000),
  RATE_LIMIT_ANONYMOUS_BURST: integer(1, 60_000),
  RATE_LIMIT_ANONYMOUS_PER_DAY: integer(1, 100_000_000),
} satisfies Record<string, Variable<unknown>>;

/** Names of all variables that `parseSettings` reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(VARIABLES);

type Values = {
  [Name in keyof typeof VARIABLES]?: z.infer<(typeof VARIABLES)[Name]["schema"]>;
};

/**
 * The chain behind the default model, which has left Together's serverless catalogue: the one that
 * is documented with both JSON schemas and log probabilities first, then one of each other vendor.
 */
const DEFAULT_FALLBACK_MODELS = [
  "Qwen/Qwen3.5-9B",
  "zai-org/GLM-5.3-Flash",
  "meta-models/Muse-Glimmer-30B",
];

/** Parses the settings. A variable that is set to nothing counts as not set. */
export function parseSettings(variables: Variables): SettingsResult {
  const values: Values = {};
  const problems: SettingProblem[] = [];
  for (const [name, { schema, wanted, ...rest }] of Object.entries(VARIABLES)) {
    const value = variables[name]?.trim() || undefined;
    if (value === undefined) continue;
    const result = schema.safeParse(value);
    if (result.success) Object.assign(values, { [name]: result.data });
    else problems.push({ variable: name, value: "isSecret" in rest ? null : value, wanted });
  }
  if (!variables.TOGETHER_API_KEY?.trim()) {
    const { wanted } = VARIABLES.TOGETHER_API_KEY;
    problems.push({ variable: "TOGETHER_API_KEY", value: null, wanted });
  }
  return problems.length > 0
    ? { settings: null, problems }
    : { settings: toSettings(values), problems: null };
}

function toSettings(values: Values): Settings {
  const baseUrl = values.TOGETHER_BASE_URL ?? "https://api.together.xyz/v1";
  const model = values.TOGETHER_MODEL ?? "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo";
  const fallbackModels = values.TOGETHER_FALLBACK_MODELS ?? DEFAULT_FALLBACK_MODELS;
  const timeoutSeconds = Math.min(values.TOGETHER_TIMEOUT ?? 60, MAX_TIMEOUT_SECONDS);
  const origins = values.ALLOWED_ORIGINS ?? ["*"];
  const perMinute = values.RATE_LIMIT_PER_MINUTE ?? 20;
  const user: Limits = {
    perMinute,
    burst: values.RATE_LIMIT_BURST ?? perMinute,
    perDay: values.RATE_LIMIT_PER_DAY ?? 200,
  };
  return {
    isAnalysisEnabled: values.ANALYSIS_ENABLED ?? true,
    together: {
      apiKey: values.TOGETHER_API_KEY!,
      baseUrl,
      models: [model, ...withoutRepeats(fallbackModels, model)],
      temperature: values.TOGETHER_TEMPERATURE ?? 0.1,
      maxTokens: values.TOGETHER_MAX_TOKENS ?? 4096,
      timeoutMs: timeoutSeconds * 1000,
    },
    maxImageBytes: values.MAX_IMAGE_BYTES ?? 6 * 1024 * 1024,
    allowedOrigins: origins.includes("*") ? "*" : origins,
    isAnonymousAllowed: values.ALLOW_ANONYMOUS ?? true,
    isCustomPromptAllowed: values.ALLOW_CUSTOM_PROMPT ?? true,
    // Another server than Together's may stand inside a private network and fetch from it.
    isImageUrlAllowed: values.ALLOW_IMAGE_URLS ?? isTogetherHost(baseUrl),
    limits: {
      user,
      anonymous: {
        perMinute: values.RATE_LIMIT_ANONYMOUS_PER_MINUTE ?? aQuarterOf(user.perMinute),
        burst: values.RATE_LIMIT_ANONYMOUS_BURST ?? aQuarterOf(user.burst),
        perDay: values.RATE_LIMIT_ANONYMOUS_PER_DAY ?? aQuarterOf(user.perDay),
      },
    },
  };
}

/** A model that has failed is not asked again as its own fallback. */
function withoutRepeats(fallbackModels: string[], model: string): string[] {
  return [...new Set(fallbackModels)].filter((id) => id !== model && id !== "none");
}

function isTogetherHost(baseUrl: string): boolean {
  return /(^|\.)together\.(ai|xyz)$/.test(new URL(baseUrl).hostname);
}

function aQuarterOf(limit: number): number {
  return Math.max(1, Math.floor(limit / 4));
}
