/** The envelope of mivaa-gateway, as the document tells it. */
import * as z from "zod";
import { ACTION_NAMES } from "../../../supabase/functions/mivaa-gateway/actions/actions.ts";
import type { AnswerBody } from "../../../supabase/functions/mivaa-gateway/envelope/envelope.ts";
import type { Same } from "../same-type.ts";
import { optional } from "./analysis.ts";
import { detailsSchema } from "./errors.ts";

export const envelopeSchema = z.object({
  action: z.enum(ACTION_NAMES),
  payload: optional(z.record(z.string(), z.unknown())).describe(
    "Of the action. For `semantic_analysis` an `AnalysisRequest`, never streamed.",
  ),
}).meta({ id: "GatewayRequest", description: "Other fields of an envelope are not looked at." });

const metadataSchema = z.object({
  timestamp: z.iso.datetime(),
  processingTime: z.number().min(0).describe("Milliseconds."),
  version: z.string(),
  mivaaEndpoint: z.string().exactOptional().describe("Where the MIVAA service was asked."),
}).meta({ id: "GatewayMetadata" });

export const gatewayAnswerSchema = z.object({
  success: z.literal(true),
  data: z.unknown().describe(
    "Of the action. For `semantic_analysis` an `AnalysisResponse`; else what the service sent.",
  ),
  metadata: metadataSchema,
}).meta({ id: "GatewayAnswer" });

/** The envelope of an error that has one of these codes. */
export function gatewayErrorSchema(codes: readonly string[]) {
  return z.object({
    success: z.literal(false),
    error: z.object({
      code: z.enum(codes),
      message: z.string().min(1),
      details: detailsSchema.exactOptional(),
    }),
    metadata: metadataSchema,
  });
}

const side = (...statuses: string[]) => z.object({ status: z.enum(statuses) });

export const gatewayHealthSchema = z.object({
  success: z.boolean(),
  data: z.object({
    status: z.enum(["healthy", "degraded", "unhealthy"]),
    gateway: side("ok", "not_configured").extend({ version: z.string() }),
    semantic_analysis: side("ok", "down", "not_configured", "disabled"),
    mivaa: side("ok", "down", "not_configured"),
  }),
  error: z.object({ code: z.literal("UPSTREAM_UNAVAILABLE"), message: z.string() }).exactOptional(),
  metadata: metadataSchema,
}).meta({ id: "GatewayHealth" });

/** The compiler holds the schema against the type of the wire. */
export const hasMetadata: Same<z.infer<typeof metadataSchema>, AnswerBody["metadata"]> = true;
