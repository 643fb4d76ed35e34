/** What the calls that belong together may cost, and what they have cost so far. */

import type { Attempt } from "./errors.ts";
import type { ChatRequest } from "./chat-completion.ts";
import { countPictureTokens, MAX_PICTURE_TOKENS } from "./models.ts";
import type { Usage } from "./models.ts";

/** Shared by all calls of one request: no attempt begins that could take them over the ceiling. */
export interface Spending {
  ceilingNanoUsd: number;
  /** Every attempt, oldest first, whatever became of the call it belongs to. */
  attempts: Attempt[];
}

/** Nothing spent yet. Default ceiling: none. */
export function createSpending(ceilingNanoUsd = Infinity): Spending {
  return { ceilingNanoUsd, attempts: [] };
}

/** The most that the attempts so far can have cost, in nano-dollars. */
export function spentNanoUsd({ attempts }: Spending): number {
  return attempts.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
}

/** What a model's own template and the roles of the messages may add to the texts. */
const TEMPLATE_TOKENS = 256;

/**
 * The most tokens that one attempt can take: the picture by its tiles, the texts at a token a byte (the
 * tokenizers work on UTF-8 and none makes a token of less), and the longest answer.
 */
export function boundUsage({ systemPrompt, userPrompt, picture, maxTokens }: ChatRequest): Usage {
  const textBytes = new TextEncoder().encode(systemPrompt + userPrompt).byteLength;
  return {
    promptTokens: TEMPLATE_TOKENS + textBytes + toPictureTokens(picture),
    completionTokens: maxTokens,
  };
}

function toPictureTokens(picture: ChatRequest["picture"]): number {
  if (picture === null) return 0;
  if (picture.kind === "url" || picture.width === undefined || picture.height === undefined) {
    return MAX_PICTURE_TOKENS;
  }
  return countPictureTokens(picture.width, picture.height);
}
