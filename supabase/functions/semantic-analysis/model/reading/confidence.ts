/** How sure an answer is of its label, and only as sure as something supports. */

import type { ConfidenceMethod } from "../../../_shared/client/contract.ts";
import type { TokenLogprob } from "../../../_shared/together-ai/completion.ts";
import type { MemberSpan } from "./json-parser.ts";
import { endsThinking } from "./thinking.ts";

export interface Confidence {
  /** In [0, 1]; null when nothing supports a figure. */
  value: number | null;
  method: ConfidenceMethod;
}

/** Models overstate themselves, so their word alone counts for no more than this. */
export const MAX_VERBALIZED = 0.75;

/** Where an answer has its label. */
export interface LabelPlace {
  /** What the model said, without its thinking. */
  text: string;
  span: MemberSpan;
  /** Where the object ends. */
  end: number;
}

/** The share of the token's probability in the fused figure. */
const TOKEN_WEIGHT = 0.7;

const NONE: Confidence = { value: null, method: "none" };

/**
 * Combines what is there: the probability with which the model wrote the label, and the figure it
 * gave itself.
 *
 * The fusion is logarithmic opinion pooling, p^w · v^(1−w) with w = 0.7: it rises with each of the
 * two, lies between them, and is 0 if either is. Genest & Zidek, "Combining Probability
 * Distributions", Statistical Science 1 (1986), §3.
 */
export function toConfidence(
  { family, statedConfidence, label, logprobs }: {
    family: string;
    statedConfidence: number | null;
    label: LabelPlace | null;
    logprobs: readonly TokenLogprob[] | null;
  },
): Confidence {
  // To be sure of not knowing is no confidence in a label.
  if (family === "unknown") return NONE;
  const probability = logprobs && label &&
    findLabelProbability(logprobs, label, family);
  if (probability === null) {
    if (statedConfidence === null) return NONE;
    return { value: round(Math.min(statedConfidence, MAX_VERBALIZED)), method: "verbalized" };
  }
  if (statedConfidence === null) return { value: round(probability), method: "token_logprob" };
  const fused = probability ** TOKEN_WEIGHT * statedConfidence ** (1 - TOKEN_WEIGHT);
  return { value: round(fused), method: "fused" };
}

/**
 * The joint probability of the tokens that spell the label in the answer; null when they can't be told.
 * The tokens may hold more than the answer, such as the thinking before it, which may hold a label as
 * well: so the answer's own are those that spell all of it from the label on, the last time.
 */
function findLabelProbability(
  tokens: readonly TokenLogprob[],
  { text, span, end }: LabelPlace,
  family: string,
): number | null {
  const value = text.slice(span.valueStart, span.valueEnd);
  const label = /\p{L}[\p{L}_ -]*/u.exec(value);
  if (label?.[0].trim().toLowerCase().replace(/[\s-]+/g, "_") !== family) return null;
  const said = tokens.map(({ token }) => token).join("");
  const answerStart = said.lastIndexOf(text.slice(span.keyStart, end));
  if (answerStart === -1 || endsThinking(said.slice(answerStart))) return null;
  const start = answerStart + span.valueStart - span.keyStart + label.index;
  const stop = start + label[0].trimEnd().length;
  let offset = 0;
  let logprob = 0;
  for (const { token, logprob: each } of tokens) {
    if (offset < stop && offset + token.length > start) logprob += each;
    offset += token.length;
  }
  return Math.exp(logprob);
}

function round(probability: number): number {
  return Math.round(probability * 10_000) / 10_000;
}
