/** What a question will cost, known before it is asked. */

import type { Warning } from "../../_shared/client/contract.ts";
import {
  countPictureTokens,
  MAX_PICTURE_TOKENS,
  USEFUL_EDGE,
} from "../../_shared/together-ai/models.ts";
import { findModel, toCostNanoUsd } from "../../_shared/together-ai/models.ts";
import type { Picture } from "../request/picture.ts";

export interface Estimate {
  promptTokens: number;
  /** The most that one answer of this model can cost, in US dollars. */
  costUsd(model: string): number;
}

/** English prose has about four characters a token; other scripts have fewer. */
const CHARACTERS_PER_TOKEN = 4;

/** @param prompts Everything that is sent beside the picture. */
export function estimate(
  picture: Picture,
  prompts: readonly string[],
  maxTokens: number,
): Estimate {
  const imageTokens = picture.kind === "bytes"
    ? countPictureTokens(picture.width, picture.height)
    : MAX_PICTURE_TOKENS;
  const characters = prompts.reduce((sum, prompt) => sum + prompt.length, 0);
  const promptTokens = imageTokens + Math.ceil(characters / CHARACTERS_PER_TOKEN);
  return {
    promptTokens,
    costUsd: (model) =>
      toCostNanoUsd({ promptTokens, completionTokens: maxTokens }, findModel(model)) / 1e9,
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
