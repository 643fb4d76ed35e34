import {
  type Fit,
  MAX_KNOTS,
} from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";

/** From so many labels an isotonic map is tried: with fewer its steps follow chance. */
export const LEAST_ISOTONIC_LABELS = 1_000;

/**
 * The rising function of least squared error, by pooling adjacent violators; labels of equal raw
 * figures are pooled first. Its knots are the means of its blocks; where there are more
 * than a map may have, neighbours that differ least are one.
 *
 * Ayer, Brunk, Ewing, Reid & Silverman, "An empirical distribution function for sampling with
 * incomplete information", Annals of Mathematical Statistics 26 (1955); for scores, Zadrozny & Elkan,
 * "Transforming classifier scores into accurate multiclass probability estimates", KDD 2002.
 *
 * @param targets of each label, from 0 to 1 (`toTargets`).
 * @param order places by rising raw figure (`toRisingOrder`), so that many fits sort once.
 */
export function fitIsotonic(
  raw: Float64Array,
  targets: Float64Array,
  order: Int32Array,
): Extract<Fit, { kind: "isotonic" }> {
  const weights: number[] = [];
  const sums: number[] = [];
  const raws: number[] = [];
  let last = NaN;
  for (const place of order) {
    const value = raw[place]!;
    if (value === last) {
      weights[weights.length - 1]! += 1;
      sums[sums.length - 1]! += targets[place]!;
      raws[raws.length - 1]! += value;
    } else {
      poolViolators(weights, sums, raws);
      weights.push(1);
      sums.push(targets[place]!);
      raws.push(value);
      last = value;
    }
  }
  poolViolators(weights, sums, raws);
  while (weights.length > MAX_KNOTS) poolNearest(weights, sums, raws);
  return {
    kind: "isotonic",
    x: weights.map((weight, block) => round(raws[block]! / weight)),
    y: weights.map((weight, block) => round(sums[block]! / weight)),
  };
}

/** Places by rising raw figure. */
export function toRisingOrder(raw: Float64Array): Int32Array {
  return Int32Array.from(raw.keys()).sort((a, b) => raw[a]! - raw[b]!);
}

function poolViolators(weights: number[], sums: number[], raws: number[]): void {
  for (let last = weights.length - 1; last > 0; last--) {
    if (sums[last - 1]! * weights[last]! < sums[last]! * weights[last - 1]!) return;
    poolWithNext(last - 1, weights, sums, raws);
  }
}

/** Pools the neighbours whose pooling adds least to the squared error. */
function poolNearest(weights: number[], sums: number[], raws: number[]): void {
  let nearest = 0;
  let least = Infinity;
  for (let block = 0; block < weights.length - 1; block++) {
    const [weight, next] = [weights[block]!, weights[block + 1]!];
    const added = (sums[block]! / weight - sums[block + 1]! / next) ** 2 * weight * next /
      (weight + next);
    if (added < least) [nearest, least] = [block, added];
  }
  poolWithNext(nearest, weights, sums, raws);
}

function poolWithNext(block: number, ...columns: number[][]): void {
  for (const column of columns) {
    column[block]! += column[block + 1]!;
    column.splice(block + 1, 1);
  }
}

/** Blocks hold different raw figures of four decimals, so their rounded means differ as well. */
function round(figure: number): number {
  return Math.round(figure * 10_000) / 10_000;
}
