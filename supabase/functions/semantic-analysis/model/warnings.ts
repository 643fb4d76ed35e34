/** What the caller should know of an analysis although it succeeded. */

import type { Warning } from "../../_shared/client/contract.ts";
import type { Plan } from "./plan.ts";
import type { Reading } from "./reading/reading.ts";

const TRUNCATED: Warning = {
  code: "ANSWER_TRUNCATED",
  message: "The answer breaks off: at max_tokens, or where the model left it unfinished",
};

const STRUCTURE_UNAVAILABLE: Warning = {
  code: "STRUCTURE_UNAVAILABLE",
  message: "The model's answer was not in the form asked for, so there is prose alone",
};

/** Warns of an answer by another model than the first of the chain. */
export function toModelWarnings(askedModel: string, preferredModel: string): Warning[] {
  if (askedModel === preferredModel) return [];
  return [{
    code: "MODEL_FALLBACK",
    message: `The model "${preferredModel}" did not answer, "${askedModel}" did`,
  }];
}

/** Warns of an answer that lacks its structure, breaks off, or uses other words than the vocabulary's. */
export function toReadingWarnings(
  { answer, isCut }: Reading,
  { isStructured }: Plan,
): Warning[] {
  return [
    ...(isStructured && answer === null ? [STRUCTURE_UNAVAILABLE] : []),
    ...(answer?.unknownValues ?? []).map((value): Warning => ({
      code: "VALUE_NOT_IN_VOCABULARY",
      message: `The model said ${value}, which counts as unknown`,
    })),
    ...(isCut ? [TRUNCATED] : []),
  ];
}
