import { bootstrap, type BootstrapOptions, toPercentileInterval, toShare } from "./bootstrap.ts";
import type { Estimate } from "./interval.ts";
import type { Observations } from "./observations.ts";

/** How one label fares. */
export interface ClassScore {
  label: string;
  /** Pictures with this label. */
  count: number;
  /** Of the answers of this label, the share that is right; null where there is none. */
  precision: number | null;
  /** Of the pictures with this label, the share that is answered so. */
  recall: number;
  f1: number;
}

/** How a property fares. */
export interface PropertyScore {
  property: Observations["property"];
  count: number;
  clusters: number;
  accuracy: Estimate;
  /** The mean of the labels' F1, each counting the same. */
  macroF1: Estimate;
  unknown: Estimate;
  classes: ClassScore[];
  /** Pictures by label (rows) and answer (columns). */
  confusion: { labels: string[]; answers: string[]; counts: number[][] };
}

/** Scores the answers of one property. @returns null where no picture has a label of it */
export function scoreProperty(
  observations: Observations,
  options: BootstrapOptions,
): PropertyScore | null {
  const { property, count, clusters, values, labelled } = observations;
  if (count === 0) return null;
  const ones = new Float64Array(count).fill(1);
  const toStatistics = (weights: Float64Array) => {
    const counts = countPairs(observations, weights);
    return [
      toMean(observations.right, weights),
      toMacroF1(counts, values.length, labelled),
      toMean(observations.unknown, weights),
    ] as const;
  };
  const [accuracy, macroF1, unknown] = toStatistics(ones);
  const [accuracies, macroF1s, unknowns] = bootstrap(observations, toStatistics, options);
  const counts = countPairs(observations, ones);
  const labels = values.slice(0, labelled);
  return {
    property,
    count,
    clusters,
    accuracy: toShare(accuracy, accuracies!, observations),
    macroF1: { value: macroF1, interval: toPercentileInterval(macroF1s!, observations) },
    unknown: toShare(unknown, unknowns!, observations),
    classes: labels.map((label, index) => ({
      label,
      ...toClassScore(counts, values.length, index),
    })),
    confusion: {
      labels,
      answers: values,
      counts: labels.map((_, row) =>
        Array.from(counts.subarray(row * values.length, (row + 1) * values.length))
      ),
    },
  };
}

function countPairs({ label, answer, values }: Observations, weights: Float64Array): Float64Array {
  const counts = new Float64Array(values.length ** 2);
  for (let place = 0; place < weights.length; place++) {
    counts[label[place]! * values.length + answer[place]!]! += weights[place]!;
  }
  return counts;
}

function toClassScore(counts: Float64Array, size: number, index: number) {
  let labelled = 0;
  let answered = 0;
  for (let other = 0; other < size; other++) {
    labelled += counts[index * size + other]!;
    answered += counts[other * size + index]!;
  }
  const right = counts[index * size + index]!;
  return {
    count: labelled,
    precision: answered === 0 ? null : right / answered,
    recall: labelled === 0 ? 0 : right / labelled,
    f1: labelled + answered === 0 ? 0 : 2 * right / (labelled + answered),
  };
}

/** Over the labels that are there: a draw may lack one. */
function toMacroF1(counts: Float64Array, size: number, labelled: number): number {
  let sum = 0;
  let there = 0;
  for (let index = 0; index < labelled; index++) {
    const { count, f1 } = toClassScore(counts, size, index);
    if (count === 0) continue;
    sum += f1;
    there++;
  }
  return sum / there;
}

function toMean(values: Uint8Array, weights: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let place = 0; place < weights.length; place++) {
    sum += values[place]! * weights[place]!;
    total += weights[place]!;
  }
  return sum / total;
}
