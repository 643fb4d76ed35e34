/**
 * An evaluation as a file: one JSON line a picture and model, in the order in which the answers came.
 * What reads evaluations (a comparison, a calibration) reads this and nothing else.
 */
import { z } from "zod";
import { MATERIAL_VOCABULARY } from "../../../supabase/functions/_shared/client/material.ts";

const probability = z.number().min(0).max(1);
const count = z.int().min(0);

/** What is true of a picture, by property: what its folder or its line of the CSV says. */
const labels = z.strictObject({
  family: z.enum(MATERIAL_VOCABULARY.family),
  /** Of the closed list of each property; `type` and the lists in the labeller's words, lower case. */
  type: z.string(),
  finish: z.enum(MATERIAL_VOCABULARY.finish),
  texture: z.enum(MATERIAL_VOCABULARY.texture),
  pattern: z.enum(MATERIAL_VOCABULARY.pattern),
  reflectivity: z.enum(MATERIAL_VOCABULARY.reflectivity),
  transparency: z.enum(MATERIAL_VOCABULARY.transparency),
  colors: z.array(z.string()),
  applications: z.array(z.string()),
  style: z.array(z.string()),
  quality_flags: z.array(z.string()),
  lookalikes: z.array(z.string()),
}).partial();

const picture = {
  /** As the label's file or folder names it. */
  file: z.string().min(1),
  /** What the picture was taken of: pictures of one source are one cluster. The file where none is told. */
  source: z.string().min(1),
  /** SHA-256 of its bytes, in hex. */
  content_hash: z.string().regex(/^[0-9a-f]{64}$/),
  labels,
  /** `options.model`, or null: the project's chain was asked. */
  model_asked: z.string().nullable(),
  /** Of the questions, and of the form of the answer with the rule of its figure, as the function tells. */
  prompt_version: z.string().min(1),
  schema_version: z.string().min(1),
  /** When the answer came, ISO 8601; an answer that was kept has the time of its own. */
  answered_at: z.iso.datetime(),
};

const answeredLine = z.strictObject({
  outcome: z.literal("answered"),
  ...picture,
  /** The model that answered, as it was asked. */
  model: z.string().min(1),
  /** How the figure came about; what a calibration is fitted by, with model and versions. */
  method: z.enum(["token_logprob", "fused", "verbalized", "none"]),
  /** Neither capped nor calibrated; null when nothing supports a figure. */
  raw_confidence: probability.nullable(),
  /** As callers are shown it. */
  confidence: probability.nullable(),
  is_calibrated: z.boolean(),
  /** The `material` of the answer by property, lower case; null where the answer had none. */
  answered: labels.required().nullable(),
  /**
   * Families and their probabilities by the model's tokens, likeliest first; what is left to 1 is not
   * told. null where the model told none.
   */
  alternatives: z.array(z.strictObject({
    family: z.enum(MATERIAL_VOCABULARY.family),
    probability,
  })).nullable(),
  /** By labelled property; `unknown`, and an answer without a material, are not right. */
  right: z.partialRecord(labels.keyof(), z.boolean()),
  /** Neither asked for nor paid by this evaluation: kept from an earlier one. */
  is_kept: z.boolean(),
  /** Answered from the function's cache. */
  is_cached: z.boolean(),
  /** What the answer cost when the model was asked; null where the provider did not tell. */
  cost_usd: z.number().min(0).nullable(),
  prompt_tokens: count.nullable(),
  completion_tokens: count.nullable(),
  /** From the request to its answer, as the caller waited. */
  latency_ms: z.number().min(0),
  request_id: z.string(),
});

const failedLine = z.strictObject({
  outcome: z.literal("failed"),
  ...picture,
  /** Of the function's error body, or the client's own. */
  code: z.string().min(1),
  message: z.string(),
});

/** A line of an evaluation. */
export const answerLine = z.discriminatedUnion("outcome", [answeredLine, failedLine]);

/** What is true of a picture. */
export type Labels = z.infer<typeof labels>;

/** A property that can be labelled. */
export type LabelledProperty = keyof Labels;

/** All properties that can be labelled, in the order in which they are shown. */
export const LABELLED_PROPERTIES = labels.keyof().options;

/** An answer beside what is true. */
export type AnsweredLine = z.infer<typeof answeredLine>;

/** A picture without an answer. */
export type FailedLine = z.infer<typeof failedLine>;

/** A line of an evaluation, told apart by `outcome`. */
export type AnswerLine = z.infer<typeof answerLine>;
