import { type Estimate, toQuantile, toWilsonInterval } from "./interval.ts";

/** How often, and by which numbers in [0, 1). */
export interface BootstrapOptions {
  random: () => number;
  /** Default 2,000. */
  repeats?: number;
}

/** What is drawn from: each place belongs to a cluster. */
export interface Clustered {
  cluster: Int32Array;
  clusters: number;
}

const REPEATS = 2_000;

/** With fewer an interval says nothing. */
const MIN_CLUSTERS = 2;

/**
 * The cluster bootstrap: whole clusters are drawn with replacement, as many as there are, and each place
 * counts as often as its cluster was drawn. A. C. Davison & D. V. Hinkley, Bootstrap Methods and their
 * Application (1997), §3.8.
 *
 * @param toStatistics of one draw, by the weight of each place; always equally many
 * @returns the draws of each statistic
 */
export function bootstrap(
  { cluster, clusters }: Clustered,
  toStatistics: (weights: Float64Array) => readonly number[],
  { random, repeats = REPEATS }: BootstrapOptions,
): Float64Array[] {
  const draws: Float64Array[] = [];
  const drawn = new Float64Array(clusters);
  const weights = new Float64Array(cluster.length);
  for (let repeat = 0; repeat < repeats; repeat++) {
    drawn.fill(0);
    for (let draw = 0; draw < clusters; draw++) drawn[Math.floor(random() * clusters)]!++;
    for (let place = 0; place < weights.length; place++) weights[place] = drawn[cluster[place]!]!;
    for (const [index, value] of toStatistics(weights).entries()) {
      draws[index] ??= new Float64Array(repeats);
      draws[index][repeat] = value;
    }
  }
  return draws;
}

/** The middle 95 % of the draws; null of fewer than two clusters. */
export function toPercentileInterval(
  draws: Float64Array,
  { clusters }: Clustered,
): Estimate["interval"] {
  if (clusters < MIN_CLUSTERS) return null;
  const sorted = draws.filter((value) => !Number.isNaN(value)).sort();
  return sorted.length === 0 ? null : [toQuantile(sorted, 0.025), toQuantile(sorted, 0.975)];
}

/**
 * A share with its interval. Where all draws are alike, as of 40 right answers of 40, the bootstrap knows no
 * doubt; Wilson's interval with as many trials as there are clusters does.
 */
export function toShare(value: number, draws: Float64Array, clustered: Clustered): Estimate {
  const interval = toPercentileInterval(draws, clustered);
  if (interval === null) return { value, interval };
  const isDegenerate = interval[0] === interval[1];
  return {
    value,
    interval: isDegenerate ? toWilsonInterval(value, clustered.clusters) : interval,
  };
}
