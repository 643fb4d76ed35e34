/** From an analysis to the columns of `material_visual_analysis`. */

import type { AnalysisResponseBody } from "./contract.ts";

/** Those of its columns that an analysis can fill; an unknown property is null, never a guess. */
export interface VisualAnalysisRow {
  /** Not nullable there. */
  material_type: string;
  surface_texture: string | null;
  color_description: string | null;
  finish_type: string | null;
  pattern_grain: string | null;
  reflectivity: string | null;
  visual_characteristics: string;
  structural_properties: Record<string, unknown>;
  llama_model_version: string;
  llama_processing_time_ms: number;
  /** The raw figure, explicit, null included: the columns' own default is 0.95. The search calibrates it. */
  llama_confidence_score: number | null;
  /** As above. */
  analysis_confidence: number | null;
}

/**
 * Fills the columns of `material_visual_analysis` from an analysis, structured or not.
 *
 * @example
 * ```ts
 * import { createClient } from "@supabase/supabase-js";
 *
 * const supabase = createClient("https://<ref>.supabase.co", "sb_secret_…");
 *
 * export async function store(materialId: string, response: Response) {
 *   const row = { material_id: materialId, ...toVisualAnalysisRow(await response.json()) };
 *   return await supabase.from("material_visual_analysis").insert(row);
 * }
 * ```
 */
export function toVisualAnalysisRow(
  { analysis, confidence, confidence_detail: detail, material, model_used, processing_time_ms }:
    AnalysisResponseBody,
): VisualAnalysisRow {
  // An older function tells no raw figure.
  const raw = detail.raw === undefined ? confidence : detail.raw;
  const known = (value: string | undefined) => value && value !== "unknown" ? value : null;
  return {
    material_type: known(material?.type) ?? known(material?.family) ?? "unknown",
    surface_texture: known(material?.texture),
    color_description: material?.colors.join(", ") || null,
    finish_type: known(material?.finish),
    pattern_grain: known(material?.pattern),
    reflectivity: known(material?.reflectivity),
    visual_characteristics: analysis,
    structural_properties: material
      ? {
        family: material.family,
        transparency: known(material.transparency),
        applications: material.applications,
        style: material.style,
        quality_flags: material.quality_flags,
        lookalikes: material.lookalikes,
        // What the search finds a calibration map by; it is no property of the material.
        ...(raw !== null && { confidence_detail: { method: detail.method, model: detail.model } }),
      }
      : {},
    llama_model_version: model_used,
    llama_processing_time_ms: processing_time_ms,
    llama_confidence_score: raw,
    analysis_confidence: raw,
  };
}
