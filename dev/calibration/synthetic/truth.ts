/** Answers whose probability of being right is known, for tests and benchmarks of the statistics. */
import { createRandom, drawNormal } from "../../random.ts";
import { toNormalLowerTail, toNormalQuantile } from "../../evaluation/statistics/distributions.ts";
import type { LabelColumns } from "../labels/label.ts";
import {
  roundProbability,
  toLogit,
  toProbability,
} from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";

/** How a model's figure comes about, and how far it can be believed. */
export interface Truth {
  /** A raw figure in [0, 1]. */
  drawRaw(random: () => number): number;
  /** The share of right answers at this raw figure. */
  toTrueShare(raw: number): number;
}

/** Labels drawn from a truth, with the share that each was drawn with. */
export interface DrawnLabels extends LabelColumns {
  trueShare: Float64Array;
}

/**
 * Draws labels. Labels of one source have the same chance behind them as far as `likeness` goes:
 * 0 is none of it, 1 makes them right or wrong together where their shares are equal.
 */
export function drawLabels(
  truth: Truth,
  count: number,
  random: () => number,
  { perSource = 1, likeness = 0 } = {},
): DrawnLabels {
  const labels: DrawnLabels = {
    raw: new Float64Array(count),
    right: new Float64Array(count),
    source: new Int32Array(count),
    trueShare: new Float64Array(count),
  };
  let common = 0;
  for (let place = 0; place < count; place++) {
    if (place % perSource === 0) common = drawNormal(random);
    const raw = truth.drawRaw(random);
    const share = truth.toTrueShare(raw);
    const chance = likeness === 0 ? random() : toNormalLowerTail(
      Math.sqrt(likeness) * common + Math.sqrt(1 - likeness) * drawNormal(random),
    );
    labels.raw[place] = raw;
    labels.trueShare[place] = share;
    labels.right[place] = chance < share ? 1 : 0;
    labels.source[place] = Math.floor(place / perSource);
  }
  return labels;
}

/** Raw figures normal on the logit; the truth is σ(slope · logit + intercept). */
export function createLogisticTruth(
  { mean = 2, spread = 1.5, slope, intercept }: {
    mean?: number;
    spread?: number;
    slope: number;
    intercept: number;
  },
): Truth {
  return {
    drawRaw: (random) => roundProbability(toProbability(mean + spread * drawNormal(random))),
    toTrueShare: (raw) => toProbability(slope * toLogit(raw) + intercept),
  };
}

/** Any rising truth over raw figures that are normal on the logit. */
export function createTruth(
  toTrueShare: (raw: number) => number,
  { mean = 1.5, spread = 1.5 } = {},
): Truth {
  return {
    drawRaw: (random) => roundProbability(toProbability(mean + spread * drawNormal(random))),
    toTrueShare,
  };
}

/**
 * The logits of right and of wrong answers are normal with one spread.
 *
 * @param rightShare of the answers, in [0, 1]
 * @param auroc the probability that a right answer has a higher figure than a wrong one
 */
export function createBinormalTruth(
  { rightShare, auroc }: { rightShare: number; auroc: number },
): Truth {
  const distance = Math.SQRT2 * toNormalQuantile(auroc);
  const prior = Math.log(rightShare / (1 - rightShare));
  return {
    drawRaw: (random) =>
      roundProbability(toProbability(drawNormal(random) + (random() < rightShare ? distance : 0))),
    toTrueShare: (raw) => toProbability(distance * (toLogit(raw) - distance / 2) + prior),
  };
}

/** The same truth after a drift: one shift of all logits has lowered the share of right answers by `drop`. */
export function createDriftedTruth(truth: Truth, drop: number): Truth {
  const { trueShare } = drawLabels(truth, 20_000, createRandom(2));
  const mean = (shift: number) =>
    trueShare.reduce((sum, each) => sum + toProbability(toLogit(each) + shift), 0) /
    trueShare.length;
  const wanted = mean(0) - drop;
  let [low, high] = [-6, 0];
  while (high - low > 1e-4) {
    const middle = (low + high) / 2;
    if (mean(middle) < wanted) low = middle;
    else high = middle;
  }
  return {
    drawRaw: truth.drawRaw,
    toTrueShare: (raw) => toProbability(toLogit(truth.toTrueShare(raw)) + low),
  };
}

/** The mean distance of a figure from the share that is true. */
export function toMeanError(figures: Float64Array, trueShare: Float64Array): number {
  let sum = 0;
  for (let place = 0; place < figures.length; place++) {
    sum += Math.abs(figures[place]! - trueShare[place]!);
  }
  return sum / figures.length;
}
