import {
  applyMap,
  type Fit,
} from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";

/** The calibrated figure of each raw one, as the function shows it; the raw one itself without a fit. */
export function applyFit(fit: Fit | null, raw: Float64Array): Float64Array {
  if (fit === null) return raw;
  return raw.map((each) => applyMap({ fit }, each));
}
