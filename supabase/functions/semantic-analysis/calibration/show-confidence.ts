/** What a caller is told of a raw figure, by the maps of this moment. */

import type {
  AbsenceReason,
  AnalysisResponseBody,
  Candidate,
  ConfidenceDetail,
} from "../../_shared/client/contract.ts";
import { parseJson } from "../../_shared/platform/parse-json.ts";
import type { Analysis } from "../model/analysis.ts";
import type { Versions } from "../model/versions.ts";
import { toCandidates } from "./candidates.ts";
import {
  applyMap,
  type CalibrationMap,
  type Precision,
  PRECISIONS,
  readCalibrationMap,
  roundProbability,
} from "./calibration-map.ts";

/** Models overstate themselves, so their word alone, uncalibrated, counts for no more than this. */
const MAX_VERBALIZED = 0.75;

/** The fields of a response that say how sure an answer is. */
export type ShownConfidence = Pick<
  AnalysisResponseBody,
  "confidence" | "confidence_detail" | "candidates"
>;

/** The maps in force, and the promise that was asked for. */
export interface ShowConfidenceOptions {
  /** As the reservation brought them: a JSON list. */
  maps: string;
  versions: Versions;
  /** null where no promise is asked for. */
  minPrecision: number | null;
}

/** Calibrates where a map is in force; what is not there has its reason. */
export function showConfidence(
  figure: Analysis["figure"],
  { maps, versions, minPrecision }: ShowConfidenceOptions,
): ShownConfidence {
  const { raw, method, model, families } = figure;
  const map = raw === null ? null : findMap(figure, parseJson(maps), versions);
  const [meets, meetsReason] = minPrecision === null
    ? [undefined, undefined]
    : decidePromise(raw, map, minPrecision);
  const [candidates, candidatesReason] = chooseCandidates(figure, map);
  const fit = map?.fit ?? null;
  const calibratedReason = fit === null ? (raw === null ? "no_figure" : "no_map") : undefined;
  const reason = {
    ...(calibratedReason && { calibrated: calibratedReason }),
    ...(meetsReason && { meets: meetsReason }),
    ...(candidatesReason && { candidates: candidatesReason }),
  } satisfies ConfidenceDetail["reason"];
  return {
    confidence: raw === null
      ? null
      : fit === null
      ? cap(raw, method)
      : roundProbability(applyMap({ fit }, raw)),
    confidence_detail: {
      method,
      calibrated: fit !== null,
      raw,
      model,
      ...(families && { families }),
      ...(map && fit && { n: map.n, ece: map.ece.after, fitted_at: map.fitted_at }),
      ...(meets !== undefined && { meets }),
      ...(Object.keys(reason).length > 0 && { reason }),
    },
    ...(candidates && { candidates }),
  };
}

/** A map that can't be read is none: the answer is worth more than its calibration. */
function findMap(
  { model, method }: Analysis["figure"],
  maps: unknown,
  { promptVersion, schemaVersion }: Versions,
): CalibrationMap | null {
  if (!Array.isArray(maps)) return null;
  const found = maps.find((map) => {
    const { model: ofModel, method: ofMethod } = (map ?? {}) as Partial<CalibrationMap>;
    return ofModel === model && ofMethod === method;
  });
  const map = found === undefined ? null : readCalibrationMap(found);
  const isOfVersion = map?.prompt_version === promptVersion &&
    map.schema_version === schemaVersion;
  return isOfVersion ? map : null;
}

function cap(raw: number, method: ConfidenceDetail["method"]): number {
  return method === "verbalized" ? Math.min(raw, MAX_VERBALIZED) : raw;
}

/** Whether the answer meets the promise for the least precision from this one on, or why there is none. */
function decidePromise(
  raw: number | null,
  map: CalibrationMap | null,
  minPrecision: number,
): [boolean | undefined, AbsenceReason?] {
  if (raw === null) return [undefined, "no_figure"];
  if (map === null) return [undefined, "no_map"];
  const precision = PRECISIONS.find((each) => each >= minPrecision);
  const threshold = precision && map.thresholds?.raw[String(precision) as Precision];
  if (threshold === undefined || threshold === null) return [undefined, "not_promised"];
  return [raw >= threshold];
}

function chooseCandidates(
  { raw, families }: Analysis["figure"],
  map: CalibrationMap | null,
): [Candidate[] | undefined, AbsenceReason?] {
  if (raw === null) return [undefined, "no_figure"];
  if (map === null) return [undefined, "no_map"];
  if (families === null) return [undefined, "no_alternatives"];
  if (map.conformal === null) return [undefined, "not_promised"];
  const candidates = toCandidates(families, map.conformal);
  return candidates === null ? [undefined, "too_many"] : [candidates];
}
