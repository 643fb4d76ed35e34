/** A search, parsed, and whether it has anything to go by. */

import type { PaletteColor, StoredImage } from "../../_shared/client/contract.ts";
import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";
import type {
  PropertyFilter,
  SearchType,
  Term,
} from "../../_shared/client/search/search-contract.ts";

/** null for what was not given. */
export interface SearchFilters {
  materialTypes: string[] | null;
  properties: Record<string, PropertyFilter> | null;
  confidenceThreshold: number | null;
  similarityThreshold: number | null;
  createdFrom: string | null;
  createdTo: string | null;
  /** `#rrggbb`. */
  color: string | null;
  /** How far a colour may be from it, by CIEDE2000; null for the default. */
  tolerance: number | null;
}

/** A search, parsed. null is for what was not given. */
export interface SearchRequest {
  type: SearchType;
  image: string | StoredImage | null;
  text: string | null;
  embedding: number[] | null;
  embeddingSpace: string;
  /** Measured colours of a picture. */
  palette: PaletteColor[] | null;
  filters: SearchFilters;
  /** The filters as they were sent, for the history. */
  filtersBody: Record<string, unknown>;
  /** null for the default. */
  weights: Record<Term, number> | null;
  limit: number;
  offset: number;
  isWithAnalytics: boolean;
  isWithEmbeddings: boolean;
}

/** Whether anything but a threshold of the score narrows the search. */
export function hasFilters(
  { materialTypes, properties, confidenceThreshold, createdFrom, createdTo, color }: SearchFilters,
): boolean {
  return [materialTypes, properties, confidenceThreshold, createdFrom, createdTo, color]
    .some((filter) => filter !== null);
}

/** @throws {ApiError} INVALID_REQUEST when the type of search has nothing to go by. */
export function requireQuery(request: SearchRequest): void {
  const { type, image, text, embedding, palette, filters } = request;
  if (filters.tolerance !== null && filters.color === null) {
    throw invalidRequest({ "filters.tolerance": "is of filters.color, which is missing" });
  }
  const hasLooks = embedding !== null || palette !== null;
  if (type === "visual_similarity" && !hasLooks && image === null && filters.color === null) {
    throw invalidRequest({
      query_embedding: "or query_image, query_palette or filters.color is needed for " +
        "visual_similarity",
    });
  }
  if (type === "semantic_analysis" && text === null && image === null) {
    throw invalidRequest({ query_text: "or query_image is needed for semantic_analysis" });
  }
  if (type === "material_properties" && !hasFilters(filters) && image === null) {
    throw invalidRequest({ filters: "or query_image are needed for material_properties" });
  }
  if (
    type === "hybrid" && text === null && image === null && !hasLooks && !hasFilters(filters)
  ) {
    throw invalidRequest({
      query_text: "or query_image, query_embedding, query_palette or filters are needed for hybrid",
    });
  }
}
