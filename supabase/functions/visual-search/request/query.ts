/** Whether a search has anything to go by. */

import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";
import type { SearchFilters, SearchRequest } from "./request.ts";

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
