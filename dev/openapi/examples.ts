/** What the document shows; each is held against its schema. */
import type {
  AnalysisRequestBody,
  AnalysisResponseBody,
  LimitsResponseBody,
} from "../../supabase/functions/_shared/client/contract.ts";
import type {
  SearchRequestBody,
  SearchResponseBody,
} from "../../supabase/functions/_shared/client/search/search-contract.ts";

const MODEL = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo";
const REQUEST_ID = "6e4459a0-4030-4d2a-96ea-57199a0448ec";

/** A GIF of 3 × 3 pixels. */
const GIF = "R0lGODlhAwADAIAAAExpcaBQICH5BAUAAAAALAAAAAADAAMAAAIDjH8FADs=";

/** A request with a picture alone. */
export const PICTURE: AnalysisRequestBody = { image_data: GIF };

/** A streamed request about a picture in Storage. */
export const STORED_PICTURE: AnalysisRequestBody = {
  image: { bucket: "photos", path: "kitchen/worktop.jpg" },
  options: { stream: true },
};

/** An answer with structured properties. */
export const ANALYSIS: AnalysisResponseBody = {
  analysis: "A plank of oiled white oak with a straight, open grain.",
  confidence: 0.87,
  model_used: MODEL,
  processing_time_ms: 1500,
  confidence_detail: {
    method: "token_logprob",
    calibrated: false,
    raw: 0.87,
    model: MODEL,
    families: { wood: 0.87, composite: 0.11 },
    reason: { calibrated: "no_map", candidates: "no_map" },
  },
  material: {
    family: "wood",
    type: "white oak",
    finish: "oiled",
    texture: "fine",
    pattern: "grain",
    colors: ["brown", "beige"],
    reflectivity: "low",
    transparency: "opaque",
    applications: ["flooring", "furniture"],
    style: ["natural"],
    quality_flags: [],
    lookalikes: ["ash"],
  },
  model_requested: MODEL,
  usage: {
    prompt_tokens: 6702,
    completion_tokens: 190,
    cost_usd: 0.0082704,
    estimated_prompt_tokens: 6720,
    estimated_cost_usd: 0.008904,
  },
  cached: false,
  warnings: [],
  request_id: REQUEST_ID,
};

/** As the bytes of a body of server-sent events. */
export const EVENTS = [
  `event: delta\ndata: {"text":"A plank of oiled white oak"}\n`,
  `event: delta\ndata: {"text":" with a straight, open grain."}\n`,
  `event: result\ndata: ${JSON.stringify(ANALYSIS)}\n\n`,
].join("\n");

/** The limits of a user after a first request. */
export const LIMITS: LimitsResponseBody = {
  subject: "user:4cefa077-61e3-4e61-9c05-dc02e7b9200d",
  minute: { limit: 20, burst: 20, remaining: 19, reset_ms: 2500 },
  day: { limit: 200, remaining: 199, reset_ms: 65_601_607 },
  concurrent: { limit: 4, used: 0 },
  month: { limit_usd: null, spent_usd: 0.0027156, reset_ms: 410_801_607 },
  max_image_bytes: 6_291_456,
  request_id: REQUEST_ID,
};

/** A search by words and properties. */
export const SEARCH: SearchRequestBody = {
  search_type: "hybrid",
  query_text: "oak for a floor",
  filters: { property_filters: { finish: ["oiled", "matte"] } },
  limit: 10,
};

/** What that search finds. */
export const FOUND: SearchResponseBody = {
  results: [{
    material_id: "0b6f2f0e-4c1e-4f0b-9a57-6d1d0f3a7f11",
    material_name: "Oak, oiled",
    material_type: "white oak",
    visual_analysis: {
      llama_analysis: {
        detailed_description: ANALYSIS.analysis,
        material_properties: { family: "wood", finish: "oiled" },
        confidence_score: null,
        visual_features: { texture: "fine", pattern: "grain" },
      },
    },
    scores: {
      visual_similarity_score: null,
      semantic_relevance_score: 0.92,
      material_property_score: 1,
      combined_score: 0.95,
      confidence_score: null,
      color_distance: null,
    },
    found_by: ["semantic_relevance", "material_properties"],
    metadata: {
      source: "materials_catalog",
      created_at: "2026-11-02T09:00:00+00:00",
      processing_method: MODEL,
      search_rank: 1,
      analysis_timestamp: "2026-11-02T09:01:00+00:00",
    },
  }],
  search_metadata: {
    query_type: "text",
    search_strategy: "semantic_relevance+material_properties",
    total_results: 1,
    total_relation: "eq",
    search_time_ms: 14,
    fusion_weights_used: {
      visual_similarity: 0,
      semantic_relevance: 0.6,
      material_properties: 0.4,
      llama_confidence: 0,
    },
    embedding_models_used: [],
    embeddings: null,
    cache_hit: false,
    analysis: null,
    corrections: {},
    ignored: [],
  },
  request_id: REQUEST_ID,
};
