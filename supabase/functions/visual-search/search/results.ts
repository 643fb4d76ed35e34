/** From what the database found to what the caller gets. */

import type { FoundRow } from "./catalogue.ts";
import { DEFAULT_SPACE, type SearchResult } from "../../_shared/client/search/search-contract.ts";

/**
 * @param space of the embedding that is shown; null where none was asked for.
 * @param isByColour the visual similarity is of measured colours, not of embeddings.
 */
export function toSearchResult(
  row: FoundRow,
  space: string | null,
  isByColour = false,
): SearchResult {
  const { material, analysis } = row;
  const type = analysis?.material_type ?? "unknown";
  return {
    material_id: material.id,
    material_name: material.name,
    material_type: type === "unknown" ? material.category : type,
    visual_analysis: {
      ...(space !== null && {
        [space === DEFAULT_SPACE ? "clip_embedding" : "embedding"]: row.embedding,
      }),
      llama_analysis: analysis && {
        detailed_description: analysis.visual_characteristics,
        material_properties: analysis.structural_properties ?? {},
        confidence_score: row.confidence,
        visual_features: {
          surface_texture: analysis.surface_texture,
          color_description: analysis.color_description,
          finish_type: analysis.finish_type,
          pattern_grain: analysis.pattern_grain,
          reflectivity: analysis.reflectivity,
        },
      },
    },
    scores: {
      visual_similarity_score: row.visual,
      semantic_relevance_score: row.semantic,
      material_property_score: row.property,
      combined_score: row.combined,
      confidence_score: row.confidence,
      color_distance: isByColour && row.visual !== null ? toColorDistance(row.visual) : null,
    },
    found_by: row.found_by,
    metadata: {
      source: "materials_catalog",
      created_at: material.created_at,
      processing_method: analysis?.model ?? null,
      search_rank: row.rank,
      analysis_timestamp: analysis?.created_at ?? null,
    },
  };
}

/** The database makes a similarity of it: 0 is as far as black from white, 100. */
function toColorDistance(similarity: number): number {
  return Math.round((1 - similarity) * 10_000) / 100;
}
