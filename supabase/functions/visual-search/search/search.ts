/** One search: the picture described, the strategies chosen, the catalogue asked, the answer made. */

import type { StoredImage } from "../../_shared/client/contract.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import type { CallerRights } from "./caller-rights.ts";
import type { Found, SearchCatalogue } from "./catalogue.ts";
import {
  type Degradation,
  type SearchResponseBody,
  type Term,
  TERMS,
} from "../../_shared/client/search/search-contract.ts";
import {
  type DescribedPicture,
  type FailedPicture,
  isWorthDegrading,
  requireProperties,
} from "./picture.ts";
import { toTerms, toWeights } from "./ranking.ts";
import { hasFilters } from "../request/request.ts";
import type { SearchRequest } from "../request/request.ts";
import { toSearchResult } from "./results.ts";
import { toIgnored, toUsedParts } from "./used-parts.ts";

/** Whose search it is, and who answers its parts. */
export interface SearchOptions {
  rights: CallerRights;
  searchCatalogue: SearchCatalogue;
  /** Asks semantic-analysis. */
  describe: (image: string | StoredImage) => Promise<DescribedPicture | FailedPicture>;
  /** What is left for the database. */
  toTimeoutMs: () => number;
}

/** What a search comes to. */
export interface SearchOutcome {
  body: SearchResponseBody;
  /** Whether the operator keeps what users search for. */
  isHistoryKept: boolean;
}

/** @throws {ApiError} what the picture or the catalogue is refused with. */
export async function search(
  request: SearchRequest,
  context: RequestContext,
  { rights, searchCatalogue, describe, toTimeoutMs }: SearchOptions,
): Promise<SearchOutcome> {
  const degraded: Degradation[] = [];
  const isDescribed = toUsedParts(request).image && request.image !== null;
  // What no description can mend is told before one is paid.
  if (isDescribed) toQuery(request, BEST_PICTURE, toUsedEmbedding(request));
  const picture = isDescribed
    ? await describeOrDegrade(request, context, describe, degraded)
    : null;
  const { found, weights, isByColour } = await findMaterials(
    request,
    picture,
    degraded,
    (parameters) =>
      context.timings.measure(
        "search",
        () => searchCatalogue(parameters, rights, toTimeoutMs()),
      ),
  );

  const timings = context.timings.toRecord();
  context.note({
    search_type: request.type,
    total_results: found.total_results,
    ...(picture && {
      analysis_request_id: picture.analysis.request_id,
      is_cached: picture.analysis.cached,
    }),
    ...(degraded.length > 0 &&
      { degraded: degraded.map(({ missing, code }) => ({ missing, code })) }),
  });
  const body: SearchResponseBody = {
    results: found.results.map((row) =>
      toSearchResult(row, request.isWithEmbeddings ? found.embedding_space : null, isByColour)
    ),
    search_metadata: {
      query_type: toQueryType(request),
      search_strategy: TERMS.filter((term) => weights[term] > 0 && term !== "llama_confidence")
        .join("+"),
      total_results: found.total_results,
      total_relation: found.total_relation,
      search_time_ms: Math.round(context.timings.totalMs()),
      fusion_weights_used: weights,
      embedding_models_used: found.embedding_models,
      embeddings: found.similar,
      cache_hit: picture?.analysis.cached ?? false,
      analysis: picture && {
        model_used: picture.analysis.model_used,
        cached: picture.analysis.cached,
        confidence: picture.analysis.confidence,
        request_id: picture.analysis.request_id,
      },
      corrections: found.corrections,
      ignored: toIgnored(request),
      ...(degraded.length > 0 && { degraded }),
    },
    ...(found.analytics && {
      analytics: {
        ...found.analytics,
        timings_ms: { analysis: timings.analysis ?? 0, search: timings.search ?? 0 },
      },
    }),
    request_id: context.requestId,
  };
  return { body, isHistoryKept: found.is_history_kept };
}

/** @throws {ApiError} when the picture can't be described and must not, or can't, be done without. */
async function describeOrDegrade(
  request: SearchRequest,
  context: RequestContext,
  describe: SearchOptions["describe"],
  degraded: Degradation[],
): Promise<DescribedPicture | null> {
  const described = await context.timings.measure("analysis", () => describe(request.image!));
  const picture = request.type === "material_properties" ? requireProperties(described) : described;
  if (picture.kind === "described") return picture;
  const { refusal, requestId } = picture;
  context.note({ analysis_request_id: requestId ?? undefined });
  const used = toUsedParts(request);
  const hasOther = (used.text && request.text !== null) ||
    (used.embedding && request.embedding !== null) ||
    (used.palette && request.palette !== null) ||
    (request.type === "material_properties" && hasFilters(request.filters));
  if (!hasOther || !isWorthDegrading(picture)) throw refusal;
  const { code, message } = refusal;
  degraded.push({ missing: "query_image", code, message, request_id: requestId });
  return null;
}

