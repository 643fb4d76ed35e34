import { showConfidence } from "../../../supabase/functions/semantic-analysis/calibration/show-confidence.ts";
import type { CalibrationMapKey, ModelFacts } from "../project/project.ts";
import type { KeptAnswer } from "./kept-answers.ts";

/**
 * A kept answer with the confidence that callers are shown today: maps may have been stored or withdrawn since
 * it was given. One that tells no raw figure is left as it was.
 *
 * @param maps those in force, of any version
 */
export function showKept(
  kept: KeptAnswer,
  { promptVersion, schemaVersion }: Pick<ModelFacts, "promptVersion" | "schemaVersion">,
  maps: readonly CalibrationMapKey[],
): KeptAnswer {
  const { response } = kept;
  const { method, raw, model, families } = response.confidence_detail;
  if (raw === undefined || model === undefined) return kept;
  const shown = showConfidence({ method, raw: raw ?? null, model, families: families ?? null }, {
    maps: JSON.stringify(
      maps.filter((map) =>
        map.prompt_version === promptVersion && map.schema_version === schemaVersion
      ),
    ),
    versions: { promptVersion, schemaVersion },
    minPrecision: null,
  });
  const { confidence, confidence_detail: { calibrated } } = shown;
  return {
    ...kept,
    response: {
      ...response,
      confidence,
      confidence_detail: { ...response.confidence_detail, calibrated },
    },
  };
}
