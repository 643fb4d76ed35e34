/** How a request is put to the model. */

import type { ChatRequest } from "../../_shared/together-ai/chat-completion.ts";
import { MATERIAL_SCHEMA } from "./material-schema.ts";
import { MATERIAL_PROMPT, SYSTEM_PROMPT, toProsePrompt } from "./prompts.ts";
import type { OpenPicture, Picture } from "../request/picture.ts";
import type { AnalysisRequest } from "../request/request.ts";

const DEFAULT_PROSE_TOKENS = 300;
const DEFAULT_STRUCTURED_TOKENS = 700;
/** With less than this a structured answer would be cut more often than not. */
const MIN_STRUCTURED_TOKENS = 600;

export interface Plan {
  chatRequest: ChatRequest;
  isStructured: boolean;
  /** What a cut answer may be asked for again with; null when there is no more to give. */
  raisedMaxTokens: number | null;
}

/** A picture in Storage is bounded like one by URL: its size is not known before it is opened. */
function toChatPicture(picture: Picture): OpenPicture {
  return picture.kind === "stored" ? { kind: "url", url: "" } : picture;
}

/** @param limit The most tokens of any answer. */
export function toPlan(
  { picture, analysisType, prompt, ...request }: AnalysisRequest,
  limit: number,
): Plan {
  const wantsStructure = analysisType === "material_identification" && prompt === null;
  const structuredTokens = request.maxTokens ?? Math.min(DEFAULT_STRUCTURED_TOKENS, limit);
  const isStructured = wantsStructure && structuredTokens >= MIN_STRUCTURED_TOKENS;
  const maxTokens = isStructured
    ? structuredTokens
    : request.maxTokens ?? Math.min(DEFAULT_PROSE_TOKENS, limit);
  const chatRequest = {
    systemPrompt: SYSTEM_PROMPT,
    userPrompt: isStructured ? MATERIAL_PROMPT : prompt ?? toProsePrompt(analysisType),
    picture: toChatPicture(picture),
    temperature: request.temperature,
    maxTokens,
    ...(isStructured && { responseSchema: MATERIAL_SCHEMA, wantsLogprobs: true }),
  };
  const raised = Math.min(limit, 2 * maxTokens);
  // A caller who said how long the answer may be is not given a longer one.
  const mayRaise = request.maxTokens === null && raised > maxTokens;
  return { chatRequest, isStructured, raisedMaxTokens: mayRaise ? raised : null };
}
