/** What is asked for, whichever way it was sent. */

import * as z from "zod/mini";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";
import { lazily } from "../../_shared/platform/lazily.ts";
import { paletteSchema } from "../../_shared/platform/palette.ts";
import {
  ANALYSIS_TYPES,
  type AnalysisType,
  CACHE_MODES,
  type CacheMode,
  MAX_PRECISION,
  MAX_PROMPT_LENGTH,
  type PaletteColor,
  type Warning,
} from "../../_shared/client/contract.ts";
import type { ParsedPicture, ParsePictureOptions, Picture } from "./picture.ts";

/** What a caller asks for, whichever form of body it came in. */
export interface AnalysisRequest {
  picture: Picture;
  analysisType: AnalysisType;
  /** The caller's own question; null for ours. */
  prompt: string | null;
  /** The model to ask alone; null for the chain. */
  model: string | null;
  temperature: number;
  /** Upper bound of the answer's length in tokens; null when the caller named none. */
  maxTokens: number | null;
  cacheMode: CacheMode;
  /** What the caller has measured. No part of the question: it is put beside the analysis afterwards. */
  palette: PaletteColor[] | null;
  /** The answer is wanted as server-sent events. */
  isStreamed: boolean;
  /** The share of right answers that `meets` is asked for; null for none. The answer doesn't depend on it. */
  minPrecision: number | null;
  /** What the caller should be told in case of success. */
  warnings: Warning[];
}

/** Which models a caller may choose. */
export interface ChoosableModels {
  has(id: string): boolean;
  /** For the message: some of them. */
  examples: readonly string[];
}

/** What this caller may ask for, and what holds where nothing is said. */
export interface ParseRequestOptions extends ParsePictureOptions {
  isCustomPromptAllowed: boolean;
  /** The models that the caller may choose from; null where it may not choose. */
  choosableModels: ChoosableModels | null;
  /** For a request that doesn't say. */
  temperature: number;
  /** The most a caller may ask for. */
  maxTokens: number;
}

/** The parts of a request that the ways to send one have in common. */
export interface RequestFields {
  /** Everything but the picture, as the JSON body names it; not yet looked at. */
  fields: Record<string, unknown>;
  /** What is wrong already, by the field's name. */
  problems?: Record<string, string>;
  /** The picture, parsed only when nothing else is wrong; once. */
  parsePicture: (options: ParsePictureOptions) => Promise<ParsedPicture>;
  /** Of the body's label. */
  warnings?: Warning[];
  /** What to call a field in messages. Default its path in the JSON body, `options.temperature`. */
  toFieldName?: (path: string) => string;
  /** For a request that doesn't say. Default false. */
  isStreamed?: boolean;
}

/** Clients often send null for what they leave out. */
function optional<T extends z.ZodMiniType>(schema: T) {
  return z.optional(z.nullable(schema));
}

const temperatureError = { error: "must be a number from 0 to 2" };
const maxTokensError = { error: "must be a whole number of at least 1" };
const modelError = { error: "must be a model's id" };
const promptError = { error: `must be a string of 1 to ${MAX_PROMPT_LENGTH} characters` };

const precisionError = { error: `must be a number from 0.5 to ${MAX_PRECISION}` };

const optionsSchema = lazily(() =>
  z.object({
    temperature: optional(
      z.number(temperatureError).check(
        z.gte(0, temperatureError),
        z.lte(2, temperatureError),
      ),
    ),
    max_tokens: optional(z.int(maxTokensError).check(z.gte(1, maxTokensError))),
    stream: optional(z.boolean({ error: "must be true or false" })),
    cache: optional(z.enum(CACHE_MODES, { error: `must be one of ${CACHE_MODES.join(", ")}` })),
    model: optional(
      z.string(modelError).check(z.minLength(1, modelError), z.maxLength(200, modelError)),
    ),
    min_precision: optional(
      z.number(precisionError).check(
        z.gte(0.5, precisionError),
        z.lte(MAX_PRECISION, precisionError),
      ),
    ),
    palette: optional(paletteSchema()),
  }, { error: "must be an object" })
);

