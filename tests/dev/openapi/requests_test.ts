/** What the document says of a request's field is what the function takes, value by value. */
import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import { buildDocument } from "../../../dev/openapi/document.ts";
import { ApiError } from "../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  parseQuoteRequest,
  parseRunRequest,
} from "../../../supabase/functions/analyse-catalogue/routes/run-request.ts";
import { toAnalysisRequest } from "../../../supabase/functions/semantic-analysis/request/request.ts";
import { parseFeedback } from "../../../supabase/functions/semantic-analysis/routes/feedback/feedback-request.ts";
import { parseSearchRequest } from "../../../supabase/functions/visual-search/request/parse-request.ts";

const ID = "4cefa077-61e3-4e61-9c05-dc02e7b9200d";

/** A value of each kind, and those at the bounds. */
const VALUES: unknown[] = [
  null,
  true,
  0,
  1,
  -1,
  0.5,
  0.4999,
  2,
  2.01,
  20,
  100,
  101,
  1e7,
  "",
  "a",
  "use",
  "right",
  ID,
  "x".repeat(201),
  "x".repeat(4_001),
  [],
  [1],
  ["a"],
  [null],
  {},
  { a: 1 },
  { min: 1 },
  { min: "1" },
  { start: "2026-11-02" },
  { family: "wood" },
  { family: "cheese" },
  { visual_similarity: 1 },
  { visual_similarity: 2 },
  [{ hex: "#b68350", share: 0.5, name: "brown" }],
  [{ hex: "brown", share: 0.5, name: "brown" }],
];

type Body = Record<string, unknown>;

interface RequestForm {
  schema: string;
  /** A body that is taken. */
  base: Body;
  /** Paths of the fields to try, two deep at most. */
  fields: string[];
  parse: (body: Body) => unknown;
}

const toRequest = (body: Body) =>
  new Request("http://localhost", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

const FORMS: RequestForm[] = [
  {
    schema: "AnalysisRequest",
    base: { options: {} },
    fields: ["analysis_type", "prompt", "options"].concat(
      ["temperature", "max_tokens", "stream", "cache", "palette", "min_precision"]
        .map((name) => `options.${name}`),
    ),
    parse: (fields) =>
      toAnalysisRequest(
        {
          fields,
          parsePicture: () => Promise.resolve({ picture: {} as never, warnings: [] }),
        },
        {
          isCustomPromptAllowed: true,
          choosableModels: null,
          temperature: 0.1,
          // The ceiling is a setting, which the document can't know.
          maxTokens: Number.MAX_SAFE_INTEGER,
        } as Parameters<typeof toAnalysisRequest>[1],
      ),
  },
  {
    schema: "SearchRequest",
    base: { search_type: "hybrid", query_text: "oak", filters: {} },
    fields: ["search_type", "query_text", "filters", "fusion_weights", "limit", "offset"].concat(
      ["include_analytics", "include_embeddings", "embedding_space"],
      ["material_types", "confidence_threshold", "similarity_threshold", "property_filters"]
        .map((name) => `filters.${name}`),
      ["filters.date_range", "filters.color", "query_palette"],
    ),
    parse: parseSearchRequest,
  },
  {
    schema: "FeedbackRequest",
    base: { request_id: ID, verdict: "wrong" },
    fields: ["request_id", "verdict", "correction"],
    parse: parseFeedback,
  },
  {
    schema: "RunRequest",
    base: {},
    fields: ["run", "limit"],
    parse: (body) => parseRunRequest(toRequest(body)),
  },
  {
    schema: "QuoteRequest",
    base: {},
    fields: ["more_jobs", "accept", "budget_usd", "limit", "sample"],
    parse: (body) => parseQuoteRequest(toRequest(body)),
  },
];

/** Refused for what a schema can't say: that there has to be a query, and that weights sum to 1. */
const BEYOND_SCHEMAS = /^(query_text = null|fusion_weights = \{.*\}): refused$/;

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(buildDocument(), "openapi");

function withValue(base: Body, path: string, value: unknown): Body {
  const [outer, inner] = path.split(".") as [string, string | undefined];
  return {
    ...base,
    [outer]: inner === undefined ? value : { ...base[outer] as Body, [inner]: value },
  };
}

async function isTaken(parse: RequestForm["parse"], body: Body): Promise<boolean> {
  try {
    await parse(body);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

for (const { schema, base, fields, parse } of FORMS) {
  Deno.test(`${schema}: the document takes what the function takes, and refuses what it refuses`, async () => {
    const validate = ajv.compile({ $ref: `openapi#/components/schemas/${schema}` });
    assert.ok(await isTaken(parse, base));
    const differences: string[] = [];
    for (const field of fields) {
      for (const value of VALUES) {
        const body = withValue(base, field, value);
        const [documented, taken] = [validate(body), await isTaken(parse, body)];
        if (documented !== taken) {
          const text = JSON.stringify(value).slice(0, 60);
          differences.push(`${field} = ${text}: ${taken ? "taken" : "refused"}`);
        }
      }
    }
    assert.deepEqual(differences.filter((each) => !BEYOND_SCHEMAS.test(each)), []);
  });
}
