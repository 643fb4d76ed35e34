/**
 * How far confidences are what they say: the reliability diagram, the expected calibration error and the
 * Brier score of the families' answers.
 */
import type { AnsweredLine } from "../answers/answer-line.ts";
import {
  bootstrap,
  type BootstrapOptions,
  type Clustered,
  toPercentileInterval,
} from "./bootstrap.ts";
import { type Estimate, toWilsonInterval } from "./interval.ts";
import { toNormalLowerTail } from "./distributions.ts";
import { toClusters } from "./observations.ts";

/** Answers of about the same confidence. */
export interface ReliabilityBin {
  count: number;
  /** The least and the greatest confidence in it. */
  from: number;
  to: number;
  meanConfidence: number;
  rightShare: number;
  /** Of the share, by Wilson. */
  interval: [number, number];
}

/** Which figure: as callers are shown it, or neither capped nor calibrated. */
export type Figure = "confidence" | "raw_confidence";

/** Of the answers with a figure and a label of the family. */
export interface Reliability {
  figure: Figure;
  count: number;
  /** Labelled answers without a confidence. */
  withoutConfidence: number;
  /** Of them how many are calibrated already. */
  calibrated: number;
  bins: ReliabilityBin[];
  /** Debiased: what chance alone would show is taken off. */
  ece: Estimate;
  brier: Estimate;
  meanConfidence: number;
  rightShare: number;
}

/** Bins hold equally many answers; fewer bins where there are few answers. */
const MAX_BINS = 10;
const MIN_PER_BIN = 20;

interface Figures extends Clustered {
  confidence: Float64Array;
  right: Float64Array;
  /** Number of the bin of each answer. */
  bin: Int32Array;
  bins: number;
}

/** @returns null where no labelled answer has a confidence */
export function measureReliability(
  lines: readonly AnsweredLine[],
  figure: Figure,
  options: BootstrapOptions,
): Reliability | null {
  const labelled = lines.filter(({ right }) => right.family !== undefined);
  const told = labelled.filter((line) => line[figure] !== null)
    .toSorted((left, right) => left[figure]! - right[figure]!);
  if (told.length === 0) return null;
  const figures = toFigures(told, figure);
  const ones = new Float64Array(told.length).fill(1);
  const toStatistics = (weights: Float64Array) => [
    toDebiasedEce(figures, weights),
    toBrier(figures, weights),
  ];
  const [ece, brier] = toStatistics(ones) as [number, number];
  const [eces, briers] = bootstrap(figures, toStatistics, options);
  return {
    figure,
    count: told.length,
    withoutConfidence: labelled.length - told.length,
    calibrated: told.filter(({ is_calibrated }) => is_calibrated).length,
    bins: toBins(figures),
    ece: { value: ece, interval: toEceInterval(ece, eces!, figures) },
    brier: { value: brier, interval: toPercentileInterval(briers!, figures) },
    meanConfidence: toMean(figures.confidence),
    rightShare: toMean(figures.right),
  };
}

/**
 * The debiased expected calibration error of any figures, in any order.
 *
 * @param cluster number of the cluster of each place, from 0
 */
export function measureEce(
  confidence: Float64Array,
  right: Float64Array,
  cluster: Int32Array,
): number {
  const order = Int32Array.from(confidence.keys()).sort((a, b) => confidence[a]! - confidence[b]!);
  const sorted = Float64Array.from(order, (place) => confidence[place]!);
  return toDebiasedEce({
    cluster: cluster.map((_, place) => cluster[order[place]!]!),
    clusters: Math.max(...cluster) + 1,
    confidence: sorted,
    right: right.map((_, place) => right[order[place]!]!),
    ...toBinNumbers(sorted),
  }, new Float64Array(confidence.length).fill(1));
}

/** @param told sorted by confidence */
function toFigures(told: readonly AnsweredLine[], figure: Figure): Figures {
  const confidence = Float64Array.from(told, (line) => line[figure]!);
  return {
    ...toClusters(told.map(({ source }) => source)),
    confidence,
    right: Float64Array.from(told, ({ right }) => Number(right.family)),
    ...toBinNumbers(confidence),
  };
}

