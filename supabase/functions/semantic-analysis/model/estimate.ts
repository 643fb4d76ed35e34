/** What a request will probably cost, known before a model is asked. */

import type { Warning } from "../../_shared/client/contract.ts";
import { toUsd } from "../../_shared/platform/limits/rate-limits.ts";
import type { ChatRequest } from "../../_shared/together-ai/chat-request.ts";
import {
  countPictureTokens,
  MAX_PICTURE_TOKENS,
  type Model,
  toCostNanoUsd,
  USEFUL_EDGE,
} from "../../_shared/together-ai/models.ts";
import type { Picture } from "../request/picture.ts";

/** The tokens and the price that a caller is told to expect. */
export interface Estimate {
  promptTokens: number;
  /** With the most tokens of the answer, in US dollars. */
  costUsd: number;
}

/** English prose has about four characters a token; other scripts have fewer. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * Estimates by the size of the picture, the length of the prompts and the most tokens of the answer. A
 * picture counts as the operator says of the model, else by its tiles; one behind a URL as the largest, for
 * its size is unknown.
 */
export function estimate(
  picture: Picture,
  { systemPrompt, userPrompt, maxTokens }: ChatRequest,
  model: Model,
): Estimate {
  const tokensByTiles = picture.kind === "bytes"
    ? countPictureTokens(picture.width, picture.height)
    : MAX_PICTURE_TOKENS;
  const pictureTokens = model.maxPictureTokens ?? tokensByTiles;
  const characters = systemPrompt.length + userPrompt.length;
  const promptTokens = pictureTokens + Math.ceil(characters / CHARACTERS_PER_TOKEN);
  const usage = { promptTokens, completionTokens: maxTokens };
  return { promptTokens, costUsd: toUsd(toCostNanoUsd(usage, model)) };
}

/**
 * Says what a picture larger than the model can use would cost if it were smaller. Of a model that doesn't
 * count by tiles that isn't known.
 */
export function toSizeWarnings(
  picture: Picture,
  { maxPictureTokens }: Pick<Model, "maxPictureTokens">,
): Warning[] {
  if (picture.kind !== "bytes" || maxPictureTokens !== null) return [];
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
      `The picture has ${width} × ${height} pixels (${tokens} tokens); the model sees no more ` +
      `than ${USEFUL_EDGE} in a direction, and ${smaller.join(" × ")} costs ${fewerTokens}`,
  }];
}
