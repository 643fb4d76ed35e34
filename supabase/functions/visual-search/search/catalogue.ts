/** The search in Postgres, with the caller's rights. */

import type { PostgrestError } from "@supabase/postgrest-js";
import * as z from "zod/mini";
import type { Database } from "../../_shared/platform/database/database.types.ts";
import { toNotConfigured } from "../../_shared/platform/database/not-set-up.ts";
import { createPostgrest, type Postgrest } from "../../_shared/platform/database/postgrest.ts";
import { unauthorized } from "../../_shared/platform/auth/unauthorized.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";
import { parseJson } from "../../_shared/platform/parse-json.ts";
import { startTimeLimit } from "../../_shared/platform/http/time-limit.ts";
import type { CallerRights } from "./caller-rights.ts";

type SearchParameters = Database["public"]["Functions"]["material_search_find_materials"]["Args"];

const text = z.nullable(z.string());
const score = z.nullable(z.number());

const strategy = z.enum(["visual_similarity", "semantic_relevance", "material_properties"]);
const rowSchema = z.object({
  rank: z.number(),
  found_by: z.array(strategy),
  visual: score,
  semantic: score,
  property: score,
  combined: z.number(),
  confidence: score,
  embedding: z.nullable(z.array(z.number())),
  material: z.object({
    id: z.string(),
    name: z.string(),
    category: z.string(),
    created_at: text,
  }),
  analysis: z.nullable(z.object({
    material_type: text,
    surface_texture: text,
    color_description: text,
    finish_type: text,
    pattern_grain: text,
    reflectivity: text,
    visual_characteristics: text,
    structural_properties: z.nullable(z.record(z.string(), z.unknown())),
    model: text,
    created_at: text,
  })),
});

const foundSchema = z.object({
  total_results: z.number(),
  total_relation: z.enum(["eq", "gte"]),
  corrections: z.record(z.string(), z.string()),
  is_history_kept: z.boolean(),
  embedding_models: z.array(z.string()),
  embedding_space: z.nullable(z.string()),
  similar: z.nullable(z.object({
    space: z.string(),
    model: z.string(),
    cut_off: z.number(),
    compared: z.number(),
    under_cut_off: z.number(),
    relation: z.enum(["eq", "gte"]),
  })),
  results: z.array(rowSchema),
  analytics: z.nullable(z.object({
    by_category: z.record(z.string(), z.number()),
    by_strategy: z.partialRecord(strategy, z.number()),
    average_score: score,
    with_confidence: z.number(),
  })),
});

/** A material that was found, as the database gives it. */
export type FoundRow = z.infer<typeof rowSchema>;

/** A page of what was found, with the count of all. */
export type Found = z.infer<typeof foundSchema>;

/** The database has no pgvector. A value, for a search by other means goes on without it. */
export type WithoutEmbeddings = "no_embeddings";

/**
 * Searches the materials that the caller may read.
 *
 * @throws {ApiError} NOT_CONFIGURED without the migrations, RATE_LIMITED where the caller's searches per
 *   minute are used up, UNAUTHORIZED for a token that has expired meanwhile or of a deleted user, INVALID_REQUEST for a value that the database refuses, UPSTREAM_TIMEOUT or
 *   UPSTREAM_UNAVAILABLE without an answer in time.
 */
export type SearchCatalogue = (
  parameters: SearchParameters,
  rights: CallerRights,
  timeoutMs: number,
) => Promise<Found | WithoutEmbeddings>;

/** The project whose catalogue is searched. */
export interface CatalogueOptions {
  supabaseUrl: string;
  publishableKey: string;
  fetch?: typeof globalThis.fetch;
}

/** Searches by `material_search_search`, with the caller's rights. */
export function createSearchCatalogue(
  { supabaseUrl, publishableKey, fetch = globalThis.fetch }: CatalogueOptions,
): SearchCatalogue {
  // One client a key, for all requests of the worker. The keys are the project's own, so they are few.
  const clients = new Map<string, Postgrest>();
  const clientOf = (key: string) => {
    const known = clients.get(key);
    if (known) return known;
    const client = createPostgrest(supabaseUrl, key, fetch);
    clients.set(key, client);
    return client;
  };

  return async (parameters, rights, timeoutMs) => {
    const client = clientOf(rights.kind === "user" ? publishableKey : rights.secret);
    const query = client.rpc("material_search_find_materials", parameters);
    if (rights.kind === "user") query.setHeader("Authorization", `Bearer ${rights.token}`);
    const limit = startTimeLimit(timeoutMs);
    const { data, error } = await query.abortSignal(limit.signal);
    limit.stop();
    if (error?.code === FEATURE_NOT_SUPPORTED) return "no_embeddings";
    if (error) throw toCatalogueError(error, limit.isUp());
    const found = foundSchema.safeParse(data);
    if (found.success) return found.data;
    throw new ApiError("UPSTREAM_UNAVAILABLE", "The catalogue's answer could not be used", {
      cause: found.error,
    });
  };
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html and PostgREST's own PGRST codes. */
const FEATURE_NOT_SUPPORTED = "0A000";
const DATA_EXCEPTION_CLASS = "22";
const QUERY_CANCELED = "57014";
const INSUFFICIENT_PRIVILEGE = "42501";
const JWT_CODES = ["PGRST301", "PGRST302", "PGRST303"];
/** What the limiter raises, for PostgREST to make a status of it. */
const DELETED_USER = "PT401";
const DENIED = "PT429";

function toCatalogueError(error: PostgrestError, isTimeout: boolean): ApiError {
  const options = { cause: error };
  const notConfigured = toNotConfigured(error, "The search's");
  if (notConfigured !== null) return notConfigured;
  if (error.code === INSUFFICIENT_PRIVILEGE) {
    return new ApiError(
      "NOT_CONFIGURED",
      "Callers may not read the catalogue: grant select on materials_catalog and " +
        "material_visual_analysis",
      options,
    );
  }
  if (error.code === DENIED) return toDenial(error);
  if (error.code === DELETED_USER) return unauthorized("deleted", error);
  if (JWT_CODES.includes(error.code)) {
    return unauthorized("expired", error);
  }
  if (error.code?.startsWith(DATA_EXCEPTION_CLASS)) {
    // The database alone knows which embedding spaces there are, and of how many numbers.
    const details = problemsSchema.safeParse(parseJson(error.details ?? ""));
    if (details.success) return invalidRequest(details.data);
    // Parsing should let no such value through. Where one comes through, a retry would fail as well.
    const message = "The database does not take a value of this search";
    return new ApiError("INVALID_REQUEST", message, options);
  }
  if (isTimeout || error.code === QUERY_CANCELED) {
    return new ApiError("UPSTREAM_TIMEOUT", "The catalogue did not answer in time", options);
  }
  return new ApiError("UPSTREAM_UNAVAILABLE", "The catalogue could not be searched", options);
}

/** Field of the request → problem. */
const problemsSchema = z.partialRecord(z.enum(["query_embedding", "embedding_space"]), z.string());

const denialSchema = z.object({ limit: z.string(), retry_after_ms: z.number() });

/** The limiter tells limit and wait as JSON in the detail. */
function toDenial(error: PostgrestError): ApiError {
  const denial = denialSchema.safeParse(parseJson(error.details ?? ""));
  return new ApiError("RATE_LIMITED", error.message, {
    ...(denial.success && { details: denial.data, retryAfterMs: denial.data.retry_after_ms }),
    cause: error,
  });
}