const fieldsSchema = lazily(() =>
  z.object({
    analysis_type: optional(z.enum(ANALYSIS_TYPES, {
      error: `must be one of ${ANALYSIS_TYPES.join(", ")}`,
    })),
    prompt: optional(
      z.string(promptError).check(
        z.minLength(1, promptError),
        z.maxLength(MAX_PROMPT_LENGTH, promptError),
      ),
    ),
    options: optional(optionsSchema()),
  })
);

/**
 * Checks the fields, then the picture.
 *
 * @throws {ApiError} INVALID_REQUEST with a problem for each wrong field, FORBIDDEN for a prompt
 *   where none is allowed, or what the picture is refused with.
 */
export async function toAnalysisRequest(
  {
    fields,
    problems,
    parsePicture,
    warnings: bodyWarnings = [],
    toFieldName = (path) => path,
    isStreamed = false,
  }: RequestFields,
  options: ParseRequestOptions,
): Promise<AnalysisRequest> {
  const result = fieldsSchema().safeParse(fields);
  const issues = (result.error?.issues ?? [])
    .map(({ path, message }) => [toFieldName(path.join(".")), message] as const);
  const allProblems = { ...Object.fromEntries(issues), ...problems };
  if (!result.success || Object.keys(allProblems).length > 0) throw invalidRequest(allProblems);
  const { analysis_type, prompt = null, options: wanted } = result.data;
  const maxTokens = wanted?.max_tokens ?? null;
  if (maxTokens !== null && maxTokens > options.maxTokens) {
    const name = toFieldName("options.max_tokens");
    throw invalidRequest({ [name]: `must be at most ${options.maxTokens}` });
  }
  if (prompt !== null && !options.isCustomPromptAllowed) {
    throw new ApiError("FORBIDDEN", "This project does not take a prompt of yours", {
      details: { setting: "ALLOW_CUSTOM_PROMPT" },
    });
  }
  const model = wanted?.model ?? null;
  if (model !== null) requireChoosable(model, options.choosableModels, toFieldName);
  const { picture, warnings } = await parsePicture(options);
  return {
    picture,
    analysisType: analysis_type ?? ANALYSIS_TYPES[0],
    prompt,
    model,
    temperature: wanted?.temperature ?? options.temperature,
    maxTokens,
    cacheMode: wanted?.cache ?? CACHE_MODES[0],
    palette: wanted?.palette?.length ? wanted.palette : null,
    isStreamed: wanted?.stream ?? isStreamed,
    minPrecision: wanted?.min_precision ?? null,
    warnings: [
      ...toUnknownFieldWarnings(fields, toFieldName),
      ...bodyWarnings,
      ...warnings,
    ],
  };
}

/**
 * A model of unknown price can't be bounded, so only one with a price may be chosen.
 *
 * @throws {ApiError} FORBIDDEN where the caller may not choose, INVALID_REQUEST for another model
 */
export function requireChoosable(
  model: string,
  choosable: ChoosableModels | null,
  toFieldName: (path: string) => string,
): void {
  if (choosable === null) {
    throw new ApiError("FORBIDDEN", "Only a project secret may choose the model");
  }
  if (choosable.has(model)) return;
  throw invalidRequest({
    [toFieldName("options.model")]: `must be a model with a price, such as ${
      choosable.examples.map((id) => `"${id}"`).join(", ")
    } (setting TOGETHER_MODEL_CAPABILITIES)`,
  });
}

const MAX_NAMED_FIELDS = 20;

function toUnknownFieldWarnings(
  fields: Record<string, unknown>,
  toFieldName: (path: string) => string,
): Warning[] {
  const unknownIn = (value: object, schema: { shape: object }, prefix: string) =>
    Object.keys(value)
      .filter((key) => !Object.hasOwn(schema.shape, key))
      .map((key) => toFieldName(prefix + key.slice(0, 64)));
  return [
    ...unknownIn(fields, fieldsSchema(), ""),
    ...unknownIn((fields.options ?? {}) as object, optionsSchema(), "options."),
  ].slice(0, MAX_NAMED_FIELDS).map((path) => ({
    code: "UNKNOWN_FIELD",
    message: `The field "${path}" is not known and was ignored`,
  }));
}
