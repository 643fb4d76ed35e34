/** The wire of semantic-analysis, as the document tells it. */
import * as z from "zod";
import {
  ANALYSIS_TYPES,
  type AnalysisRequestBody,
  type AnalysisResponseBody,
  CACHE_MODES,
  MAX_PRECISION,
  MAX_PROMPT_LENGTH,
  type Warning,
} from "../../../supabase/functions/_shared/client/contract.ts";
import type { Same } from "../same-type.ts";
import { colorSchema, familySchema, materialSchema } from "./material.ts";

export const storedImageSchema = z.object({
  bucket: z.string().min(1),
  path: z.string().min(1).max(900).describe("Without a leading slash, empty or dotted segments."),
}).meta({
  id: "StoredImage",
  description: "A picture in Supabase Storage, read with the caller's rights.",
});

/** `null` means the default wherever a field may be left out. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullable().optional();
}

export const imageDataSchema = z.string().min(1).describe(
  "Base64, a `data:` URI, or an https URL that the provider fetches.",
);

export const cacheSchema = z.enum(CACHE_MODES).describe(
  "`use` (default): give a known answer; `refresh`: ask anew and store; `off`: neither.",
);

export const analysisTypeSchema = z.enum(ANALYSIS_TYPES).describe(
  `Default \`${ANALYSIS_TYPES[0]}\`.`,
);

export const temperatureSchema = z.number().min(0).max(2);

export const maxTokensSchema = z.int().min(1).describe(
  "At most `TOGETHER_MAX_TOKENS`. Default 700 for structured answers, 300 for prose.",
);

export const minPrecisionSchema = z.number().min(0.5).max(MAX_PRECISION).describe(
  "`confidence_detail.meets` says whether at least this share of such answers is right.",
);

export const optionsSchema = z.object({
  temperature: optional(temperatureSchema),
  max_tokens: optional(maxTokensSchema),
  stream: optional(z.boolean()).describe("Answer with server-sent events."),
  cache: optional(cacheSchema),
  model: optional(z.string().min(1).max(200)).describe(
    "A priced model, asked alone; for project secrets only, else 403.",
  ),
  palette: optional(z.array(colorSchema).max(8)).describe("Colours that the caller has measured."),
  min_precision: optional(minPrecisionSchema),
}).meta({ id: "AnalysisOptions" });

export const analysisRequestSchema = z.object({
  image_data: imageDataSchema.optional(),
  image: storedImageSchema.optional(),
  analysis_type: optional(analysisTypeSchema),
  prompt: optional(z.string().min(1).max(MAX_PROMPT_LENGTH)).describe(
    "Replaces our question, never our system message; the answer is prose.",
  ),
  options: optional(optionsSchema),
}).meta({
  id: "AnalysisRequest",
  description:
    "Either `image_data` or `image`. Unknown fields are ignored, and named in a warning.",
});

const CODES = [
  "UNKNOWN_FIELD",
  "MEDIA_TYPE_CORRECTED",
  "IMAGE_LARGER_THAN_USED",
  "IMAGE_CHANGED",
  "MODEL_FALLBACK",
  "ANSWER_TRUNCATED",
  "STRUCTURE_UNAVAILABLE",
  "VALUE_NOT_IN_VOCABULARY",
  "COLOR_CONTRADICTED",
] as const satisfies readonly Warning["code"][];

const warningSchema = z.object({
  code: z.enum(CODES).describe("More may be added."),
  message: z.string(),
}).meta({
  id: "Warning",
  description: "What the caller should know although the request succeeded.",
});

const tokens = () => z.int().min(0);

const usageSchema = z.object({
  prompt_tokens: tokens().nullable(),
  completion_tokens: tokens().nullable(),
  cost_usd: z.number().min(0).nullable().describe("At list prices, of all calls together."),
  estimated_prompt_tokens: tokens().describe("Known before a model is asked."),
  estimated_cost_usd: z.number().min(0).describe("With the most tokens a completion may have."),
}).meta({ id: "Usage", description: "null where the provider did not tell." });

export const confidenceSchema = z.number().min(0).max(1).nullable().describe(
  "null when nothing supports a figure: treat it as absent.",
);

const probability = () => z.number().min(0).max(1);

const reasonSchema = z.enum([
  "no_figure",
  "no_map",
  "not_promised",
  "no_alternatives",
  "too_many",
]).meta({ id: "AbsenceReason" });

const confidenceDetailSchema = z.object({
  method: z.enum(["token_logprob", "fused", "verbalized", "none"]),
  calibrated: z.boolean().describe("`confidence` is the share of such answers that are right."),
  raw: confidenceSchema.describe("The figure before it was calibrated or capped."),
  model: z.string().describe("The model that the figure is of, as it was asked."),
  families: z.partialRecord(familySchema, probability()).exactOptional().describe(
    "As far as the model told alternatives to its label; uncalibrated.",
  ),
  n: z.int().exactOptional().describe("Labels behind the calibration."),
  ece: z.number().exactOptional().describe("Expected calibration error, cross-validated."),
  fitted_at: z.string().exactOptional(),
  meets: z.boolean().exactOptional().describe("Whether `min_precision` is met."),
  reason: z.object({
    calibrated: reasonSchema.exactOptional(),
    meets: reasonSchema.exactOptional(),
    candidates: reasonSchema.exactOptional(),
  }).exactOptional().describe("Why each of these is not there."),
}).meta({ id: "ConfidenceDetail", description: "Where the confidence is from." });

const candidateSchema = z.object({ family: familySchema, probability: probability() }).meta({
  id: "Candidate",
  description: "A family that the answer may be of.",
});

export const analysisResponseSchema = z.object({
  analysis: z.string().min(1).describe("Prose, never JSON."),
  confidence: confidenceSchema,
  model_used: z.string(),
  processing_time_ms: z.number().min(0),
  confidence_detail: confidenceDetailSchema,
  candidates: z.array(candidateSchema).exactOptional().describe(
    "The likeliest first: the right family is among them in 95 of 100 answers.",
  ),
  material: materialSchema.nullable().describe("null where there is none that can be used."),
  model_requested: z.string(),
  usage: usageSchema,
  cached: z.boolean(),
  warnings: z.array(warningSchema),
  request_id: z.string(),
}).meta({ id: "AnalysisResponse" });

export const deltaSchema = z.object({ text: z.string().min(1) }).meta({
  id: "Delta",
  description: "Data of a `delta` event. All texts together are `analysis` of the result.",
});

/** The compiler holds the schema against the type of the wire. */
export const isResponse: Same<z.infer<typeof analysisResponseSchema>, AnalysisResponseBody> = true;
/** The compiler holds the schema against the type of the wire. */
export const isWarningCode: Same<typeof CODES[number], Warning["code"]> = true;
/** The compiler holds the schema against the type of the wire. */
export const isRequest: AnalysisRequestBody extends z.infer<typeof analysisRequestSchema> ? true
  : false = true;
