import { z } from "zod";
import type { AnsweredLine } from "./answer-line.ts";

const texts = z.array(z.string());

const material = z.object({
  family: z.string(),
  type: z.string(),
  finish: z.string(),
  texture: z.string(),
  pattern: z.string(),
  colors: texts,
  reflectivity: z.string(),
  transparency: z.string(),
  applications: texts,
  style: texts,
  quality_flags: texts,
  lookalikes: texts,
});

/** What an evaluation uses of semantic-analysis's 200, of any version that has it. */
export const responseBody = z.object({
  confidence: z.number().nullable(),
  model_used: z.string(),
  confidence_detail: z.object({
    method: z.enum(["token_logprob", "fused", "verbalized", "none"]),
    calibrated: z.boolean(),
    /** Neither capped nor calibrated. */
    raw: z.number().nullish(),
    /** The model that the figure is of, as it was asked. */
    model: z.string().optional(),
    /** As far as the model told alternatives to its label. */
    families: z.record(z.string(), z.number()).optional(),
  }),
  material: material.nullable(),
  usage: z.object({
    prompt_tokens: z.number().nullable(),
    completion_tokens: z.number().nullable(),
    cost_usd: z.number().nullable(),
  }),
  cached: z.boolean(),
  request_id: z.string(),
});

/** What an evaluation needs of a response. */
export type ResponseBody = z.infer<typeof responseBody>;

/** The part of a line that the response tells. */
export function toAnswered(body: ResponseBody) {
  const { confidence, confidence_detail: detail, material, usage, cached } = body;
  return {
    model: detail.model ?? body.model_used,
    method: detail.method,
    raw_confidence: detail.raw ?? confidence,
    confidence,
    is_calibrated: detail.calibrated,
    answered: material && toLowerCase(material) as NonNullable<AnsweredLine["answered"]>,
    alternatives: toAlternatives(detail.families),
    is_cached: cached,
    // A stored answer has used nothing, which says nothing of the model.
    cost_usd: cached ? null : usage.cost_usd,
    prompt_tokens: cached ? null : usage.prompt_tokens,
    completion_tokens: cached ? null : usage.completion_tokens,
    request_id: body.request_id,
  };
}

function toAlternatives(
  families: Record<string, number> | undefined,
): AnsweredLine["alternatives"] {
  if (families === undefined) return null;
  const alternatives = Object.entries(families)
    .map(([family, probability]) => ({ family, probability: Math.min(1, probability) }))
    .sort((left, right) => right.probability - left.probability);
  return alternatives as AnsweredLine["alternatives"];
}

function toLowerCase(values: z.infer<typeof material>): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "string" ? value.toLowerCase() : value.map((item) => item.toLowerCase()),
    ]),
  );
}
