import {
  applyMap,
  type Fit,
} from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";

/** Where the function stops as well: 0 and 1 have no logit, and raw figures have four decimals. */
const MIN_RAW = 1e-4;

/** Within [0.0001, 0.9999]. */
export function toBounded(probability: number): number {
  return Math.min(1 - MIN_RAW, Math.max(MIN_RAW, probability));
}

/** ln(p / (1 − p)), p within [0.0001, 0.9999]. */
export function toLogit(probability: number): number {
  const bounded = toBounded(probability);
  return Math.log(bounded / (1 - bounded));
}

/** 1 / (1 + e^−x). */
export function toProbability(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** The calibrated figure of each raw one, as the function shows it; the raw one itself without a fit. */
export function applyFit(fit: Fit | null, raw: Float64Array): Float64Array {
  if (fit === null) return raw;
  return raw.map((each) => applyMap({ fit }, each));
}
