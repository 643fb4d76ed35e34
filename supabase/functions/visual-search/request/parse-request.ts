/** From the object of a JSON body to a search. */

import * as z from "zod/mini";
import {
  DEFAULT_DIMENSIONS,
  DEFAULT_SPACE,
  MAX_DIMENSIONS,
  type PropertyFilter,
  SEARCH_TYPES,
  type Term,
  TERMS,
} from "../../_shared/client/search/search-contract.ts";
import { paletteSchema } from "../../_shared/platform/palette.ts";
import { parseDateRange } from "./date-range.ts";
import { requireQuery, type SearchFilters, type SearchRequest } from "./request.ts";
import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";

/** Rounding of decimals, and no more. */
const SUM_TOLERANCE = 0.001;

const MAX_TEXT_LENGTH = 1_000;
const MAX_ITEMS = 50;
const MAX_PROPERTIES = 20;
const MAX_PROPERTY_LENGTH = 200;
const MAX_OFFSET = 100_000;

/** Clients often send null for what they leave out. */
function optional<T extends z.ZodMiniType>(schema: T) {
  return z.optional(z.nullable(schema));
}

function numberFrom(min: number, max: number) {
  const error = { error: `must be a number from ${min} to ${max}` };
  return z.number(error).check(z.gte(min, error), z.lte(max, error));
}

function integerFrom(min: number, max: number) {
  const error = { error: `must be a whole number from ${min} to ${max}` };
  return z.int(error).check(z.gte(min, error), z.lte(max, error));
}

/** Postgres stores neither of these: a null character, half a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

function textUpTo(length: number) {
  const error = { error: `must be a string of 1 to ${length} characters` };
  return z.string(error).check(
    z.trim(),
    z.minLength(1, error),
    z.maxLength(length, error),
    z.refine(isStorable, { error: "must be text without null characters" }),
  );
}

const colorError = { error: 'must be a colour such as "#b68350"' };
/** As people type one: three digits stand for six, and the sign may be missing. */
const color = z.string(colorError).check(
  z.regex(/^#?([0-9a-f]{3}|[0-9a-f]{6})$/i, colorError),
  z.overwrite((text) => {
    const digits = text.replace("#", "").toLowerCase();
    return `#${digits.length === 3 ? digits.replace(/./g, "$&$&") : digits}`;
  }),
);

const flag = z.boolean({ error: "must be true or false" });

/**
 * pgvector adds up the squares of an embedding's numbers in float4. Within these bounds the sum is
 * neither infinite nor 0, with which no cosine could be told.
 */
const MAX_EMBEDDED = 1e6;
const MIN_EMBEDDED = 1e-6;

const toEmbeddingProblem = (count: string) =>
  `must be an array of ${count} numbers from ${-MAX_EMBEDDED} to ${MAX_EMBEDDED}` +
  `, not all of them 0 or within ${MIN_EMBEDDED} of it`;
/** One problem for the whole, not one for each of its numbers. */
const embedding = z.custom<number[]>(isEmbedding, {
  error: toEmbeddingProblem(`1 to ${MAX_DIMENSIONS}`),
});

/** A name as an operator gives them; which there are is the database's to say. */
const spaceError = { error: "must be the name of an embedding space" };
const space = z.string(spaceError).check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/, spaceError));

// Each check has it: where one kind alone fits, a union tells that kind's problem and not its own.
const propertyError = {
  error: `must be a text of up to ${MAX_PROPERTY_LENGTH} characters without null characters, ` +
    `a number, true, false, a list of 1 to ${MAX_ITEMS} of these, or { min, max } in numbers`,
};
const propertyValue = z.union([
  z.string(propertyError).check(
    z.maxLength(MAX_PROPERTY_LENGTH, propertyError),
    z.refine(isStorable, propertyError),
  ),
  z.number(propertyError),
  z.boolean(propertyError),
], propertyError);
/** Beyond, and nearer to 0, a number would take the database hundreds of digits. */
const MAX_BOUND = 1e150;
const bound = optional(z.number(propertyError).check(z.overwrite(toReadableBound)));
const propertyFilter = z.union([
  propertyValue,
  z.array(propertyValue, propertyError).check(
    z.minLength(1, propertyError),
    z.maxLength(MAX_ITEMS, propertyError),
  ),
  z.strictObject({ min: bound, max: bound }, propertyError),
], propertyError);
const propertiesError = {
  error:
    `must be an object of at most ${MAX_PROPERTIES} properties with names of 1 to 64 characters`,
};
const propertyFilters = z.record(z.string(), propertyFilter, propertiesError).check(
  z.refine(
    (filters) =>
      Object.keys(filters).length <= MAX_PROPERTIES &&
      Object.keys(filters).every((name) =>
        name.length >= 1 && name.length <= 64 && isStorable(name)
      ),
    propertiesError,
  ),
);

const typesError = { error: `must be an array of at most ${MAX_ITEMS} strings` };

const filtersSchema = z.object({
  material_types: optional(
    z.array(textUpTo(100), typesError).check(z.maxLength(MAX_ITEMS, typesError)),
  ),
  confidence_threshold: optional(numberFrom(0, 1)),
  similarity_threshold: optional(numberFrom(0, 1)),
  color: optional(color),
  tolerance: optional(numberFrom(0, 100)),
  property_filters: optional(propertyFilters),
  date_range: optional(
    z.object({
      start: optional(z.string({ error: "must be a string" })),
      end: optional(z.string({ error: "must be a string" })),
    }, { error: "must be an object" }),
  ),
}, { error: "must be an object" });

