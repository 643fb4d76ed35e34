/**
 * Whether newer labels contradict a map, asked as often as one likes.
 *
 * The evidence is an e-process: where the map is true it exceeds 20 in at most one of twenty years,
 * however often it is looked at. Ville, Étude critique de la notion de collectif (1939); Ramdas,
 * Grünwald, Vovk & Shafer, "Game-theoretic statistics and safe anytime-valid inference", Statistical
 * Science 38 (2023). It is a weighted mean of two kinds:
 *
 * - **The map**: labels as if all logits had shifted, against no shift but what the map was fitted with
 *   by chance. The shift is normal in both cases, so this is a Bayes factor; its error is kept in the
 *   mean over all fits. Robbins, "Statistical methods related to the law of the iterated logarithm",
 *   Annals of Mathematical Statistics 41 (1970), for the mixture.
 * - **Its promises**: of the answers from a threshold on, fewer right than was promised.
 *
 * A drift may begin at any time, so evidence is gathered anew from every fourth week of a year on, the
 * first with half the weight: Shin, Ramdas & Rinaldo, "E-detectors", New England Journal of Statistics
 * in Data Science 2 (2024). From one start on one label of a source counts, its first: pictures that
 * are asked about every week are evidence once.
 */
import {
  type CalibrationMap,
  toLogit,
  toProbability,
} from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import type { LabelColumns } from "../labels/label.ts";
import { applyFit } from "../maps/apply-fit.ts";

/** Labels that are newer than a map, in the order in which they came. */
export interface NewerLabels extends LabelColumns {
  /** Weeks since the map was fitted, from 0. */
  week: Int32Array;
}

/** What newer labels say of a map. */
export interface Drift {
  /** The most evidence there was against the map in any year; from 20 on it is contradicted. */
  evidence: number;
  isContradicted: boolean;
  /** Newer labels that counted. */
  n: number;
  /** The mean share of right answers that the map gives them, and the one they have. */
  expected: number;
  observed: number;
}

/** A true map is contradicted in at most this share of years. */
const LEVEL = 0.05;

const WEEKS_PER_YEAR = 52;

/** A year has thirteen starts: more would leave each too little weight. */
const WEEKS_PER_START = 4;

/** Shifts of logits that are tried. */
const SHIFTS = Float64Array.from({ length: 121 }, (_, index) => (index - 60) / 20);
const SHIFT_ODDS = SHIFTS.map(Math.exp);

/** How far drifts reach, as a standard deviation of the logit. */
const DRIFT = 0.8;

/** Answers that get worse break promises, so they have most of the weight. */
const DOWNWARDS = 0.8;

/** The weight of the evidence against the map: all labels bear on it, on a promise those from its threshold. */
const OF_MAP = 0.8;

/** By how much the logit of a promise that is broken lies below it. */
const BREACHES = [0.4, 0.8, 1.5];

/** p(1 − p) of a label in the mean, where five of six answers are right and figures tell something. */
const MEAN_INFORMATION = 0.1;

/** What the newer labels say; without any there is no evidence. */
export function measureDrift(
  map: Pick<CalibrationMap, "fit" | "n" | "thresholds">,
  labels: NewerLabels,
): Drift {
  const { raw, right, week } = labels;
  const calibrated = applyFit(map.fit, raw);
  const priors = toPriors(map);
  const promises = toPromises(map.thresholds);
  const previousWeek = toPreviousWeeks(labels);
  let starts: Evidence[] = [];
  let year = -1;
  let most = 0;
  for (let place = 0; place < raw.length; place++) {
    const yearOfLabel = Math.floor(week[place]! / WEEKS_PER_YEAR);
    if (yearOfLabel !== year) {
      year = yearOfLabel;
      starts = Array.from(
        { length: WEEKS_PER_YEAR / WEEKS_PER_START },
        () => createEvidence(priors, promises),
      );
    }
    const [before, now] = [previousWeek[place]!, week[place]!].map((each) =>
      each - year * WEEKS_PER_YEAR
    );
    const firstStart = Math.max(0, Math.floor(before! / WEEKS_PER_START) + 1);
    const lastStart = Math.floor(now! / WEEKS_PER_START);
    for (let start = firstStart; start <= lastStart; start++) {
      starts[start]!.add(raw[place]!, calibrated[place]!, right[place] === 1);
    }
    most = Math.max(most, toMean(starts));
  }
  const counted = week.reduce((sum, _, place) => sum + Number(previousWeek[place]! < 0), 0);
  return {
    evidence: most,
    isContradicted: most >= 1 / LEVEL,
    n: counted,
    expected: toAverage(calibrated),
    observed: toAverage(right),
  };
}

