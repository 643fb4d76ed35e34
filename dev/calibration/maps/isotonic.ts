import {
  type Fit,
  MAX_KNOTS,
  roundProbability,
} from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";

/** From so many labels an isotonic map is tried: with fewer its steps follow chance. */
export const LEAST_ISOTONIC_LABELS = 1_000;

/** Labels with neighbouring raw figures and one calibrated figure, the mean of their targets. */
interface Block {
  from: number;
  to: number;
  weight: number;
  sum: number;
}

/**
 * The rising steps of least squared error, by pooling adjacent violators; labels of equal raw figures
 * are pooled first. A block is level from its first raw figure to its last, so it has two knots; where
 * there are more than a map may have, neighbours that differ least become one.
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
  const blocks: Block[] = [];
  for (const place of order) {
    const last = blocks.at(-1);
    if (last !== undefined && last.to === raw[place]) {
      last.weight++;
      last.sum += targets[place]!;
    } else {
      poolViolators(blocks);
      blocks.push({ from: raw[place]!, to: raw[place]!, weight: 1, sum: targets[place]! });
    }
  }
  poolViolators(blocks);
  while (blocks.length > MAX_KNOTS / 2) poolNearest(blocks);
  const knots = blocks.flatMap(({ from, to, weight, sum }) => {
    const share = roundProbability(sum / weight);
    return from === to ? [[from, share]] : [[from, share], [to, share]];
  });
  return { kind: "isotonic", x: knots.map(([x]) => x!), y: knots.map(([, y]) => y!) };
}

/** Places by rising raw figure. */
export function toRisingOrder(raw: Float64Array): Int32Array {
  return Int32Array.from(raw.keys()).sort((a, b) => raw[a]! - raw[b]!);
}

/** All but the last block rise already. */
function poolViolators(blocks: Block[]): void {
  for (let last = blocks.length - 1; last > 0; last--) {
    const [left, right] = [blocks[last - 1]!, blocks[last]!];
    if (left.sum * right.weight < right.sum * left.weight) return;
    poolWithNext(blocks, last - 1);
  }
}

/** Pools the neighbours whose pooling adds least to the squared error. */
function poolNearest(blocks: Block[]): void {
  let nearest = 0;
  let least = Infinity;
  for (let index = 0; index < blocks.length - 1; index++) {
    const [left, right] = [blocks[index]!, blocks[index + 1]!];
    const added = (left.sum / left.weight - right.sum / right.weight) ** 2 *
      left.weight * right.weight / (left.weight + right.weight);
    if (added < least) [nearest, least] = [index, added];
  }
  poolWithNext(blocks, nearest);
}

function poolWithNext(blocks: Block[], index: number): void {
  const [left, right] = [blocks[index]!, blocks[index + 1]!];
  left.to = right.to;
  left.weight += right.weight;
  left.sum += right.sum;
  blocks.splice(index + 1, 1);
}