const weightsSchema = z.object(
  Object.fromEntries(TERMS.map((term) => [term, optional(numberFrom(0, 1))])) as Record<
    Term,
    ReturnType<typeof optional<ReturnType<typeof numberFrom>>>
  >,
  { error: "must be an object" },
).check(z.refine(
  (weights) =>
    Math.abs(TERMS.reduce((sum, term) => sum + (weights[term] ?? 0), 0) - 1) <= SUM_TOLERANCE,
  { error: "must add up to 1" },
));

const bodySchema = z.object({
  search_type: z.enum(SEARCH_TYPES, { error: `must be one of ${SEARCH_TYPES.join(", ")}` }),
  query_image: optional(z.union([
    z.string().check(z.minLength(1, { error: "must not be empty" })),
    // What is wrong with a place is said by semantic-analysis.
    z.looseObject({ bucket: z.string(), path: z.string() }),
  ], { error: "must be a string (base64, a data: URI or an https URL) or { bucket, path }" })),
  query_text: optional(textUpTo(MAX_TEXT_LENGTH)),
  query_embedding: optional(embedding),
  embedding_space: optional(space),
  query_palette: optional(paletteSchema()),
  filters: optional(filtersSchema),
  fusion_weights: optional(weightsSchema),
  limit: optional(integerFrom(1, 100)),
  offset: optional(integerFrom(0, MAX_OFFSET)),
  include_analytics: optional(flag),
  include_embeddings: optional(flag),
});

/** @throws {ApiError} INVALID_REQUEST with a problem for each wrong field. */
export function parseSearchRequest(json: Record<string, unknown>): SearchRequest {
  const result = bodySchema.safeParse(json);
  const problems = [
    ...(result.error?.issues ?? [])
      .map(({ path, message }) => [path.join(".") || "body", message] as const),
    ...findWrongDimensions(json),
  ];
  if (!result.success || problems.length > 0) throw invalidRequest(Object.fromEntries(problems));
  const body = result.data;
  const request: SearchRequest = {
    type: body.search_type,
    image: body.query_image ?? null,
    text: body.query_text ?? null,
    embedding: body.query_embedding?.map(toFloat4) ?? null,
    embeddingSpace: body.embedding_space ?? DEFAULT_SPACE,
    palette: body.query_palette?.length ? body.query_palette : null,
    filters: toFilters(body.filters ?? {}),
    filtersBody: body.filters ?? {},
    weights: body.fusion_weights ? toWeights(body.fusion_weights) : null,
    limit: body.limit ?? 20,
    offset: body.offset ?? 0,
    isWithAnalytics: body.include_analytics ?? false,
    isWithEmbeddings: body.include_embeddings ?? false,
  };
  requireQuery(request);
  return request;
}

function toFilters(body: z.infer<typeof filtersSchema>): SearchFilters {
  const properties = body.property_filters ?? {};
  return {
    materialTypes: body.material_types?.length ? body.material_types : null,
    properties: Object.keys(properties).length > 0
      ? properties as Record<string, PropertyFilter>
      : null,
    confidenceThreshold: toThreshold(body.confidence_threshold),
    similarityThreshold: toThreshold(body.similarity_threshold),
    ...parseDateRange(body.date_range ?? {}),
    color: body.color ?? null,
    tolerance: toThreshold(body.tolerance),
  };
}

/** The number that Postgres would make of it, but 0 where it would refuse one so near to 0. */
function toFloat4(number: number): number {
  return Math.fround(number);
}

function toReadableBound(number: number): number {
  if (Math.abs(number) < 1 / MAX_BOUND) return 0;
  return Math.min(Math.max(number, -MAX_BOUND), MAX_BOUND);
}

function toThreshold(number: number | null | undefined): number | null {
  return typeof number === "number" ? toFloat4(number) : null;
}

function isEmbedding(value: unknown): value is number[] {
  return Array.isArray(value) && value.length >= 1 && value.length <= MAX_DIMENSIONS &&
    value.every((number) => typeof number === "number" && Math.abs(number) <= MAX_EMBEDDED) &&
    value.some((number) => Math.abs(number) >= MIN_EMBEDDED);
}

function toWeights(body: z.infer<typeof weightsSchema>): Record<Term, number> {
  return Object.fromEntries(TERMS.map((term) => [term, body[term] ?? 0])) as Record<Term, number>;
}

/** An embedding that names no space, and has not the length of those of the default one. */
function findWrongDimensions(
  { query_embedding, embedding_space }: Record<string, unknown>,
): [string, string][] {
  if (!isEmbedding(query_embedding) || (embedding_space ?? DEFAULT_SPACE) !== DEFAULT_SPACE) {
    return [];
  }
  if (query_embedding.length === DEFAULT_DIMENSIONS) return [];
  const problem = toEmbeddingProblem(String(DEFAULT_DIMENSIONS)) +
    `, in the space "${DEFAULT_SPACE}"; embedding_space names another one`;
  return [["query_embedding", problem]];
}
