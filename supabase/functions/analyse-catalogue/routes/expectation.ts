/** What an analysis is expected to cost, by the best that is known: experience, sizes, or list prices. */

import type { AnalysisFacts } from "../jobs/analysis-facts.ts";
import type { Progress } from "../jobs/jobs.ts";
import type { PictureSample } from "./run-request.ts";

/** What one of many is expected to cost, in nano-dollars. */
export interface Expectation {
  basis: "experience" | "sizes" | "ledger" | "list_prices";
  /** In [0, 1]: how many are known already, and cost nothing. */
  knownShare: number;
  /** Of one that is paid. */
  meanNanoUsd: number;
  /** Standard deviations of one from the mean, and of the mean from the truth; null where not known. */
  deviation: { ofOne: number; ofMean: number } | null;
}

/** With fewer analyses behind it, an average says little. */
const MIN_EXPERIENCE = 20;

/**
 * Tokens of an answer in the form for materials, where the ledger tells nothing. Its names and signs are
 * most of them, so they differ little: the stand-in's are 210.
 */
const USUAL_COMPLETION_TOKENS = 220;

/** Of the shortest answers in the form for materials. */
const LEAST_COMPLETION_TOKENS = 100;

/** Of the smallest picture, where tokens follow from sizes. */
const LEAST_PICTURE_TOKENS = 1_601;

/**
 * Half of the interval that holds the cost of `count` analyses in 95 % of cases, in nano-dollars: of the sum
 * that is to come, and of the mean that it is expected from. null where neither deviation is known.
 */
export function toMarginNanoUsd(
  deviation: Expectation["deviation"],
  count: number,
): number | null {
  return deviation &&
    1.96 * Math.hypot(deviation.ofOne * Math.sqrt(count), deviation.ofMean * count);
}

/** Standard deviation of the tokens of an answer, and of the mean where it is the usual one, as shares. */
const COMPLETION_DEVIATION = 0.3;
const USUAL_COMPLETION_DEVIATION = 0.2;

/** Experience with the same catalogue is the best: it knows the provider's way of counting. */
export function toExpectation(
  { usual, ledger }: Pick<Progress, "usual" | "ledger">,
  facts: AnalysisFacts,
  sample: PictureSample | null,
): Expectation {
  const knownShare = usual.known_share ?? 0;
  const own = Math.round(usual.analyses * (1 - knownShare));
  if (own >= MIN_EXPERIENCE && isOfPresentPrices(usual.mean_nano, facts)) {
    return { basis: "experience", knownShare, ...toSeen(usual, own) };
  }
  const bySizes = sample && toExpectationBySizes(sample, facts, ledger);
  if (bySizes) return bySizes;
  return ledger.analyses >= MIN_EXPERIENCE && isOfPresentPrices(ledger.mean_nano, facts)
    ? { basis: "ledger", knownShare: 0, ...toSeen(ledger, ledger.analyses) }
    : {
      basis: "list_prices",
      knownShare: 0,
      meanNanoUsd: facts.estimatedNanoUsd,
      deviation: null,
    };
}

/** By a model of other prices an analysis cost what by the present one none can. */
function isOfPresentPrices(
  meanNanoUsd: number | null,
  { textTokens, maxPictureTokens, inputNanoUsd, outputNanoUsd, ceilingNanoUsd }: AnalysisFacts,
): boolean {
  const pictureTokens = maxPictureTokens === null ? LEAST_PICTURE_TOKENS : 0;
  const leastNanoUsd = (textTokens + pictureTokens) * inputNanoUsd +
    LEAST_COMPLETION_TOKENS * outputNanoUsd;
  const mean = meanNanoUsd ?? 0;
  return mean >= leastNanoUsd && mean <= ceilingNanoUsd;
}

function toSeen(
  { mean_nano: mean, deviation_nano: deviation }: Pick<
    Progress["usual"],
    "mean_nano" | "deviation_nano"
  >,
  count: number,
) {
  const ofOne = deviation ?? 0;
  return { meanNanoUsd: mean ?? 0, deviation: { ofOne, ofMean: ofOne / Math.sqrt(count) } };
}

/** Stratified: W. G. Cochran, Sampling Techniques, 5.3 and 5.4. */
function toExpectationBySizes(
  sample: PictureSample,
  facts: AnalysisFacts,
  ledger: Progress["ledger"],
): Expectation | null {
  const { textTokens, maxPictureTokens, inputNanoUsd, outputNanoUsd } = facts;
  const hasLedger = ledger.analyses >= MIN_EXPERIENCE && ledger.completion_tokens !== null;
  const completionTokens = hasLedger ? ledger.completion_tokens! : USUAL_COMPLETION_TOKENS;
  const completionNanoUsd = completionTokens * outputNanoUsd;
  const toNanoUsd = (tokens: number | null) =>
    tokens === null
      ? 0
      : (textTokens + (maxPictureTokens ?? tokens)) * inputNanoUsd + completionNanoUsd;

  const strata = sample.strata.filter(({ tokens }) => tokens.length > 0);
  const pictures = strata.reduce((sum, stratum) => sum + stratum.pictures, 0);
  if (pictures === 0) return null;
  let meanNanoUsd = 0;
  let varianceOfMean = 0;
  for (const stratum of strata) {
    const costs = stratum.tokens.map(toNanoUsd);
    const { mean, variance } = toMoments(costs);
    const weight = stratum.pictures / pictures;
    const unseenShare = Math.max(0, 1 - costs.length / stratum.pictures);
    meanNanoUsd += weight * mean;
    varianceOfMean += weight ** 2 * unseenShare * variance / costs.length;
  }
  const completionDeviation = completionNanoUsd *
    (hasLedger ? COMPLETION_DEVIATION / Math.sqrt(ledger.analyses) : USUAL_COMPLETION_DEVIATION);
  return {
    basis: "sizes",
    knownShare: sample.known / (sample.known + pictures),
    meanNanoUsd,
    deviation: {
      // What the sizes add to it is in the mean: the strata are of these very pictures.
      ofOne: completionNanoUsd * COMPLETION_DEVIATION,
      ofMean: Math.hypot(Math.sqrt(varianceOfMean), completionDeviation),
    },
  };
}

function toMoments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: values.length > 1 ? squares / (values.length - 1) : 0 };
}
