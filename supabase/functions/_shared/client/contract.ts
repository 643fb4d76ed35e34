/** The wire of the semantic-analysis function: what its callers send and get. */

import type { Material, PaletteColor } from "./material.ts";

export type { PaletteColor };

/** The largest share of right answers that `min_precision` may ask for. */
export const MAX_PRECISION = 0.99;

/** What the caller wants to know. The first is the default. */
export const ANALYSIS_TYPES = ["material_identification", "general_description"] as const;

/** What a picture is looked at for. */
export type AnalysisType = (typeof ANALYSIS_TYPES)[number];

/** What the cache may do: answer and store, only store, or neither. The first is the default. */
export const CACHE_MODES = ["use", "refresh", "off"] as const;

/**
 * Whether a stored answer is given and the new one stored (`use`), stored alone (`refresh`), or neither
 * (`off`).
 */
export type CacheMode = (typeof CACHE_MODES)[number];

/** The longest `prompt`, in UTF-16 code units. */
export const MAX_PROMPT_LENGTH = 4_000;

/** A picture in Supabase Storage, read with the caller's rights. */
export interface StoredImage {
  bucket: string;
  path: string;
}

/** Body of `POST /functions/v1/semantic-analysis`: one of the two pictures, and the rest. */
export interface AnalysisRequestBody {
  /** Base64, a `data:` URI, or an https URL. */
  image_data?: string | undefined;
  /** Instead of it. */
  image?: StoredImage | undefined;
  analysis_type?: AnalysisType | undefined;
  /** Replaces our question, never our system message. */
  prompt?: string | undefined;
  options?: {
    /** 0 to 2. */
    temperature?: number | undefined;
    max_tokens?: number | undefined;
    /** Answer with server-sent events. */
    stream?: boolean | undefined;
    cache?: CacheMode | undefined;
    /** A priced model, asked alone; for project secrets only. */
    model?: string | undefined;
    /** Colours that the caller has measured, at most 8: `colors` of `preparePicture`. Empty for none. */
    palette?: PaletteColor[] | undefined;
    /**
     * `confidence_detail.meets` says whether the answer is one of those of which at least this share is
     * right: 0.5 to 0.99.
     */
    min_precision?: number | undefined;
  } | undefined;
}

/** Something the caller should know although the request succeeded. */
export interface Warning {
  code:
    | "UNKNOWN_FIELD"
    | "MEDIA_TYPE_CORRECTED"
    | "IMAGE_LARGER_THAN_USED"
    | "IMAGE_CHANGED"
    | "MODEL_FALLBACK"
    | "ANSWER_TRUNCATED"
    | "STRUCTURE_UNAVAILABLE"
    | "VALUE_NOT_IN_VOCABULARY"
    | "COLOR_CONTRADICTED";
  message: string;
}

/** How a confidence came about. */
export type ConfidenceMethod = "token_logprob" | "fused" | "verbalized" | "none";

/** Probabilities of families, as the tokens of the answer tell them; what is missing to 1 is told of no family. */
export type FamilyProbabilities = { [Family in Material["family"]]?: number };

/** Why something is absent that labelled answers would bring. */
export type AbsenceReason =
  /** Nothing supports a figure: prose, a prompt of the caller's, `unknown`. */
  | "no_figure"
  /** No calibration map is in force for this model, version and method. */
  | "no_map"
  /** The map came without: too few labels, or none that keeps it. */
  | "not_promised"
  /** The model told no alternatives to its label. */
  | "no_alternatives"
  /** The set would hold more than half of all families. */
  | "too_many";

/** Where a confidence is from, and what is known of it. */
export interface ConfidenceDetail {
  method: ConfidenceMethod;
  /** `confidence` is the share of such answers that are right, by labelled ones. */
  calibrated: boolean;
  /** The figure before it was calibrated or capped; null where `confidence` is. */
  raw: number | null;
  /** The model that the figure is of, as it was asked. */
  model: string;
  /** As far as the model told alternatives to its label; uncalibrated. */
  families?: FamilyProbabilities;
  /** Labels that the map was fitted on; it and the next two only where `calibrated`. */
  n?: number;
  /** Expected calibration error of calibrated figures, cross-validated. */
  ece?: number;
  /** ISO 8601, UTC. */
  fitted_at?: string;
  /** Whether `min_precision` is met; only where one was asked for and a promise can be given. */
  meets?: boolean;
  /** Why each of these is not there; absent when nothing is. */
  reason?: { calibrated?: AbsenceReason; meets?: AbsenceReason; candidates?: AbsenceReason };
}

