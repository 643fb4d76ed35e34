/** What a request will probably cost, known before a model is asked. */

import type { Warning } from "../../_shared/client/contract.ts";
import type { ChatRequest } from "../../_shared/together-ai/chat-request.ts";
import {
  countPictureTokens,
  findModel,
  MAX_PICTURE_TOKENS,
  type ModelCapabilities,
  toCostNanoUsd,
  USEFUL_EDGE,
} from "../../_shared/together-ai/models.ts";
import type { Picture } from "../request/picture.ts";

/** The tokens and the price that a caller is told to expect. */
export interface Estimate {
  promptTokens: number;
  /** The most that one answer of this model can cost, in US dollars. */
  costUsd(model: string): number;
}

/** English prose has about four characters a token; other scripts have fewer. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * Estimates by the size of the picture, the length of the prompts and the most tokens of the answer. A
 * picture behind a URL counts as the largest, for its size is unknown.
 */
export function estimate(
  picture: Picture,
  { systemPrompt, userPrompt, maxTokens }: ChatRequest,
  capabilities: ModelCapabilities = {},
): Estimate {
  const pictureTokens = picture.kind === "bytes"
    ? countPictureTokens(picture.width, picture.height)
    : MAX_PICTURE_TOKENS;
  const characters = systemPrompt.length + userPrompt.length;
  const promptTokens = pictureTokens + Math.ceil(characters / CHARACTERS_PER_TOKEN);
  const usage = { promptTokens, completionTokens: maxTokens };
  return {
    promptTokens,
    costUsd: (model) => toCostNanoUsd(usage, findModel(model, capabilities)) / 1e9,
  };
}

/** Says what a picture larger than the model can use would cost if it were smaller. */
export function toSizeWarnings(picture: Picture): Warning[] {
  if (picture.kind !== "bytes") return [];
  const { width, height } = picture;
  const longEdge = Math.max(width, height);
  if (longEdge <= USEFUL_EDGE) return [];
  const scale = (USEFUL_EDGE - 1) / longEdge;
  const smaller = [width, height].map((edge) => Math.max(1, Math.floor(edge * scale)));
  const [tokens, fewerTokens] = [
    countPictureTokens(width, height),
    countPictureTokens(smaller[0]!, smaller[1]!),
  ];
  return [{
    code: "IMAGE_LARGER_THAN_USED",
    message:
      `The image has ${width} × ${height} pixels (${tokens} tokens); the model sees no more ` +
      `than ${USEFUL_EDGE} in a direction, and ${smaller.join(" × ")} costs ${fewerTokens}`,
  }];
}
