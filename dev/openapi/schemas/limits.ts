/** What `GET …/limits` and `GET …/health` tell, as the document tells it. */
import * as z from "zod";
import type { LimitsResponseBody } from "../../../supabase/functions/_shared/client/contract.ts";
import type { Same } from "../same-type.ts";

const resetMs = () => z.number().min(0).describe("Milliseconds until it is whole again.");

const limitSchema = z.object({
  limit: z.int(),
  remaining: z.int().min(0),
  reset_ms: resetMs(),
}).meta({ id: "Limit", description: "What is left of one limit." });

const spendingSchema = z.object({
  limit_usd: z.number().nullable().describe("null for no limit."),
  spent_usd: z.number().describe("Requests under way count with the most that they may cost."),
  reset_ms: resetMs(),
}).meta({ id: "Spending", description: "US dollars of a UTC month, or of a UTC day." });

const analysisCostSchema = z.object({
  model: z.string().describe("The first of the chain, or the one of `?model=…`."),
  ceiling_usd: z.number().min(0).describe("More can't be spent on it."),
  estimated_usd: z.number().min(0).describe("Of a large picture and the longest answer."),
  prompt_version: z.string(),
  schema_version: z.string(),
  text_tokens: z.int(),
  max_picture_tokens: z.int().nullable().describe("null where they follow from its size."),
  stored_picture_edge: z.int().nullable().describe(
    "Longest edge in pixels that pictures in Storage are made small to; null where they are not.",
  ),
  input_usd_per_million: z.number().min(0),
  output_usd_per_million: z.number().min(0),
}).meta({ id: "AnalysisCost", description: "What one analysis of a material costs." });

export const limitsResponseSchema = z.object({
  subject: z.string().describe("`user:<uuid>` or `service:<name>`."),
  minute: limitSchema.extend({ burst: z.int() }),
  day: limitSchema,
  concurrent: z.object({ limit: z.int(), used: z.int().min(0) }).describe("Requests at a time."),
  month: spendingSchema,
  project_month: spendingSchema.exactOptional().describe("For a project secret."),
  anonymous_day: spendingSchema.exactOptional().describe("For a project secret."),
  analysis: analysisCostSchema.exactOptional().describe("For a project secret."),
  max_image_bytes: z.int().describe("The largest picture that is taken, decoded."),
  request_id: z.string(),
}).meta({ id: "LimitsResponse" });

/** The compiler holds the schema against the type of the wire. */
export const isLimits: Same<z.infer<typeof limitsResponseSchema>, LimitsResponseBody> = true;

const checkSchema = z.object({
  name: z.string(),
  status: z.enum(["ok", "warning", "failed", "skipped"]),
  message: z.string(),
  action: z.string().exactOptional().describe("What to do, where there is something to do."),
}).meta({ id: "Check", description: "What one check of the doctor has found." });

export const healthResponseSchema = z.object({
  status: z.enum(["ok", "disabled", "not_configured", "failing"]),
  version: z.string(),
  checks: z.array(checkSchema).exactOptional().describe("The doctor's, for a project secret."),
}).meta({ id: "HealthResponse" });
