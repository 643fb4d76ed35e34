/**
 * Thresholds with a promise: of the answers whose raw figure is at least the threshold, at least this
 * share is right, with 95 % confidence over the labels.
 *
 * Learn-then-Test with a fixed sequence: the hypotheses "from this threshold on fewer are right" are
 * tested from a high threshold down, each by its exact binomial p-value, until the first that can't be
 * rejected; the threshold before it is the lowest that can be promised. Angelopoulos, Bates, Candès,
 * Jordan & Lei, "Learn then Test: calibrating predictive algorithms to achieve risk control", Annals of
 * Applied Statistics 19 (2025), §2. The sequence depends on the raw figures and not on the labels.
 *
 * A binomial test has its level only at the counts of labels at which it bears one wrong answer more;
 * between them it is stricter than it need be, so the sequence has no thresholds there.
 */
import {
  type Precision,
  PRECISIONS,
} from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { type LabelColumns, pickLabels } from "../labels/label.ts";
import { drawOneOfEachSource } from "../labels/sources.ts";
import { toRisingOrder } from "../maps/isotonic.ts";
import { toBinomialLowerTail } from "../../evaluation/statistics/distributions.ts";

/** The least raw figure for each precision; null where none can be promised. */
export interface Thresholds {
  /** Labels that they rest on: one of each source. */
  n: number;
  raw: Record<Precision, number | null>;
}

/** A promise is broken by at most this share of all sets of labels. */
const LEVEL = 0.05;

/** With fewer no promise above 0.8 has a chance. */
const LEAST_LABELS = 100;

/**
 * The first hypothesis has so many times the labels that would do if all were right: enough that one
 * or two wrong answers at the top end no sequence.
 */
const FIRST_OVER_LEAST = 6.5;

/** Where there are too few labels for that: this share of them. */
const MOST_FIRST_SHARE = 0.4;

/** @returns null where there are too few sources. */
export function findThresholds(labels: LabelColumns, random: () => number): Thresholds | null {
  const { raw, right } = pickLabels(labels, drawOneOfEachSource(labels.source, random));
  if (raw.length < LEAST_LABELS) return null;
  const order = toRisingOrder(raw).reverse();
  const wrongSums = new Int32Array(raw.length + 1);
  order.forEach((place, rank) => wrongSums[rank + 1] = wrongSums[rank]! + 1 - right[place]!);
  const sorted = Float64Array.from(order, (place) => raw[place]!);
  const thresholds = PRECISIONS.map((precision) =>
    [precision, findThreshold(sorted, wrongSums, precision)] as const
  );
  return { n: raw.length, raw: Object.fromEntries(thresholds) as Thresholds["raw"] };
}

/**
 * @param sorted raw figures, falling
 * @param wrongSums how many of the first 0, 1, 2 … are wrong
 */
function findThreshold(sorted: Float64Array, wrongSums: Int32Array, precision: number) {
  const least = Math.ceil(Math.log(LEVEL) / Math.log(precision));
  const first = Math.min(FIRST_OVER_LEAST * least, MOST_FIRST_SHARE * sorted.length);
  let found: number | null = null;
  let tested = 0;
  for (const wanted of toTestedCounts(precision, Math.ceil(Math.max(least, first)))) {
    if (wanted > sorted.length) break;
    const kept = includeTies(sorted, wanted);
    if (kept === tested) continue;
    tested = kept;
    if (toBinomialLowerTail(wrongSums[kept]!, kept, 1 - precision) > LEVEL) break;
    found = sorted[kept - 1]!;
  }
  return found;
}

/** The fewest labels that bear so many wrong answers, and one more and one more, without an end. */
function* toTestedCounts(precision: number, from: number): Generator<number> {
  // Each wrong answer more takes at least so many labels.
  const gap = Math.floor(1 / (1 - precision));
  let count = from;
  let wrong = 0;
  while (toBinomialLowerTail(wrong, count - 1, 1 - precision) <= LEVEL) wrong++;
  for (;; wrong++, count += gap) {
    while (toBinomialLowerTail(wrong, count, 1 - precision) > LEVEL) count++;
    yield count;
  }
}

function includeTies(sorted: Float64Array, kept: number): number {
  while (kept < sorted.length && sorted[kept] === sorted[kept - 1]) kept++;
  return kept;
}
