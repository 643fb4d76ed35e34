/** What the model's answer comes to. */

import type { Warning } from "../_shared/semantic-analysis/contract.ts";
import type { Material } from "../_shared/semantic-analysis/material.ts";
import type { ChatCompletion, ChatRequest } from "../_shared/together-ai/chat-completion.ts";
import type { ChatResult } from "../_shared/together-ai/client.ts";
import { type Confidence, toConfidence } from "./confidence.ts";
import {
  type MaterialAnswer,
  parseCutMaterialAnswer,
  parseMaterialAnswer,
} from "./material-answer.ts";
import type { Plan } from "./plan.ts";
import { toRepairPrompt } from "./prompts.ts";

export interface Reading {
  analysis: string;
  material: Material | null;
  confidence: Confidence;
  warnings: Warning[];
  /** False for a repair, for what was saved of a cut answer, and for prose in place of structure. */
  isWorthKeeping: boolean;
}

const NO_CONFIDENCE: Confidence = { value: null, method: "none" };

const TRUNCATED: Warning = {
  code: "ANSWER_TRUNCATED",
  message: "The answer was cut off at max_tokens",
};

/** Takes an answer as it is. */
export function readProse({ completion }: ChatResult): Reading {
  return {
    analysis: completion.text.trim(),
    material: null,
    // Prose carries no figure that could stand for the certainty of a label.
    confidence: NO_CONFIDENCE,
    warnings: completion.isTruncated ? [TRUNCATED] : [],
    isWorthKeeping: true,
  };
}

/**
 * Reads a structured answer; one that can't be read is asked for once more: longer when it was cut,
 * else as a repair without the picture. What then still can't be read is prose.
 */
export async function readStructured(
  first: ChatResult,
  plan: Plan,
  { askAgain }: { askAgain: ((question: ChatRequest) => Promise<ChatResult | null>) | null },
): Promise<Reading> {
  const { completion } = first;
  const answer = parseMaterialAnswer(completion.text);
  if (answer) return toReading(answer, completion.logprobs, completion);

  const isCut = completion.isTruncated;
  const question: ChatRequest | null = !isCut
    ? { ...plan.question, userPrompt: toRepairPrompt(completion.text), image: null }
    : plan.raisedMaxTokens
    ? { ...plan.question, maxTokens: plan.raisedMaxTokens }
    : null;
  const second = question && askAgain ? (await askAgain(question))?.completion : null;
  const secondAnswer = second && parseMaterialAnswer(second.text);
  // In a repair the model copies its label, so the tokens' probabilities say nothing about it.
  if (secondAnswer) {
    return {
      ...toReading(secondAnswer, isCut ? second.logprobs : null, { isTruncated: false }),
      isWorthKeeping: isCut,
    };
  }

  const cut = (second && parseCutMaterialAnswer(second.text)) ??
    parseCutMaterialAnswer(completion.text);
  if (cut) {
    return {
      ...toReading(cut, isCut ? completion.logprobs : null, { isTruncated: true }),
      isWorthKeeping: false,
    };
  }
  const warnings: Warning[] = [{
    code: "STRUCTURE_UNAVAILABLE",
    message: "The model's answer was not in the form asked for, so there is prose alone",
  }];
  return {
    ...readProse(first),
    warnings: [...warnings, ...(isCut ? [TRUNCATED] : [])],
    isWorthKeeping: false,
  };
}

function toReading(
  { description, material, statedConfidence, unknownValues }: MaterialAnswer,
  logprobs: ChatCompletion["logprobs"],
  { isTruncated }: { isTruncated: boolean },
): Reading {
  return {
    analysis: description,
    material,
    confidence: toConfidence({ family: material.family, statedConfidence, logprobs }),
    warnings: [
      ...unknownValues.map((value): Warning => ({
        code: "VALUE_NOT_IN_VOCABULARY",
        message: `The model said ${value}, which counts as unknown`,
      })),
      ...(isTruncated ? [TRUNCATED] : []),
    ],
    isWorthKeeping: true,
  };
}
