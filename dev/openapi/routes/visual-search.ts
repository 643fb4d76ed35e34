import { FOUND, SEARCH } from "../examples.ts";
import type { Operation } from "../operation.ts";
import { ALWAYS, CALLER, DEADLINE, RATE_LIMITS } from "../parameters.ts";
import { healthResponseSchema } from "../schemas/limits.ts";
import { searchRequestSchema, searchResponseSchema } from "../schemas/search.ts";
import { ANALYSIS_CODES } from "./semantic-analysis.ts";

/** The routes of visual-search. */
export const VISUAL_SEARCH: readonly Operation[] = [
  {
    id: "searchMaterials",
    method: "post",
    paths: ["/visual-search", "/visual-search/api/visual-search"],
    summary: "Find materials of the catalogue, by picture, text, vector or properties",
    description:
      "Row level security decides what is found. A picture is described by semantic-analysis first; " +
      "what that refuses is passed on with its status, its code and its rate-limit headers.",
    security: ["userToken", "projectSecret"],
    parameters: [...CALLER, DEADLINE],
    body: {
      isRequired: true,
      content: { "application/json": { schema: searchRequestSchema, examples: { text: SEARCH } } },
    },
    answer: {
      description: "The best materials first.",
      headers: [...ALWAYS, ...RATE_LIMITS, "X-Cache"],
      content: {
        "application/json": { schema: searchResponseSchema, examples: { text: FOUND } },
      },
    },
    codes: ANALYSIS_CODES,
    form: "Error",
  },
  {
    id: "readSearchHealth",
    method: "get",
    paths: ["/visual-search/health"],
    summary: "Whether the search is configured",
    security: [],
    isOpen: true,
    answer: {
      description: "It is.",
      headers: ALWAYS,
      content: { "application/json": { schema: healthResponseSchema } },
    },
    unhealthy: healthResponseSchema,
    codes: ["METHOD_NOT_ALLOWED", "INTERNAL"],
    form: "Error",
  },
];
