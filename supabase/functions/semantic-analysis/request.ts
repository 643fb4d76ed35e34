/** From a JSON body to what is asked for. */

import * as z from "zod/mini";
import { ApiError } from "../_shared/http/api-error.ts";
import {
  ANALYSIS_TYPES,
  type AnalysisType,
  MAX_PROMPT_LENGTH,
  type Warning,
} from "../_shared/semantic-analysis/contract.ts";
import { type Image, parseImage, type ParseImageOptions } from "./image.ts";

export interface AnalysisRequest {
  image: Image;
  analysisType: AnalysisType;
  /** The caller's own question; null for ours. */
  prompt: string | null;
  temperature: number;
  /** null where the caller didn't say. */
  maxTokens: number | null;
  /** Answer with events. */
  isStreamed: boolean;
  /** What the caller should be told in case of success. */
  warnings: Warning[];
}

export interface ParseRequestOptions extends ParseImageOptions {
  isCustomPromptAllowed: boolean;
  /** For a request that doesn't say. */
  temperature: number;
  /** The most a caller may ask for. */
  maxTokens: number;
}

/** Clients often send null for what they leave out. */
function optional<T extends z.ZodMiniType>(schema: T) {
  return z.optional(z.nullable(schema));
}

const temperatureError = { error: "must be a number from 0 to 2" };
const maxTokensError = { error: "must be a whole number of at least 1" };
const promptError = { error: `must be a string of 1 to ${MAX_PROMPT_LENGTH} characters` };

const optionsSchema = z.object({
  temperature: optional(
    z.number(temperatureError).check(
      z.gte(0, temperatureError),
      z.lte(2, temperatureError),
    ),
  ),
  max_tokens: optional(z.int(maxTokensError).check(z.gte(1, maxTokensError))),
  stream: optional(z.boolean({ error: "must be true or false" })),
}, { error: "must be an object" });

const bodySchema = z.object({
  image_data: z.string({ error: "must be a string: base64, a data: URI or an https URL" }),
  analysis_type: optional(z.enum(ANALYSIS_TYPES, {
    error: `must be one of ${ANALYSIS_TYPES.join(", ")}`,
  })),
  prompt: optional(
    z.string(promptError).check(
      z.minLength(1, promptError),
      z.maxLength(MAX_PROMPT_LENGTH, promptError),
    ),
  ),
  options: optional(optionsSchema),
}, { error: "must be a JSON object" });

/**
 * Parses the text of a JSON body.
 *
 * @throws {ApiError} INVALID_REQUEST with a problem for each wrong field, FORBIDDEN for a prompt
 *   where none is allowed, or what the picture is refused with.
 */
export function parseAnalysisRequest(text: string, options: ParseRequestOptions): AnalysisRequest {
  const json = parseJson(text);
  const result = bodySchema.safeParse(json);
  if (!result.success) {
    throw invalidRequest(Object.fromEntries(
      result.error.issues.map((issue) => [issue.path.join(".") || "body", issue.message]),
    ));
  }
  const body = result.data;
  const maxTokens = body.options?.max_tokens ?? null;
  if (maxTokens !== null && maxTokens > options.maxTokens) {
    throw invalidRequest({ "options.max_tokens": `must be at most ${options.maxTokens}` });
  }
  const prompt = body.prompt ?? null;
  if (prompt !== null && !options.isCustomPromptAllowed) {
    throw new ApiError("FORBIDDEN", "This project does not allow prompts of the caller's own");
  }
  const { image, warnings } = parseImage(body.image_data, options);
  return {
    image,
    analysisType: body.analysis_type ?? ANALYSIS_TYPES[0],
    prompt,
    temperature: body.options?.temperature ?? options.temperature,
    maxTokens,
    isStreamed: body.options?.stream ?? false,
    warnings: [...toUnknownFieldWarnings(json), ...warnings],
  };
}

function parseJson(text: string): unknown {
  if (text.trim() === "") throw invalidRequest({ body: "must not be empty" });
  try {
    return JSON.parse(text);
  } catch {
    // The SyntaxError quotes the body, so it goes nowhere.
    throw invalidRequest({ body: "must be JSON" });
  }
}

function invalidRequest(details: Record<string, string>): ApiError {
  const problems = Object.entries(details).map(([path, problem]) => `${path} ${problem}`);
  return new ApiError("INVALID_REQUEST", `The request is not valid: ${problems.join("; ")}`, {
    details,
  });
}

const MAX_NAMED_FIELDS = 20;

function toUnknownFieldWarnings(json: unknown): Warning[] {
  const body = json as Record<string, unknown>;
  const unknownIn = (value: object, schema: { shape: object }, prefix: string) =>
    Object.keys(value)
      .filter((key) => !Object.hasOwn(schema.shape, key))
      .map((key) => prefix + key.slice(0, 64));
  return [
    ...unknownIn(body, bodySchema, ""),
    ...unknownIn((body.options ?? {}) as object, optionsSchema, "options."),
  ].slice(0, MAX_NAMED_FIELDS).map((path) => ({
    code: "UNKNOWN_FIELD",
    message: `The field "${path}" is not known and was ignored`,
  }));
}
