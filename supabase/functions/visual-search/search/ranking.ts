/** Which scores a search goes by, and how much each of them counts. */

import { type SearchType, type Term, TERMS } from "../../_shared/client/search/search-contract.ts";
import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";

/** Of a hybrid search; the sum is 1. */
export const DEFAULT_WEIGHTS: Record<Term, number> = {
  visual_similarity: 0.4,
  semantic_relevance: 0.3,
  material_properties: 0.2,
  llama_confidence: 0.1,
};

/** What there is to search by, once the picture has been described. */
export interface Available {
  hasEmbedding: boolean;
  /** A picture's measured colours. */
  hasPalette: boolean;
  /** Measured colours, or a colour as a filter, and nothing else but filters. */
  isByColourAlone: boolean;
  /** A text, or the words of a picture. */
  hasWords: boolean;
  /** The structured properties of a picture. */
  hasPictureProperties: boolean;
  /** `material_types` or `property_filters`, or any filter that stands alone. */
  hasFilters: boolean;
}

/** The terms that a type of search can use with what there is. */
export function toTerms(type: SearchType, available: Available): Term[] {
  const { hasEmbedding, hasPalette, hasWords, hasPictureProperties, hasFilters } = available;
  // A search by colour alone is ordered by the distance of colours: no other score may change it.
  if (available.isByColourAlone) return ["visual_similarity"];
  // Without an embedding, what looks alike is found by the picture's properties, or else by its words.
  const isByLooks = type === "visual_similarity" && !hasEmbedding;
  const isUsed: Record<Term, boolean> = {
    visual_similarity: (hasEmbedding || hasPalette) &&
      (type === "visual_similarity" || type === "hybrid"),
    semantic_relevance: hasWords && (type === "semantic_analysis" || type === "hybrid" ||
      (isByLooks && !hasPictureProperties)),
    material_properties: type === "material_properties" ||
      ((type === "semantic_analysis" || isByLooks) && hasPictureProperties) ||
      (type === "hybrid" && (hasPictureProperties || hasFilters)),
    llama_confidence: type === "hybrid",
  };
  return TERMS.filter((term) => isUsed[term]);
}

/**
 * Drops the weights of absent terms and brings the others to a sum of 1.
 *
 * @param given null for the default.
 * @throws {ApiError} INVALID_REQUEST when a hybrid search is left with no weight on a strategy.
 */
export function toWeights(
  type: SearchType,
  terms: readonly Term[],
  given: Record<Term, number> | null,
): Record<Term, number> {
  const weights = given ?? DEFAULT_WEIGHTS;
  const sumOf = (some: readonly Term[]) => some.reduce((sum, term) => sum + weights[term], 0);
  const hasWeight = sumOf(terms.filter((term) => term !== "llama_confidence")) > 0;
  if (!hasWeight && type === "hybrid") {
    throw invalidRequest({
      fusion_weights: `must give some weight to what this search has: ${terms.join(", ")}`,
    });
  }
  // A search by one strategy is ranked by it, whatever the weights were meant for.
  const weightOf = (term: Term) =>
    !terms.includes(term) ? 0 : hasWeight ? weights[term] / sumOf(terms) : 1 / terms.length;
  return Object.fromEntries(
    TERMS.map((term) => [term, Math.round(weightOf(term) * 1e6) / 1e6]),
  ) as Record<Term, number>;
}
