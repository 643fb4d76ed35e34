import type { AnsweredLine, AnswerLine } from "../answers/answer-line.ts";
import { rateAnswer } from "../answers/rate-answer.ts";
import { bootstrap, type BootstrapOptions, toPercentileInterval } from "../statistics/bootstrap.ts";
import type { Estimate } from "../statistics/interval.ts";
import { toClusters } from "../statistics/observations.ts";
import { adjustByHolm, testPaired } from "./paired-test.ts";
import { findSmallestDifference } from "./smallest-difference.ts";

/** One side of a comparison. */
export interface Side {
  name: string;
  lines: readonly AnswerLine[];
}

/** How B's families compare with A's, on the pictures that both have answered. */
export interface Comparison {
  a: string;
  b: string;
  /** Pictures that both have answered, of so many sources. */
  pictures: number;
  sources: number;
  /** Labelled pictures of either that the other has no answer to. */
  unpaired: number;
  accuracyA: number;
  accuracyB: number;
  /** B's share of right answers less A's. */
  difference: Estimate;
  onlyA: number;
  onlyB: number;
  /** Two-sided; adjusted for the comparisons made beside it. */
  p: number;
  /** `mcnemar` where each source has one picture. */
  test: "mcnemar" | "clusters";
  /** The smallest difference that would have been found in 90 of 100. */
  smallestDifference: number;
}

/** B may have happened by chance with less than this. */
export const SIGNIFICANCE = 0.05;

/**
 * Compares pairs of sides. Labels are those of the second side, also for the first one's answers: they may
 * have been corrected since.
 */
export function compareSides(
  pairs: readonly (readonly [a: Side, b: Side])[],
  options: BootstrapOptions,
): Comparison[] {
  const comparisons = pairs.map(([a, b]) => compare(a, b, options));
  const adjusted = adjustByHolm(comparisons.map(({ p }) => p));
  return comparisons.map((comparison, index) => ({ ...comparison, p: adjusted[index]! }));
}

function compare(a: Side, b: Side, options: BootstrapOptions): Comparison {
  const answersOfA = new Map(toAnswered(a).map((line) => [line.content_hash, line]));
  const answersOfB = toAnswered(b).filter(({ labels }) => labels.family !== undefined);
  const pairs = answersOfB.flatMap((line) => {
    const other = answersOfA.get(line.content_hash);
    if (other === undefined) return [];
    const { family } = line.labels;
    return [{
      source: line.source,
      a: Number(rateAnswer({ family }, other.answered).family),
      b: Number(line.right.family),
    }];
  });
  const clustered = toClusters(pairs.map(({ source }) => source));
  const differences = new Array<number>(clustered.clusters).fill(0);
  for (const [place, pair] of pairs.entries()) {
    differences[clustered.cluster[place]!]! += pair.b - pair.a;
  }
  const onlyA = pairs.filter((pair) => pair.a > pair.b).length;
  const onlyB = pairs.filter((pair) => pair.b > pair.a).length;
  const count = pairs.length;
  const toDifference = (weights: Float64Array) => {
    let sum = 0;
    let total = 0;
    for (const [place, pair] of pairs.entries()) {
      sum += weights[place]! * (pair.b - pair.a);
      total += weights[place]!;
    }
    return [sum / total];
  };
  const hasPairs = count > 0;
  const [draws] = hasPairs ? bootstrap(clustered, toDifference, options) : [];
  const hashesOfB = new Set(answersOfB.map(({ content_hash }) => content_hash));
  const missingInB =
    [...answersOfA.values()].filter(({ labels, content_hash }) =>
      labels.family !== undefined && !hashesOfB.has(content_hash)
    ).length;
  return {
    a: a.name,
    b: b.name,
    pictures: count,
    sources: clustered.clusters,
    unpaired: answersOfB.length - count + missingInB,
    accuracyA: hasPairs ? pairs.filter((pair) => pair.a).length / count : 0,
    accuracyB: hasPairs ? pairs.filter((pair) => pair.b).length / count : 0,
    difference: {
      value: hasPairs ? (onlyB - onlyA) / count : 0,
      interval: draws && onlyA + onlyB > 0 ? toPercentileInterval(draws, clustered) : null,
    },
    onlyA,
    onlyB,
    p: testPaired(differences),
    test: clustered.clusters === count ? "mcnemar" : "clusters",
    smallestDifference: hasPairs
      ? findSmallestDifference({
        pictures: count,
        discordant: onlyA + onlyB,
        squaredDifferences: differences.reduce((sum, each) => sum + each ** 2, 0),
        picturesPerSource: count / clustered.clusters,
      })
      : 1,
  };
}

function toAnswered({ lines }: Side): AnsweredLine[] {
  return lines.filter((line) => line.outcome === "answered");
}
