/** The wire of the visual-search function: what its callers send and get. */

import type { PaletteColor, StoredImage } from "../contract.ts";

/** What is searched by. */
export const SEARCH_TYPES = [
  "visual_similarity",
  "semantic_analysis",
  "hybrid",
  "material_properties",
] as const;

/** What a search goes by. */
export type SearchType = (typeof SEARCH_TYPES)[number];

/** The terms that scores are fused of, in the order in which the database takes their weights. */
export const TERMS = [
  "visual_similarity",
  "semantic_relevance",
  "material_properties",
  "llama_confidence",
] as const;

/** A part of the combined score. */
export type Term = (typeof TERMS)[number];

/** A strategy that finds materials; a confidence finds none. */
export type Strategy = Exclude<Term, "llama_confidence">;

/** The embedding space of a vector that names none. */
export const DEFAULT_SPACE = "clip";

/** How many numbers a vector of `DEFAULT_SPACE` has. */
export const DEFAULT_DIMENSIONS = 512;

/** The most numbers that a vector of any space has. */
export const MAX_DIMENSIONS = 4_000;

/** Body of `POST /functions/v1/visual-search`. */
export interface SearchRequestBody {
  search_type: SearchType;
  /**
   * Base64, a `data:` URI, an https URL, or a picture in Supabase Storage that the caller may read;
   * described by semantic-analysis.
   */
  query_image?: string | StoredImage | undefined;
  query_text?: string | undefined;
  query_embedding?: number[] | undefined;
  /** The space that `query_embedding` is of, as the operator has named it; `clip` unless given. */
  embedding_space?: string | undefined;
  /** A picture's measured colours, at most 8: `colors` of `preparePicture`. */
  query_palette?: PaletteColor[] | undefined;
  filters?: SearchFiltersBody | undefined;
  /** Sum 1. */
  fusion_weights?: Partial<Record<Term, number>> | undefined;
  limit?: number | undefined;
  offset?: number | undefined;
  include_analytics?: boolean | undefined;
  include_embeddings?: boolean | undefined;
}

/** What a material must be or have; all of them must fit. */
export interface SearchFiltersBody {
  /** Types, families or categories. */
  material_types?: string[] | undefined;
  confidence_threshold?: number | undefined;
  /** Of the combined score. */
  similarity_threshold?: number | undefined;
  /** `#rrggbb`, or `#rgb`: materials with a measured colour near it. */
  color?: string | undefined;
  /** How near: CIEDE2000, 0 to 100, 15 unless given. */
  tolerance?: number | undefined;
  property_filters?: Record<string, PropertyFilter> | undefined;
  /** Of the material's creation; ISO 8601, a date alone is its whole day in UTC. */
  date_range?:
    | { start?: string | undefined; end?: string | undefined }
    | undefined;
}

/** A value that a property of a material can be compared with. */
export type PropertyValue = string | number | boolean;

/** A value, any of several, or a range of numbers. */
export type PropertyFilter = PropertyValue | PropertyValue[] | { min?: number; max?: number };

/** Body of a 200. */
export interface SearchResponseBody {
  results: SearchResult[];
  search_metadata: SearchMetadata;
  analytics?: SearchAnalytics;
  request_id: string;
}

/** A material that was found, with its scores. */
export interface SearchResult {
  material_id: string;
  material_name: string;
  /** By its analysis; its category where it has none. */
  material_type: string;
  visual_analysis: {
    /** Only when asked for, and where the space `clip` is searched; null where there is none. */
    clip_embedding?: number[] | null;
    /** Only when asked for, and where another space is searched; null where there is none. */
    embedding?: number[] | null;
    /** null where the material has not been analysed. */
    llama_analysis: {
      detailed_description: string | null;
      material_properties: Record<string, unknown>;
      /** null when nothing supports a figure. */
      confidence_score: number | null;
      visual_features: Record<string, string | null>;
    } | null;
  };
  /** In [0, 1]; null for what the search did not go by. */
  scores: {
    visual_similarity_score: number | null;
    semantic_relevance_score: number | null;
    material_property_score: number | null;
    combined_score: number;
    confidence_score: number | null;
    /** CIEDE2000 from the colours that were searched by; null for a search by others. */
    color_distance: number | null;
  };
  /** Which strategies found it. */
  found_by: Strategy[];
  metadata: {
    source: "materials_catalog";
    /** null where the catalogue does not tell it. */
    created_at: string | null;
    /** The model of the stored analysis. */
    processing_method: string | null;
    /** 1 for the best of all, on whichever page it is. */
    search_rank: number;
    analysis_timestamp: string | null;
  };
}

/** A part of the search that could not be had. */
export interface Degradation {
  missing: "query_image" | "query_embedding";
  code: string;
  message: string;
  /** Under which the log of semantic-analysis has it. */
  request_id: string | null;
}

/** How the search was done, and what it did differently from what was asked. */
export interface SearchMetadata {
  query_type: "text" | "image" | "embedding" | "palette" | "multimodal" | "filters";
  /** The strategies that were used, joined by `+`. */
  search_strategy: string;
  total_results: number;
  /**
   * `gte`: there are more. Of a picture those that resemble it are counted, of anything 10,000, with a
   * similarity threshold those that were scored.
   */
  total_relation: "eq" | "gte";
  search_time_ms: number;
  /** As used: absent terms dropped, the others brought to a sum of 1. */
  fusion_weights_used: Record<Term, number>;
  /** Of the stored embeddings that were compared with or returned. */
  embedding_models_used: string[];
  /** Of the comparison of embeddings; null where none were compared. */
  embeddings: ComparedEmbeddings | null;
  /** The picture's analysis was remembered. */
  cache_hit: boolean;
  /** Of the query's picture; null when there was none, or it failed. */
  analysis: {
    model_used: string;
    cached: boolean;
    confidence: number | null;
    request_id: string;
  } | null;
  /** Misspelt word → the one that was searched for in its place. */
  corrections: Record<string, string>;
  /** Fields of the request that this type of search does not use. */
  ignored: string[];
  /** Only where there is one. */
  degraded?: Degradation[];
}

/** How the query's embedding was compared with stored ones. */
export interface ComparedEmbeddings {
  /** The space that it was compared in. */
  space: string;
  model: string;
  /** The similarity from which on a material counts as found; a lower `similarity_threshold` lowers it. */
  cut_off: number;
  /** Embeddings of materials that the caller may read and the filters leave. */
  compared: number;
  /** How many of them lay under the cut-off. */
  under_cut_off: number;
  /** `gte`: of a large catalogue the nearest alone were compared. */
  relation: "eq" | "gte";
}

/** What was found in all, on whichever page; only with `include_analytics`. */
export interface SearchAnalytics {
  /** Category → number of results on all pages, the 50 largest. */
  by_category: Record<string, number>;
  by_strategy: Partial<Record<Strategy, number>>;
  /** null without a result. */
  average_score: number | null;
  with_confidence: number;
  timings_ms: { analysis: number; search: number };
}