/** One of the families that an answer may be of. */
export interface Candidate {
  family: Material["family"];
  /** Uncalibrated; the set as a whole holds the right family in 95 of 100 answers. */
  probability: number;
}

/** Tokens and their price in US dollars; null where the provider did not tell. */
export interface UsageBody {
  prompt_tokens: number | null;
  completion_tokens: number | null;
  cost_usd: number | null;
  /** The estimate, known before a model is asked: the picture by its size, the text by its length. */
  estimated_prompt_tokens: number;
  /** The estimate at list prices, with the most tokens that one completion may have. */
  estimated_cost_usd: number;
}

/** Body of a 200. */
export interface AnalysisResponseBody {
  /** Prose. */
  analysis: string;
  /** In [0, 1]; null when nothing supports a figure. */
  confidence: number | null;
  model_used: string;
  processing_time_ms: number;
  confidence_detail: ConfidenceDetail;
  /** The likeliest first; absent where no set is promised (`confidence_detail.reason`). */
  candidates?: Candidate[];
  /** Structured properties; null when there are none. */
  material: Material | null;
  model_requested: string;
  usage: UsageBody;
  cached: boolean;
  warnings: Warning[];
  request_id: string;
}

/** What a caller may say of an answer. */
export const VERDICTS = ["right", "wrong"] as const;

/** What feedback says of an answer as a whole. */
export type Verdict = (typeof VERDICTS)[number];

/** What an answer should have said. Properties of the vocabulary but `unknown`; the type as plain words. */
export type Correction = Partial<
  Pick<
    Material,
    "family" | "type" | "finish" | "texture" | "pattern" | "reflectivity" | "transparency"
  >
>;

/** Body of `POST …/feedback`. */
export interface FeedbackRequestBody {
  /** Of the answer, which the caller was given within the last 30 days. */
  request_id: string;
  verdict: Verdict;
  /** Only with `wrong`. */
  correction?: Correction;
}

/** Body of its 200. */
export interface FeedbackResponseBody {
  /** As it is kept, until it is given again. */
  feedback: Required<FeedbackRequestBody>;
  request_id: string;
}

/** What is left of one limit. */
export interface LimitBody {
  limit: number;
  remaining: number;
  reset_ms: number;
}

/** What may be spent in a UTC month, in US dollars. */
export interface SpendingBody {
  /** null for no limit. */
  limit_usd: number | null;
  /** Requests under way count with their ceiling until they are settled. */
  spent_usd: number;
  reset_ms: number;
}

/** What one analysis of a material costs, in US dollars, whatever the picture's size. */
export interface AnalysisCostBody {
  /** The first of the chain, or the one that was asked about with `?model=…`. */
  model: string;
  /** More can't be spent on it. */
  ceiling_usd: number;
  /** At list prices, of a large picture and the longest answer, by `model`. */
  estimated_usd: number;
  /** Another one where the questions or the form of the answer are others. */
  prompt_version: string;
  /** Another one where the form, or the rule that makes its raw figure, is another. */
  schema_version: string;
  /** Of the prompt without the picture. */
  text_tokens: number;
  /** The most tokens that a picture takes; null where they follow from its size, as Together counts. */
  max_picture_tokens: number | null;
  /** Longest edge in pixels that pictures in Storage are made small to; null where they go as they are. */
  stored_picture_edge: number | null;
  /** Of `model`, per million tokens. */
  input_usd_per_million: number;
  output_usd_per_million: number;
}

/** Body of `GET …/limits`. */
export interface LimitsResponseBody {
  subject: string;
  minute: LimitBody & { burst: number };
  day: LimitBody;
  /** Requests at a time. */
  concurrent: { limit: number; used: number };
  month: SpendingBody;
  /** Of all subjects together; only for a project secret, and only where there is such a limit. */
  project_month?: SpendingBody;
  /** Of all anonymous users together, per UTC day; as `project_month`. */
  anonymous_day?: SpendingBody;
  /** Of one analysis of a material; only for a project secret. */
  analysis?: AnalysisCostBody;
  /** The largest picture that is taken, decoded. */
  max_image_bytes: number;
  request_id: string;
}
