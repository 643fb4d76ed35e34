/** What callers say of their answers, as the document tells it. */
import * as z from "zod";
import {
  type FeedbackRequestBody,
  type FeedbackResponseBody,
  VERDICTS,
} from "../../../supabase/functions/_shared/client/contract.ts";
import {
  MATERIAL_LIMITS,
  MATERIAL_VOCABULARY,
} from "../../../supabase/functions/_shared/client/material.ts";
import type { Same } from "../same-type.ts";
import { optional } from "./analysis.ts";

const { family, finish, texture, pattern, reflectivity, transparency } = MATERIAL_VOCABULARY;

/** Each value but `unknown`, which the type of the wire leaves in. */
function known<const Values extends readonly string[]>(values: Values) {
  return z.enum(values).exclude(["unknown"] as never).exactOptional();
}

const correctionSchema = z.strictObject({
  family: known(family),
  type: z.string().min(1).max(MATERIAL_LIMITS.type).exactOptional(),
  finish: known(finish),
  texture: known(texture),
  pattern: known(pattern),
  reflectivity: known(reflectivity),
  transparency: known(transparency),
}).meta({ id: "Correction", description: "What the material is instead, as far as it is known." });

const shape = {
  request_id: z.guid().describe("Of the answer, which was given within the last 30 days."),
  verdict: z.enum(VERDICTS),
};

export const feedbackRequestSchema = z.object({
  ...shape,
  correction: optional(correctionSchema).describe("Only with `wrong`."),
}).meta({ id: "FeedbackRequest" });

export const feedbackResponseSchema = z.object({
  feedback: z.object({ ...shape, correction: correctionSchema }).describe("As it is kept."),
  request_id: z.string(),
}).meta({ id: "FeedbackResponse" });

/** The compiler holds the schema against the type of the wire. */
export const isResponse: Same<z.infer<typeof feedbackResponseSchema>, FeedbackResponseBody> = true;
/** The compiler holds the schema against the type of the wire. */
export const acceptsRequest: FeedbackRequestBody extends z.infer<typeof feedbackRequestSchema>
  ? true
  : false = true;
