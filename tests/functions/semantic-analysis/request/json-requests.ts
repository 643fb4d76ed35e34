/** JSON bodies as callers send them, parsed as the function does it. */
import { Buffer } from "node:buffer";
import { parseJsonBody } from "../../../../supabase/functions/semantic-analysis/request/json-body.ts";
import {
  type AnalysisRequest,
  type ParseRequestOptions,
  toAnalysisRequest,
} from "../../../../supabase/functions/semantic-analysis/request/request.ts";
import { assertRejected } from "../../../support/api-errors.ts";
import { toGifOfLength } from "../../../support/pictures.ts";

/** A GIF of twelve bytes, as base64. */
export const IMAGE = Buffer.from(toGifOfLength(12)).toString("base64");

/** A caller who may ask for anything but a model. */
export const OPTIONS: ParseRequestOptions = {
  maxImageBytes: 10_000,
  isImageUrlAllowed: true,
  isCustomPromptAllowed: true,
  choosableModels: null,
  temperature: 0.1,
  maxTokens: 4_096,
};

/** Parses a JSON body, in which every field can be written. */
export async function parseAnalysisRequest(
  text: string,
  options: ParseRequestOptions,
): Promise<AnalysisRequest> {
  return await toAnalysisRequest(
    parseJsonBody(new TextEncoder().encode(text), options.maxImageBytes),
    options,
  );
}

/** Parses a body with a good picture and these fields. */
export async function parse(
  fields: Record<string, unknown> = {},
  options: Partial<ParseRequestOptions> = {},
): Promise<AnalysisRequest> {
  const text = JSON.stringify({ image_data: IMAGE, ...fields });
  return await parseAnalysisRequest(text, { ...OPTIONS, ...options });
}

/** The problem of each wrong field. */
export async function problemsOf(
  parsed: Promise<unknown>,
): Promise<Record<string, unknown> | undefined> {
  return (await assertRejected(parsed, "INVALID_REQUEST")).details;
}
