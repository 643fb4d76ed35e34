/** The raw figure of an answer: how sure it is of its label, and only as sure as something supports. */

import type { ConfidenceMethod, FamilyProbabilities } from "../../../_shared/client/contract.ts";
import type { TokenLogprob } from "../../../_shared/together-ai/completion/logprobs.ts";
import { toFamilyProbabilities } from "./family-probabilities.ts";
import { findLabelTokens, type LabelPlace } from "./label-tokens.ts";

/** Neither calibrated nor capped: that is done when it is shown. */
export interface Figure {
  /** In [0, 1]; null when nothing supports a figure. */
  raw: number | null;
  method: ConfidenceMethod;
  /** null where the model told no alternatives to its label. */
  families: FamilyProbabilities | null;
}

/** The share of the token's probability in the fused figure. */
const TOKEN_WEIGHT = 0.7;

/** Of an answer that nothing supports. */
export const NO_FIGURE: Figure = { raw: null, method: "none", families: null };

/**
 * Combines what is there: the probability with which the model wrote the label, and the figure it
 * gave itself.
 *
 * The fusion is logarithmic opinion pooling, p^w · v^(1−w) with w = 0.7: it rises with each of the
 * two, lies between them, and is 0 if either is. Genest & Zidek, "Combining Probability
 * Distributions", Statistical Science 1 (1986), §3. With another rule `FIGURE_RULE` is another.
 */
export function toFigure(
  { family, statedConfidence, label, logprobs }: {
    family: string;
    statedConfidence: number | null;
    label: LabelPlace | null;
    logprobs: readonly TokenLogprob[] | null;
  },
): Figure {
  // `unknown` is no label, however sure the model is of it.
  if (family === "unknown") return NO_FIGURE;
  const tokens = logprobs && label && findLabelTokens(logprobs, label, family);
  if (tokens === null) {
    if (statedConfidence === null) return NO_FIGURE;
    return { raw: round(statedConfidence), method: "verbalized", families: null };
  }
  const families = toFamilyProbabilities(tokens);
  const probability = Math.exp(tokens.reduce((sum, { logprob }) => sum + logprob, 0));
  if (statedConfidence === null) {
    return { raw: round(probability), method: "token_logprob", families };
  }
  const fused = probability ** TOKEN_WEIGHT * statedConfidence ** (1 - TOKEN_WEIGHT);
  return { raw: round(fused), method: "fused", families };
}

/** To the four decimals that a figure is stored and shown with. */
function round(probability: number): number {
  return Math.round(probability * 10_000) / 10_000;
}
