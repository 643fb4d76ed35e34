/**
 * A map is installed only where it improves the Brier score of labels that it was not fitted to,
 * cross-validated by source, and by a test at 5 % the raw figure is not true already.
 *
 * The test is a likelihood ratio's, of the best fit against the raw figure, which finds figures that
 * are a little off much sooner than the cross-validated scores do. What it comes to where the raw
 * figure is true is simulated: each draw keeps the raw figures, draws an answer right with just its
 * raw figure, and fits again. Labels of one source are drawn by one random number, the most that they
 * can have in common. So the test is exact where each source has one label, and errs towards no map
 * where they have more.
 *
 * Cox, "Two further applications of a model for binary regression", Biometrika 45 (1958), for the
 * likelihood ratio of a line of logits against the figure itself;
 * Bröcker & Smith, "Increasing the reliability of reliability diagrams", Weather and Forecasting 22
 * (2007), for labels drawn as if the figure were true; Besag & Clifford, "Sequential Monte Carlo
 * p-values", Biometrika 78 (1991), for the end of a simulation that can't reject any more.
 */
import {
  type Fit,
  toBounded,
} from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { countSources, type LabelColumns } from "../labels/label.ts";
import { toFolds } from "../labels/sources.ts";
import { applyFit } from "./apply-fit.ts";
import {
  type FitKind,
  fitLabels,
  predictHeldOut,
  prepareFit,
  type Split,
  toSplits,
} from "./cross-validation.ts";
import { LEAST_ISOTONIC_LABELS } from "./isotonic.ts";

/** Under so many labels nothing is fitted. */
export const LEAST_LABELS = 100;

/** Fewer sources say too little about pictures of others. */
export const LEAST_SOURCES = 30;

const FOLDS = 5;

/** Of folds, drawn anew each time. */
const LOTS = 5;

/** Of the test: 5 % are promised, and what is counted in a few hundred sets of labels swings about it. */
const LEVEL = 0.04;

/** What the labels say about a map. */
export interface FitChoice {
  /** Null where the raw figure stays: without a gain, or where it may be true already. */
  fit: Fit | null;
  kind: FitKind;
  /** By how much the held-out Brier score falls. */
  gain: number;
  /** Of the test; 1 without a gain. Where the simulation ended early it is a lower estimate. */
  pValue: number;
  /** Each label's figure by a fit without its source. */
  heldOut: Float64Array;
}

/** @returns null where there are too few labels or sources to fit anything. */
export function chooseFit(
  labels: LabelColumns,
  { random, draws = 999 }: { random: () => number; draws?: number },
): FitChoice | null {
  const { raw, right, source } = labels;
  if (raw.length < LEAST_LABELS || countSources(source) < LEAST_SOURCES) return null;
  const lots = Array.from(
    { length: LOTS },
    () => toSplits(labels, toFolds(source, FOLDS, random)),
  );
  const kinds: FitKind[] = raw.length < LEAST_ISOTONIC_LABELS ? ["platt"] : ["platt", "isotonic"];
  const best = findBest(kinds, lots, raw, right);
  const pValue = best.gain <= 0 ? 1 : toPValue(labels, { kinds, random, draws });
  const fit = pValue <= LEVEL ? fitLabels(best.kind, labels) : null;
  return { fit, kind: best.kind, gain: best.gain, pValue, heldOut: best.heldOut };
}

function findBest(kinds: FitKind[], lots: Split[][], raw: Float64Array, right: Float64Array) {
  return kinds.map((kind) => {
    const heldOut = predictHeldOut(kind, lots, right);
    return { kind, heldOut, gain: toGain(raw, heldOut, right) };
  }).reduce((best, each) => each.gain > best.gain ? each : best);
}

/** Mean of (y − raw)² − (y − calibrated)². */
function toGain(raw: Float64Array, calibrated: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let place = 0; place < raw.length; place++) {
    const [before, after] = [raw[place]!, calibrated[place]!];
    sum += (after - before) * (2 * right[place]! - before - after);
  }
  return sum / raw.length;
}

function toPValue(
  { raw, right, source }: LabelColumns,
  { kinds, random, draws }: { kinds: FitKind[]; random: () => number; draws: number },
): number {
  const fit = prepareFit(raw);
  const toBestRatio = (ofRight: Float64Array) =>
    Math.max(
      ...kinds.map((kind) => toLikelihoodRatio(raw, applyFit(fit(kind, ofRight), raw), ofRight)),
    );
  const found = toBestRatio(right);
  const most = Math.floor(LEVEL * (draws + 1)) - 1;
  const chances = new Float64Array(Math.max(...source) + 1);
  let exceeding = 0;
  for (let draw = 1; draw <= draws; draw++) {
    for (let each = 0; each < chances.length; each++) chances[each] = random();
    const drawn = raw.map((each, place) => chances[source[place]!]! < each ? 1 : 0);
    if (toBestRatio(drawn) >= found) exceeding++;
    if (exceeding > most) return (1 + exceeding) / (1 + draw);
  }
  return (1 + exceeding) / (1 + draws);
}

/** The logarithm of how much likelier the labels are by the calibrated figures than by the raw ones. */
function toLikelihoodRatio(raw: Float64Array, calibrated: Float64Array, right: Float64Array) {
  let sum = 0;
  for (let place = 0; place < raw.length; place++) {
    const [before, after] = [toBounded(raw[place]!), toBounded(calibrated[place]!)];
    sum += Math.log(right[place] === 1 ? after / before : (1 - after) / (1 - before));
  }
  return sum;
}
