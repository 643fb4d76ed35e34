/** How a request is put to the models, and what that can cost. */

import type { ChatRequest } from "../../_shared/together-ai/chat-request.ts";
import type { ModelCapabilities } from "../../_shared/together-ai/models.ts";
import { boundNanoUsd } from "../../_shared/together-ai/spending.ts";
import type { OpenPicture, Picture } from "../request/picture.ts";
import type { AnalysisRequest } from "../request/request.ts";
import { MATERIAL_SCHEMA } from "./material-schema.ts";
import {
  MATERIAL_PROMPT,
  MAX_REPAIRED_BYTES,
  toProsePrompt,
  toRepairPrompt,
  toSystemPrompt,
} from "./prompts.ts";

const DEFAULT_PROSE_TOKENS = 300;
const DEFAULT_STRUCTURED_TOKENS = 700;
/** With less than this a structured answer would be cut more often than not. */
const MIN_STRUCTURED_TOKENS = 600;

/** Which models are asked, what they are asked, and what kind of answer is wanted. */
export interface Plan {
  /** The models to ask, in this order. */
  models: readonly string[];
  chatRequest: ChatRequest;
  isStructured: boolean;
  /** The prompt is the caller's. */
  isOwnPrompt: boolean;
  /** That prompt asks for JSON, so the prose may be some. */
  isJsonWanted: boolean;
  /** What a cut answer may be asked for again with; null when there is no more to give. */
  raisedMaxTokens: number | null;
}

/** A picture in Storage is bounded like one by URL: its size is not known before it is opened. */
function toChatPicture(picture: Picture): OpenPicture {
  return picture.kind === "stored" ? { kind: "url", url: "" } : picture;
}

/**
 * @param limit The most tokens of any answer.
 * @param chain The models to ask where the caller names none.
 */
export function toPlan(
  { picture, analysisType, prompt, model, ...request }: AnalysisRequest,
  limit: number,
  chain: readonly string[],
): Plan {
  const isOwnPrompt = prompt !== null;
  const wantsStructure = analysisType === "material_identification" && !isOwnPrompt;
  const structuredTokens = request.maxTokens ?? Math.min(DEFAULT_STRUCTURED_TOKENS, limit);
  const isStructured = wantsStructure && structuredTokens >= MIN_STRUCTURED_TOKENS;
  const maxTokens = isStructured
    ? structuredTokens
    : request.maxTokens ?? Math.min(DEFAULT_PROSE_TOKENS, limit);
  const chatRequest = {
    systemPrompt: toSystemPrompt({ isOwnPrompt }),
    userPrompt: isStructured ? MATERIAL_PROMPT : prompt ?? toProsePrompt(analysisType),
    picture: toChatPicture(picture),
    temperature: request.temperature,
    maxTokens,
    ...(isStructured && { responseSchema: MATERIAL_SCHEMA, wantsLogprobs: true }),
  };
  const raised = Math.min(limit, 2 * maxTokens);
  // A caller who said how long the answer may be is not given a longer one.
  const mayRaise = request.maxTokens === null && raised > maxTokens;
  return {
    models: model === null ? chain : [model],
    chatRequest,
    isStructured,
    isOwnPrompt,
    isJsonWanted: isOwnPrompt && /json|[{}]/i.test(prompt),
    raisedMaxTokens: mayRaise ? raised : null,
  };
}

/** Asks for an answer once more, in the form it should have had. It needs no picture. */
export function toRepairRequest({ chatRequest }: Plan, answer: string): ChatRequest {
  return { ...chatRequest, userPrompt: toRepairPrompt(answer), picture: null };
}

/**
 * The most that a whole request can cost, in nano-dollars: each model of the chain once, and one repair
 * or raise of the dearest.
 */
export function toCeilingNanoUsd(plan: Plan, capabilities: ModelCapabilities = {}): number {
  const { models, chatRequest, isStructured, raisedMaxTokens } = plan;
  const maxTokens = raisedMaxTokens ?? chatRequest.maxTokens;
  const boundsOf = (request: ChatRequest) =>
    models.map((model) => boundNanoUsd(request, model, capabilities));
  const once = boundsOf(chatRequest);
  // Where the answer may not be raised there is room for a retry.
  const again = Math.max(
    ...boundsOf({ ...chatRequest, maxTokens }),
    ...(isStructured ? boundsOf(toRepairRequest(plan, "x".repeat(MAX_REPAIRED_BYTES))) : []),
  );
  return once.reduce((sum, bound) => sum + bound, 0) + again;
}