/** Gathered from one start on: 1 before its first label. */
interface Evidence {
  add(raw: number, calibrated: number, isRight: boolean): void;
  value(): number;
}

interface Priors {
  none: Float64Array;
  drift: Float64Array;
}

/** Of the answers from a threshold on, at least this share is right. */
interface Promised {
  threshold: number;
  precision: number;
}

function createEvidence({ none, drift }: Priors, promises: Promised[]): Evidence {
  const likelihoods = new Float64Array(SHIFTS.length).fill(1);
  const breaches = promises.map(() => BREACHES.map(() => 1));
  let shifted = 1;
  return {
    add(raw, calibrated, isRight) {
      const odds = Math.exp(toLogit(calibrated));
      let [withoutDrift, withDrift] = [0, 0];
      for (let index = 0; index < likelihoods.length; index++) {
        const wrong = 1 / (1 + odds * SHIFT_ODDS[index]!);
        const likelihood = likelihoods[index]! * (isRight ? 1 - wrong : wrong);
        likelihoods[index] = likelihood;
        withoutDrift += none[index]! * likelihood;
        withDrift += drift[index]! * likelihood;
      }
      for (let index = 0; index < likelihoods.length; index++) likelihoods[index]! /= withoutDrift;
      shifted = withDrift / withoutDrift;
      promises.forEach(({ threshold, precision }, place) => {
        if (raw < threshold) return;
        BREACHES.forEach((breach, index) => {
          const kept = toProbability(toLogit(precision) - breach);
          breaches[place]![index]! *= isRight ? kept / precision : (1 - kept) / (1 - precision);
        });
      });
    },
    value: () =>
      promises.length === 0
        ? shifted
        : OF_MAP * shifted + (1 - OF_MAP) * toAverage(breaches.map(toAverage)),
  };
}

/** The first start has half the weight, the others share the rest. */
function toMean(starts: Evidence[]): number {
  const [first, ...others] = starts;
  return (first!.value() + toAverage(others.map((start) => start.value()))) / 2;
}

/**
 * The shift of a fit by chance has the variance of its intercept, 1 / Σ p(1 − p). A fit on labels of
 * one source after another knows less, so labels of different sources count where they are told.
 */
function toPriors({ n, thresholds }: Pick<CalibrationMap, "n" | "thresholds">): Priors {
  const information = Math.min(n, thresholds?.n ?? n) * MEAN_INFORMATION;
  const variance = 1 / information;
  return {
    none: toNormalWeights(variance),
    drift: toNormalWeights(variance + DRIFT ** 2, DOWNWARDS),
  };
}

function toNormalWeights(variance: number, downwards = 0.5): Float64Array {
  const densities = SHIFTS.map((shift) =>
    Math.exp(-(shift ** 2) / (2 * variance)) * (shift < 0 ? downwards : 1 - downwards)
  );
  const sum = densities.reduce((total, each) => total + each, 0);
  return densities.map((each) => each / sum);
}

function toPromises(thresholds: CalibrationMap["thresholds"]): Promised[] {
  return Object.entries(thresholds?.raw ?? {}).flatMap(([precision, threshold]) =>
    threshold === null ? [] : [{ precision: Number(precision), threshold }]
  );
}

/** The week of the source's label before; -1 where it is its first. */
function toPreviousWeeks({ source, week }: NewerLabels): Int32Array {
  const last = new Map<number, number>();
  return week.map((each, place) => {
    const previous = last.get(source[place]!) ?? -1;
    last.set(source[place]!, each);
    return previous;
  });
}

function toAverage(values: ArrayLike<number>): number {
  let sum = 0;
  for (let place = 0; place < values.length; place++) sum += values[place]!;
  return sum / Math.max(1, values.length);
}
