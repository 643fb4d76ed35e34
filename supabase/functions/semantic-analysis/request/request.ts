/** What is asked for, whichever way it was sent. */

import { ApiError } from "../../_shared/platform/http/api-error.ts";
import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";
import {
  ANALYSIS_TYPES,
  type AnalysisType,
  CACHE_MODES,
  type CacheMode,
  type PaletteColor,
  type Warning,
} from "../../_shared/client/contract.ts";
import { checkFields, findUnknownFields } from "./fields.ts";
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
  const { checked, problems: fieldProblems } = checkFields(fields);
  const allProblems = { ...renamed(fieldProblems, toFieldName), ...problems };
  if (Object.keys(allProblems).length > 0) throw invalidRequest(allProblems);
  const { analysis_type, prompt = null, options: wanted } = checked;
  const maxTokens = wanted.max_tokens ?? null;
  if (maxTokens !== null && maxTokens > options.maxTokens) {
    const name = toFieldName("options.max_tokens");
    throw invalidRequest({ [name]: `must be at most ${options.maxTokens}` });
  }
  if (prompt !== null && !options.isCustomPromptAllowed) {
    throw new ApiError(
      "FORBIDDEN",
      "You may not send a prompt of your own (ALLOW_CUSTOM_PROMPT): leave it out",
      { details: { setting: "ALLOW_CUSTOM_PROMPT" } },
    );
  }
  const model = wanted.model ?? null;
  if (model !== null) requireChoosable(model, options.choosableModels, toFieldName);
  const { picture, warnings } = await parsePicture(options);
  return {
    picture,
    analysisType: analysis_type ?? ANALYSIS_TYPES[0],
    prompt,
    model,
    temperature: wanted.temperature ?? options.temperature,
    maxTokens,
    cacheMode: wanted.cache ?? CACHE_MODES[0],
    palette: wanted.palette?.length ? wanted.palette : null,
    isStreamed: wanted.stream ?? isStreamed,
    minPrecision: wanted.min_precision ?? null,
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
  return findUnknownFields(fields).slice(0, MAX_NAMED_FIELDS).map((path) => ({
    code: "UNKNOWN_FIELD",
    message: `The field "${toFieldName(path)}" is not known and was ignored`,
  }));
}

function renamed(
  problems: Record<string, string>,
  toFieldName: (path: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(problems).map(([path, problem]) => [toFieldName(path), problem]),
  );
}
