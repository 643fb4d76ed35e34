/** What the model's answer comes to. */

import type { Warning } from "../../_shared/client/contract.ts";
import type { Material } from "../../_shared/client/material.ts";
import type { ChatRequest } from "../../_shared/together-ai/chat-completion.ts";
import type { ChatResult } from "../../_shared/together-ai/client.ts";
import { TogetherResponseError } from "../../_shared/together-ai/errors.ts";
import { type Confidence, toConfidence } from "./confidence.ts";
import { readDescription } from "./description-stream.ts";
import { withoutJsonObjects } from "./json-object.ts";
import {
  type MaterialAnswer,
  parseCutMaterialAnswer,
  parseMaterialAnswer,
} from "./material-answer.ts";
import type { Plan } from "./plan.ts";
import { toRepairPrompt } from "./prompts.ts";
import { withoutReasoning } from "./reasoning.ts";
import { toUpstreamError } from "./upstream-error.ts";

export interface Reading {
  /** The answer that all of this was read from. */
  result: ChatResult;
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
  message: "The answer breaks off: at max_tokens, or where the model left it unfinished",
};

const STRUCTURE_UNAVAILABLE: Warning = {
  code: "STRUCTURE_UNAVAILABLE",
  message: "The model's answer was not in the form asked for, so there is prose alone",
};

/** Takes an answer as it is. */
export function readProse(result: ChatResult): Reading {
  const { completion } = result;
  return {
    result,
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
 * else as a repair without the picture. Of what then still can't be read the prose is taken.
 *
 * @throws {ApiError} UPSTREAM_INVALID_RESPONSE when there is none.
 */
export async function readStructured(
  first: ChatResult,
  plan: Plan,
  { askAgain }: { askAgain: ((chatRequest: ChatRequest) => Promise<ChatResult | null>) | null },
): Promise<Reading> {
  const answer = parseMaterialAnswer(first.completion.text);
  if (answer) return toReading(answer, first);

  const isRepair = !first.completion.isTruncated;
  const chatRequest: ChatRequest | null = isRepair
    ? { ...plan.chatRequest, userPrompt: toRepairPrompt(first.completion.text), picture: null }
    : plan.raisedMaxTokens
    ? { ...plan.chatRequest, maxTokens: plan.raisedMaxTokens }
    : null;
  const second = chatRequest && askAgain ? await askAgain(chatRequest) : null;
  const secondAnswer = second && parseMaterialAnswer(second.completion.text);
  if (secondAnswer) {
    return { ...toReading(secondAnswer, second, { isRepair }), isWorthKeeping: !isRepair };
  }

  for (const result of [second, first]) {
    const cut = result && parseCutMaterialAnswer(result.completion.text);
    if (!cut) continue;
    return {
      ...toReading(cut, result, { isRepair: isRepair && result === second, isCut: true }),
      isWorthKeeping: false,
    };
  }
  for (const result of [first, second]) {
    const prose = result && toProse(result.completion.text);
    if (!prose) continue;
    const reading = readProse(result);
    const warnings = [STRUCTURE_UNAVAILABLE, ...reading.warnings];
    return { ...reading, analysis: prose, warnings, isWorthKeeping: false };
  }
  throw toUpstreamError(
    new TogetherResponseError("Together AI sent an object that says nothing"),
  );
}

/** What an answer that can't be read as an object says all the same; empty when that is nothing. */
function toProse(text: string): string {
  const answer = withoutReasoning(text);
  return readDescription(answer) ??
    withoutJsonObjects(answer).replace(/```(?:json)?/gi, "").trim();
}

function toReading(
  { description, material, statedConfidence, unknownValues }: MaterialAnswer,
  result: ChatResult,
  { isRepair = false, isCut = result.completion.isTruncated } = {},
): Reading {
  // In a repair the model copies its label, so the tokens' probabilities say nothing about it.
  const logprobs = isRepair ? null : result.completion.logprobs;
  return {
    result,
    analysis: description,
    material,
    confidence: toConfidence({ family: material.family, statedConfidence, logprobs }),
    warnings: [
      ...unknownValues.map((value): Warning => ({
        code: "VALUE_NOT_IN_VOCABULARY",
        message: `The model said ${value}, which counts as unknown`,
      })),
      ...(isCut ? [TRUNCATED] : []),
    ],
    isWorthKeeping: true,
  };
}
