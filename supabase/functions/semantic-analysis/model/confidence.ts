/** How sure an answer is of its label, and only as sure as something supports. */

import type { ConfidenceMethod } from "../../_shared/client/contract.ts";
import type { TokenLogprob } from "../../_shared/together-ai/logprobs.ts";

export interface Confidence {
  /** In [0, 1]; null when nothing supports a figure. */
  value: number | null;
  method: ConfidenceMethod;
}

/** Models overstate themselves, so their word alone counts for no more than this. */
export const MAX_VERBALIZED = 0.75;

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
  { family, statedConfidence, logprobs }: {
    family: string;
    statedConfidence: number | null;
    logprobs: readonly TokenLogprob[] | null;
  },
): Confidence {
  // To be sure of not knowing is no confidence in a label.
  if (family === "unknown") return NONE;
  const probability = logprobs && findLabelProbability(logprobs, family);
  if (probability === null) {
    if (statedConfidence === null) return NONE;
    return { value: round(Math.min(statedConfidence, MAX_VERBALIZED)), method: "verbalized" };
  }
  if (statedConfidence === null) return { value: round(probability), method: "token_logprob" };
  const fused = probability ** TOKEN_WEIGHT * statedConfidence ** (1 - TOKEN_WEIGHT);
  return { value: round(fused), method: "fused" };
}

/**
 * The joint probability of the tokens that spell the value of `"family"`; null when they can't be
 * told, or spell something else than the label that was made of it.
 */
function findLabelProbability(tokens: readonly TokenLogprob[], family: string): number | null {
  const text = tokens.map(({ token }) => token).join("");
  const match = /"family"\s*:\s*"([^"\\]*)"/d.exec(text);
  const span = match?.indices?.[1];
  if (!match || !span || match[1]!.trim().toLowerCase().replace(/[\s-]+/g, "_") !== family) {
    return null;
  }
  const [start, end] = span;
  let offset = 0;
  let logprob = 0;
  for (const { token, logprob: each } of tokens) {
    if (offset < end && offset + token.length > start) logprob += each;
    offset += token.length;
  }
  return Math.exp(logprob);
}

function round(probability: number): number {
  return Math.round(probability * 10_000) / 10_000;
}
