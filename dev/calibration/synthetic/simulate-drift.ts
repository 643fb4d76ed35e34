import { createRandom } from "../../random.ts";
import type { LabelColumns } from "../labels/label.ts";
import { chooseFit } from "../maps/choose-fit.ts";
import { measureDrift } from "../promise/drift.ts";
import { findThresholds } from "../promise/thresholds.ts";
import { drawLabels, type Truth } from "./truth.ts";

/** Without a map the raw figure itself is watched. */
const IDENTITY = { kind: "platt", a: 1, b: 0 } as const;

/**
 * Fits a map to labels of the truth, then watches it: first for weeks in which nothing changes, then for
 * weeks of another truth.
 *
 * @returns the share of maps that were contradicted
 */
export function simulateDrift(
  truth: Truth,
  { labels, sets, perWeek, quietWeeks = 0, drifted, driftedWeeks = 0 }: {
    labels: number;
    sets: number;
    perWeek: number;
    quietWeeks?: number;
    drifted?: Truth;
    driftedWeeks?: number;
  },
): number {
  let contradicted = 0;
  for (let set = 0; set < sets; set++) {
    const random = createRandom(set * 7919 + labels);
    const fitted = drawLabels(truth, labels, random);
    const fit = chooseFit(fitted, { random, draws: 99 })?.fit ?? IDENTITY;
    const thresholds = findThresholds(fitted, random);
    const newer = join(
      drawLabels(truth, quietWeeks * perWeek, random),
      drawLabels(drifted ?? truth, driftedWeeks * perWeek, random),
    );
    const week = newer.source.map((place) => Math.floor(place / perWeek));
    const drift = measureDrift({ fit, n: labels, thresholds }, { ...newer, week });
    if (drift.isContradicted) contradicted++;
  }
  return contradicted / sets;
}

/** One after the other, each label of a source of its own. */
function join(earlier: LabelColumns, later: LabelColumns): LabelColumns {
  const raw = Float64Array.from([...earlier.raw, ...later.raw]);
  return {
    raw,
    right: Float64Array.from([...earlier.right, ...later.right]),
    source: Int32Array.from(raw.keys()),
  };
}
