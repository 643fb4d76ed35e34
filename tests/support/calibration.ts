/** A calibration map, as it is stored. */
import type { CalibrationMap } from "../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";

/** A map by Platt with thresholds and a set, as `deno task calibrate` fits one. */
export const CALIBRATION_MAP: CalibrationMap = {
  model: "a/model",
  prompt_version: "0123456789abcdef",
  schema_version: "fedcba9876543210",
  method: "fused",
  fit: { kind: "platt", a: 0.8, b: -0.4 },
  n: 320,
  ece: { before: 0.14, after: 0.03 },
  fitted_at: "2026-11-26T12:00:00Z",
  thresholds: { n: 300, raw: { "0.8": 0.41, "0.9": 0.62, "0.95": 0.83, "0.99": null } },
  conformal: { alpha: 0.05, quantile: 0.97, n: 300 },
};
