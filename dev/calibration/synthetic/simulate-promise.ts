import { createRandom } from "../../random.ts";
import { findThresholds } from "../promise/thresholds.ts";
import { drawLabels, type Truth } from "./truth.ts";

/** What thresholds from many sets of labels came to. */
export interface SimulatedPromise {
  /** Share of sets that have a threshold. */
  decided: number;
  /** Share of sets whose promise is true, or that make none. */
  kept: number;
  /** Of those that have one: answers that meet it, over those of the best threshold there is. */
  reach: number;
}

/** Draws `sets` sets of labels from the truth and looks for thresholds in each; by precision. */
export function simulatePromises(
  truth: Truth,
  { labels, sets, perSource = 1, likeness = 0 }: {
    labels: number;
    sets: number;
    perSource?: number;
    likeness?: number;
  },
): Record<string, SimulatedPromise> {
  const curve = createCurve(truth);
  const found = new Map<string, { decided: number; broken: number; reach: number }>();
  for (let set = 0; set < sets; set++) {
    const random = createRandom(set * 7919 + labels);
    const drawn = drawLabels(truth, labels, random, { perSource, likeness });
    const thresholds = findThresholds(drawn, random);
    for (const [precision, threshold] of Object.entries(thresholds?.raw ?? {})) {
      const sums = found.get(precision) ?? { decided: 0, broken: 0, reach: 0 };
      found.set(precision, sums);
      if (threshold === null) continue;
      const { precision: kept, share } = curve.at(threshold);
      sums.decided++;
      sums.reach += share / curve.bestShare(Number(precision));
      if (kept < Number(precision)) sums.broken++;
    }
  }
  return Object.fromEntries([...found].map(([precision, { decided, broken, reach }]) => [
    precision,
    { decided: decided / sets, kept: 1 - broken / sets, reach: reach / decided },
  ]));
}

/** Precision and share of the answers from a threshold on, from many answers. */
function createCurve(truth: Truth) {
  const { raw, trueShare } = drawLabels(truth, 200_000, createRandom(1));
  const order = Int32Array.from(raw.keys()).sort((a, b) => raw[b]! - raw[a]!);
  const sums = new Float64Array(order.length + 1);
  order.forEach((place, rank) => sums[rank + 1] = sums[rank]! + trueShare[place]!);
  const rising = raw.toSorted();
  return {
    at(threshold: number) {
      let [low, high] = [0, rising.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (rising[middle]! < threshold) low = middle + 1;
        else high = middle;
      }
      const kept = Math.max(1, rising.length - low);
      return { precision: sums[kept]! / kept, share: kept / rising.length };
    },
    bestShare(precision: number) {
      let kept = rising.length;
      while (kept > 1 && sums[kept]! / kept < precision) kept--;
      return kept / rising.length;
    },
  };
}