/** @param confidence rising; equal confidences share a bin */
function toBinNumbers(confidence: Float64Array): Pick<Figures, "bin" | "bins"> {
  const count = confidence.length;
  const bins = Math.max(1, Math.min(MAX_BINS, Math.floor(count / MIN_PER_BIN)));
  const bin = new Int32Array(count);
  let last = 0;
  for (let place = 1; place < count; place++) {
    const isTied = confidence[place] === confidence[place - 1];
    const wanted = Math.floor(place * bins / count);
    bin[place] = isTied || wanted === last ? bin[place - 1]! : bin[place - 1]! + 1;
    if (!isTied) last = wanted;
  }
  return { bin, bins: bin.at(-1)! + 1 };
}

function toBins({ confidence, right, bin, bins }: Figures): ReliabilityBin[] {
  return Array.from({ length: bins }, (_, index) => {
    const from = bin.indexOf(index);
    const end = bin.lastIndexOf(index) + 1;
    const rightShare = toMean(right.subarray(from, end));
    return {
      count: end - from,
      from: confidence[from]!,
      to: confidence[end - 1]!,
      meanConfidence: toMean(confidence.subarray(from, end)),
      rightShare,
      interval: toWilsonInterval(rightShare, end - from),
    };
  });
}

/**
 * The mean distance between confidence and share of right answers over the bins, less what a bin's share
 * is expected to be off by chance: the debiased estimator of A. Kumar, P. Liang & T. Ma, "Verified
 * uncertainty calibration" (NeurIPS 2019), with the mean of the folded normal distribution in closed form
 * and the variance of a bin's share over clusters.
 */
function toDebiasedEce(figures: Figures, weights: Float64Array): number {
  const { confidence, right, bin, bins, cluster, clusters } = figures;
  const count = new Float64Array(bins);
  const rightSum = new Float64Array(bins);
  const confidenceSum = new Float64Array(bins);
  for (let place = 0; place < weights.length; place++) {
    const weight = weights[place]!;
    count[bin[place]!]! += weight;
    rightSum[bin[place]!]! += weight * right[place]!;
    confidenceSum[bin[place]!]! += weight * confidence[place]!;
  }
  const squares = sumSquaredResiduals();
  let sum = 0;
  let total = 0;
  for (let index = 0; index < bins; index++) {
    const n = count[index]!;
    if (n === 0) continue;
    const distance = Math.abs(confidenceSum[index]! - rightSum[index]!) / n;
    const expected = toFoldedMean(distance, Math.sqrt(squares[index]!) / n);
    sum += n * (2 * distance - expected);
    total += n;
  }
  return Math.max(0, sum / total);

  /** Of each bin: the squares of its clusters' sums of (right − share), a cluster drawn twice counting twice. */
  function sumSquaredResiduals(): Float64Array {
    const residuals = new Float64Array(bins * clusters);
    const drawn = new Float64Array(clusters);
    for (let place = 0; place < weights.length; place++) {
      const index = bin[place]!;
      drawn[cluster[place]!] = weights[place]!;
      residuals[index * clusters + cluster[place]!]! += right[place]! -
        rightSum[index]! / count[index]!;
    }
    const sums = new Float64Array(bins);
    for (let place = 0; place < residuals.length; place++) {
      sums[Math.floor(place / clusters)]! += drawn[place % clusters]! * residuals[place]! ** 2;
    }
    return sums;
  }
}

/** E|X| of a normal X. F. C. Leone et al., "The folded normal distribution", Technometrics 3 (1961). */
function toFoldedMean(mean: number, deviation: number): number {
  if (deviation === 0) return mean;
  const z = mean / deviation;
  return deviation * Math.sqrt(2 / Math.PI) * Math.exp(-(z ** 2) / 2) +
    mean * (1 - 2 * toNormalLowerTail(-z));
}

/** G. W. Brier, "Verification of forecasts expressed in terms of probability" (1950). */
function toBrier({ confidence, right }: Figures, weights: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let place = 0; place < weights.length; place++) {
    sum += weights[place]! * (confidence[place]! - right[place]!) ** 2;
    total += weights[place]!;
  }
  return sum / total;
}

/**
 * Draws lie above what they are of, for each adds chance of its own: the lower end is mirrored (Davison &
 * Hinkley (1997), §5.2). The upper one stays, which errs on the safe side.
 */
function toEceInterval(
  value: number,
  draws: Float64Array,
  clustered: Clustered,
): Estimate["interval"] {
  const interval = toPercentileInterval(draws, clustered);
  if (interval === null) return null;
  const [low, high] = interval;
  return [Math.max(0, Math.min(value, 2 * value - high)), Math.max(high, 2 * value - low)];
}

function toMean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
