import * as z from "zod";
import type { ApiErrorCode } from "../../../supabase/functions/_shared/platform/http/api-error.ts";
import type { Content, Operation } from "../operation.ts";
import { ALWAYS } from "../parameters.ts";
import {
  progressResponseSchema,
  quoteRequestSchema,
  quoteResponseSchema,
  runRequestSchema,
  runResponseSchema,
} from "../schemas/catalogue.ts";
import { healthResponseSchema } from "../schemas/limits.ts";
import { CALLER_CODES } from "./semantic-analysis.ts";

const CODES = [
  ...CALLER_CODES,
  "INVALID_REQUEST",
  "UPSTREAM_UNAVAILABLE",
] as const satisfies readonly ApiErrorCode[];

const BODY_CODES = [...CODES, "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const;

function json(schema: z.ZodType): Content {
  return { "application/json": { schema } };
}

const SHARED = {
  security: ["projectSecret"],
  form: "Error",
} as const satisfies Partial<Operation>;

/** The routes of analyse-catalogue. */
export const ANALYSE_CATALOGUE: readonly Operation[] = [
  {
    ...SHARED,
    id: "runJobs",
    method: "post",
    paths: ["/analyse-catalogue"],
    summary: "Analyse pictures of the catalogue for at most 50 s",
    body: { isRequired: false, content: json(runRequestSchema) },
    answer: {
      description: "What was done.",
      headers: ALWAYS,
      content: json(runResponseSchema),
    },
    // There is no quote of that id.
    codes: [...BODY_CODES, "NOT_FOUND"],
  },
  {
    ...SHARED,
    id: "readProgress",
    method: "get",
    paths: ["/analyse-catalogue"],
    summary: "How the analysis of the catalogue is getting on",
    parameters: [
      { name: "run", in: "query", description: "Of an accepted quote.", schema: z.guid() },
      {
        name: "failures",
        in: "query",
        description: "How many of the last failures to tell.",
        schema: z.int().min(0).max(1_000),
      },
    ],
    answer: {
      description: "The jobs by state.",
      headers: ALWAYS,
      content: json(progressResponseSchema),
    },
    codes: CODES,
  },
  {
    ...SHARED,
    id: "quoteJobs",
    method: "post",
    paths: ["/analyse-catalogue/quote"],
    summary: "What the waiting jobs will cost; accepted, a budget that a run never exceeds",
    body: { isRequired: false, content: json(quoteRequestSchema) },
    answer: {
      description: "The quote.",
      headers: ALWAYS,
      content: json(quoteResponseSchema),
    },
    codes: BODY_CODES,
  },
  {
    ...SHARED,
    id: "readCatalogueHealth",
    method: "get",
    paths: ["/analyse-catalogue/health"],
    summary: "Whether the catalogue is being analysed; with a project secret, why it is not",
    isOpen: true,
    answer: {
      description: "It works.",
      headers: ALWAYS,
      content: json(healthResponseSchema),
    },
    unhealthy: healthResponseSchema,
    codes: ["METHOD_NOT_ALLOWED", "INTERNAL"],
  },
];
