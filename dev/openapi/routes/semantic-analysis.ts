import * as z from "zod";
import type { ApiErrorCode } from "../../../supabase/functions/_shared/platform/http/api-error.ts";
import { ANALYSIS, EVENTS, LIMITS, PICTURE, STORED_PICTURE } from "../examples.ts";
import type { Operation } from "../operation.ts";
import { ALWAYS, CALLER, DEADLINE, RATE_LIMITS } from "../parameters.ts";
import {
  analysisRequestSchema,
  analysisResponseSchema,
  analysisTypeSchema,
  cacheSchema,
  maxTokensSchema,
  minPrecisionSchema,
  temperatureSchema,
} from "../schemas/analysis.ts";
import { feedbackRequestSchema, feedbackResponseSchema } from "../schemas/feedback.ts";
import { healthResponseSchema, limitsResponseSchema } from "../schemas/limits.ts";

/** What any route that knows its caller can fail with. */
export const CALLER_CODES = [
  "UNAUTHORIZED",
  "FORBIDDEN",
  "METHOD_NOT_ALLOWED",
  "INTERNAL",
  "NOT_CONFIGURED",
] as const satisfies readonly ApiErrorCode[];

/** What becomes of a picture that can't be analysed. */
export const ANALYSIS_CODES = [
  ...CALLER_CODES,
  "INVALID_REQUEST",
  "INVALID_IMAGE",
  "UNSUPPORTED_IMAGE_TYPE",
  "IMAGE_NOT_FOUND",
  "IMAGE_TOO_LARGE",
  "BODY_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "RATE_LIMITED",
  "UPSTREAM_REJECTED",
  "UPSTREAM_INVALID_RESPONSE",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_RATE_LIMITED",
  "RATE_LIMITER_UNAVAILABLE",
  "OVERLOADED",
  "DISABLED",
  "UPSTREAM_TIMEOUT",
] as const satisfies readonly ApiErrorCode[];

const HEADERS = [...ALWAYS, "X-Cache"] as const;

const formSchema = z.object({
  image: z.string().meta({ contentMediaType: "application/octet-stream" }).describe("A file."),
  analysis_type: analysisTypeSchema.optional(),
  prompt: z.string().optional(),
  options: z.string().optional().describe("An `AnalysisOptions` as JSON."),
}).meta({ id: "AnalysisForm" });

const bytesSchema = z.any().describe("The picture itself.");

/** Of a body that is the picture itself. */
const QUERY = Object.entries({
  analysis_type: analysisTypeSchema,
  temperature: temperatureSchema,
  max_tokens: maxTokensSchema,
  cache: cacheSchema,
  stream: z.boolean(),
  min_precision: minPrecisionSchema,
}).map(([name, schema]) => ({
  name,
  in: "query" as const,
  description: "Where the body is the picture itself; elsewhere a field of the body.",
  schema,
}));

/** Of `delta`, `result` and `error`. */
const EVENT_DATA = {
  anyOf: ["Delta", "AnalysisResponse", "ErrorEvent"].map((name) => ({
    $ref: `#/components/schemas/${name}`,
  })),
};

/** The routes of semantic-analysis. */
export const SEMANTIC_ANALYSIS: readonly Operation[] = [
  {
    id: "analysePicture",
    method: "post",
    paths: ["/semantic-analysis", "/semantic-analysis/api/semantic-analysis"],
    summary: "Tell what material is in a picture",
    description:
      "The first bytes decide what a body is; labels that lie are corrected, with a warning. With " +
      "`options.stream`, or `Accept: text/event-stream`, the answer is server-sent events: `delta` " +
      "again and again, then one `result` or one `error`.",
    security: ["userToken", "projectSecret"],
    parameters: [...CALLER, DEADLINE, ...QUERY],
    body: {
      isRequired: true,
      content: {
        "application/json": {
          schema: analysisRequestSchema,
          examples: { picture: PICTURE, storedPicture: STORED_PICTURE },
        },
        "multipart/form-data": { schema: formSchema },
        "image/*": { schema: bytesSchema },
        "application/octet-stream": { schema: bytesSchema },
      },
    },
    answer: {
      description: "What the picture shows.",
      headers: [...HEADERS, ...RATE_LIMITS, "Age"],
      content: {
        "application/json": { schema: analysisResponseSchema, examples: { oak: ANALYSIS } },
        "text/event-stream": {
          schema: z.string().meta({ contentSchema: EVENT_DATA }).describe(
            "Events: `delta`, then `result` or `error`, whose `details.retry_after_ms` is there in " +
              "place of `Retry-After`.",
          ),
          examples: { oak: EVENTS },
        },
      },
    },
    codes: ANALYSIS_CODES,
    form: "Error",
  },
  {
    id: "giveFeedback",
    method: "post",
    paths: ["/semantic-analysis/feedback"],
    summary: "Say whether an answer was right",
    description: "By the caller who was given it; may be given again, and then replaces what was.",
    security: ["userToken", "projectSecret"],
    parameters: CALLER,
    body: {
      isRequired: true,
      content: { "application/json": { schema: feedbackRequestSchema } },
    },
    answer: {
      description: "What is kept.",
      headers: [...HEADERS, ...RATE_LIMITS],
      content: { "application/json": { schema: feedbackResponseSchema } },
    },
    codes: [
      ...CALLER_CODES,
      "INVALID_REQUEST",
      "NOT_FOUND",
      "BODY_TOO_LARGE",
      "OVERLOADED",
      "UNSUPPORTED_MEDIA_TYPE",
      "RATE_LIMITED",
      "RATE_LIMITER_UNAVAILABLE",
      "UPSTREAM_UNAVAILABLE",
    ],
    form: "Error",
  },
  {
    id: "readLimits",
    method: "get",
    paths: ["/semantic-analysis/limits"],
    summary: "The caller's limits, and what is left of them",
    description: "Takes nothing.",
    security: ["userToken", "projectSecret"],
    parameters: [...CALLER, {
      name: "model",
      in: "query",
      description: "With a project secret: the model whose cost to tell.",
      schema: z.string(),
    }],
    answer: {
      description: "The limits.",
      headers: [...HEADERS, ...RATE_LIMITS],
      content: {
        "application/json": { schema: limitsResponseSchema, examples: { user: LIMITS } },
      },
    },
    codes: [...CALLER_CODES, "INVALID_REQUEST", "RATE_LIMITER_UNAVAILABLE"],
    form: "Error",
  },
  {
    id: "readHealth",
    method: "get",
    paths: ["/semantic-analysis/health"],
    summary: "Whether the function works; with a project secret, why it does not",
    security: ["projectSecret"],
    isOpen: true,
    answer: {
      description: "It works.",
      headers: HEADERS,
      content: { "application/json": { schema: healthResponseSchema } },
    },
    unhealthy: healthResponseSchema,
    codes: ["UNAUTHORIZED", "METHOD_NOT_ALLOWED", "INTERNAL"],
    form: "Error",
  },
];
