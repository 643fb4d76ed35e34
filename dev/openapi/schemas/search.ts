/** The wire of visual-search, as the document tells it. */
import * as z from "zod";
import {
  MAX_DIMENSIONS,
  SEARCH_TYPES,
  type SearchRequestBody,
  type SearchResponseBody,
  TERMS,
} from "../../../supabase/functions/_shared/client/search/search-contract.ts";
import type { Same } from "../same-type.ts";
import { confidenceSchema, imageDataSchema, optional, storedImageSchema } from "./analysis.ts";
import { colorSchema } from "./material.ts";

const share = () => z.number().min(0).max(1);

const propertyValueSchema = z.union([z.string().max(200), z.number(), z.boolean()]);

const propertyFilterSchema = z.union([
  propertyValueSchema,
  z.array(propertyValueSchema).min(1).max(50),
  z.object({ min: z.number().exactOptional(), max: z.number().exactOptional() }),
]).meta({ id: "PropertyFilter", description: "A value, any of several, or a range of numbers." });

const date = () => z.string().describe("ISO 8601; a date alone is its whole day in UTC.");

const filtersSchema = z.object({
  material_types: optional(z.array(z.string().min(1)).max(50)).describe(
    "Types, families or categories; any of them.",
  ),
  confidence_threshold: optional(share()).describe("Leaves out what has no confidence."),
  similarity_threshold: optional(share()).describe("Of the combined score."),
  property_filters: optional(z.record(z.string(), propertyFilterSchema)).describe(
    "At most 20; all of them.",
  ),
  color: optional(z.string().regex(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)).describe(
    "Materials with a measured colour near it, nearest first where there is no other query.",
  ),
  tolerance: optional(z.number().min(0).max(100)).describe(
    "How near `color` is meant, by CIEDE2000; 15 unless given.",
  ),
  date_range: optional(z.object({ start: optional(date()), end: optional(date()) })).describe(
    "Of the material's creation.",
  ),
}).meta({ id: "SearchFilters" });

const termSchema = z.enum(TERMS);

export const searchRequestSchema = z.object({
  search_type: z.enum(SEARCH_TYPES),
  query_image: optional(z.union([imageDataSchema, storedImageSchema])).describe(
    "Described by semantic-analysis.",
  ),
  query_text: optional(z.string().min(1).max(1_000)),
  query_embedding: optional(z.array(z.number()).min(1).max(MAX_DIMENSIONS)),
  embedding_space: optional(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/)).describe(
    "The space that `query_embedding` is of; `clip`, with 512 numbers, unless given.",
  ),
  query_palette: optional(z.array(colorSchema).max(8)).describe(
    "A picture's measured colours: `colors` of `preparePicture`.",
  ),
  filters: optional(filtersSchema),
  fusion_weights: optional(z.partialRecord(termSchema, share())).describe("Sum 1."),
  limit: optional(z.int().min(1).max(100)).describe("Default 20."),
  offset: optional(z.int().min(0).max(100_000)).describe("Default 0."),
  include_analytics: optional(z.boolean()),
  include_embeddings: optional(z.boolean()),
}).meta({ id: "SearchRequest", description: "Unknown fields are ignored." });

/** The compiler holds the schema against the type of the wire. */
export const acceptsRequest: SearchRequestBody extends z.infer<typeof searchRequestSchema> ? true
  : false = true;

const strategySchema = z.enum(["visual_similarity", "semantic_relevance", "material_properties"]);

const score = () => share().nullable();

const resultSchema = z.object({
  material_id: z.string(),
  material_name: z.string(),
  material_type: z.string().describe("By its analysis; its category where it has none."),
  visual_analysis: z.object({
    clip_embedding: z.array(z.number()).nullable().exactOptional().describe("When asked for."),
    embedding: z.array(z.number()).nullable().exactOptional().describe(
      "When asked for, of another space than `clip`.",
    ),
    llama_analysis: z.object({
      detailed_description: z.string().nullable(),
      material_properties: z.record(z.string(), z.unknown()),
      confidence_score: confidenceSchema,
      visual_features: z.record(z.string(), z.string().nullable()),
    }).nullable().describe("null where the material has not been analysed."),
  }),
  scores: z.object({
    visual_similarity_score: score(),
    semantic_relevance_score: score(),
    material_property_score: score(),
    combined_score: share(),
    confidence_score: score(),
    color_distance: z.number().min(0).nullable().describe(
      "CIEDE2000 from the colours that were searched by.",
    ),
  }).describe("null for what the search did not go by."),
  found_by: z.array(strategySchema),
  metadata: z.object({
    source: z.literal("materials_catalog"),
    created_at: z.string().nullable(),
    processing_method: z.string().nullable().describe("The model of the stored analysis."),
    search_rank: z.int().min(1).describe("1 for the best of all pages."),
    analysis_timestamp: z.string().nullable(),
  }),
}).meta({ id: "SearchResult" });

const degradationSchema = z.object({
  missing: z.enum(["query_image", "query_embedding"]),
  code: z.string(),
  message: z.string(),
  request_id: z.string().nullable().describe("Under which semantic-analysis logs it."),
}).meta({ id: "Degradation", description: "A part of the search that could not be had." });

const searchMetadataSchema = z.object({
  query_type: z.enum(["text", "image", "embedding", "palette", "multimodal", "filters"]),
  search_strategy: z.string().describe("The strategies that were used, joined by `+`."),
  total_results: z.int().min(0),
  total_relation: z.enum(["eq", "gte"]).describe("`gte`: there are that many or more."),
  search_time_ms: z.number().min(0),
  fusion_weights_used: z.object({
    visual_similarity: share(),
    semantic_relevance: share(),
    material_properties: share(),
    llama_confidence: share(),
  }).describe("Absent terms dropped, the others brought to a sum of 1."),
  embedding_models_used: z.array(z.string()),
  embeddings: z.object({
    space: z.string(),
    model: z.string(),
    cut_off: z.number().describe("From this similarity on a material counts as found."),
    compared: z.int().min(0),
    under_cut_off: z.int().min(0),
    relation: z.enum(["eq", "gte"]).describe("`gte`: the nearest alone were compared."),
  }).nullable().describe("null where no embeddings were compared."),
  cache_hit: z.boolean().describe("The picture's analysis was known."),
  analysis: z.object({
    model_used: z.string(),
    cached: z.boolean(),
    confidence: confidenceSchema,
    request_id: z.string(),
  }).nullable().describe("Of the query's picture."),
  corrections: z.record(z.string(), z.string()).describe("Misspelt word → what was searched for."),
  ignored: z.array(z.string()).describe("Fields that this type of search does not use."),
  degraded: z.array(degradationSchema).exactOptional(),
}).meta({ id: "SearchMetadata" });

const analyticsSchema = z.object({
  by_category: z.record(z.string(), z.int()).describe("Of all pages, the 50 largest."),
  by_strategy: z.partialRecord(strategySchema, z.int()),
  average_score: z.number().nullable(),
  with_confidence: z.int(),
  timings_ms: z.object({ analysis: z.number(), search: z.number() }),
}).meta({ id: "SearchAnalytics" });

export const searchResponseSchema = z.object({
  results: z.array(resultSchema),
  search_metadata: searchMetadataSchema,
  analytics: analyticsSchema.exactOptional().describe("With `include_analytics`."),
  request_id: z.string(),
}).meta({ id: "SearchResponse" });

/** The compiler holds the schema against the type of the wire. */
export const isResponse: Same<z.infer<typeof searchResponseSchema>, SearchResponseBody> = true;