/** Without pgvector a hybrid search goes on without the embedding, and says so. */
async function findMaterials(
  request: SearchRequest,
  picture: DescribedPicture | null,
  degraded: Degradation[],
  run: (parameters: Parameters<SearchCatalogue>[0]) => ReturnType<SearchCatalogue>,
): Promise<{ found: Found } & Pick<Query, "weights" | "isByColour">> {
  const first = toQuery(request, picture, toUsedEmbedding(request));
  const found = await run(first.parameters);
  if (found !== "no_embeddings") return { ...first, found };
  const refusal = new ApiError(
    "NOT_CONFIGURED",
    "This project's database has no pgvector, so embeddings can't be compared",
  );
  if (request.type !== "hybrid" || (request.text === null && picture === null)) throw refusal;
  const { code, message } = refusal;
  degraded.push({ missing: "query_embedding", code, message, request_id: null });
  const second = toQuery(request, picture, null);
  const other = await run(second.parameters);
  if (other === "no_embeddings") throw refusal;
  return { ...second, found: other };
}

interface Query {
  parameters: Parameters<SearchCatalogue>[0];
  weights: Record<Term, number>;
  /** The visual similarity is of measured colours, not of embeddings. */
  isByColour: boolean;
}

/** What a search needs of a picture. */
type QueryPicture = Pick<DescribedPicture, "text" | "properties">;

/** One that tells all that there is to search by. */
const BEST_PICTURE: QueryPicture = { text: "", properties: {} };

function toUsedEmbedding(request: SearchRequest): number[] | null {
  return toUsedParts(request).embedding ? request.embedding : null;
}

/** @throws {ApiError} INVALID_REQUEST where the weights leave nothing to search by. */
function toQuery(
  request: SearchRequest,
  picture: QueryPicture | null,
  embedding: number[] | null,
): Query {
  const { type, filters } = request;
  const text = toUsedParts(request).text ? request.text : null;
  const isOfLooks = type === "visual_similarity" || type === "hybrid";
  const palette = isOfLooks && embedding === null ? request.palette : null;
  const isAlone = text === null && picture === null && embedding === null;
  const isByColourAlone = isAlone && (palette !== null || filters.color !== null);
  const terms = toTerms(type, {
    hasEmbedding: embedding !== null,
    hasPalette: palette !== null,
    isByColourAlone,
    hasWords: text !== null || picture !== null,
    hasPictureProperties: picture !== null && picture.properties !== null,
    hasFilters: filters.materialTypes !== null || filters.properties !== null ||
      (isAlone && hasFilters(filters)),
  });
  const weights = toWeights(type, terms, request.weights);
  const optional = {
    p_query_text: text,
    p_picture_text: terms.includes("semantic_relevance") ? picture?.text ?? null : null,
    p_picture_properties: picture?.properties ?? null,
    p_query_embedding: embedding,
    p_embedding_space: embedding && request.embeddingSpace,
    p_material_types: filters.materialTypes,
    p_property_filters: filters.properties,
    p_confidence_threshold: filters.confidenceThreshold,
    p_similarity_threshold: filters.similarityThreshold,
    p_created_from: filters.createdFrom,
    p_created_to: filters.createdTo,
    p_palette: palette,
    p_color: filters.color,
    p_color_tolerance: filters.tolerance,
  };
  return {
    weights,
    isByColour: isByColourAlone || palette !== null,
    parameters: {
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
      p_weights: TERMS.map((term) => weights[term]),
      p_limit: request.limit,
      p_offset: request.offset,
      p_include_embeddings: request.isWithEmbeddings,
      p_include_analytics: request.isWithAnalytics,
    },
  };
}

function toQueryType(request: SearchRequest): SearchResponseBody["search_metadata"]["query_type"] {
  const ignored = toIgnored(request);
  const given = (["text", "image", "embedding", "palette"] as const)
    .filter((kind) => request[kind] !== null && !ignored.includes(`query_${kind}`));
  return given.length > 1 ? "multimodal" : given[0] ?? "filters";
}
