import * as z from "zod/mini";
import { toKeyHeaders } from "../../_shared/platform/auth/key-headers.ts";
import { startTimeLimit } from "../../_shared/platform/http/time-limit.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import { SERVICE_NAME } from "./analyse-job.ts";

/** What semantic-analysis tells of its analyses and of the project's money. */
export interface AnalysisFacts {
  /** The most that one analysis of a picture can cost. */
  ceilingNanoUsd: number;
  /** At list prices, of a large picture and the longest answer. */
  estimatedNanoUsd: number;
  /** Of prompt and schema together. */
  promptVersion: string;
  /** Of the prompt without the picture. */
  textTokens: number;
  /** The most tokens that a picture takes; null where they follow from its size. */
  maxPictureTokens: number | null;
  /** Of a token. */
  inputNanoUsd: number;
  outputNanoUsd: number;
  /** What is left of the project's month; null where it has no bound. */
  projectLeftNanoUsd: number | null;
  /** What the catalogue may ask for in a minute. */
  perMinute: number;
}

/** @throws {ApiError} UPSTREAM_UNAVAILABLE, or NOT_CONFIGURED where semantic-analysis says so */
export type ReadAnalysisFacts = () => Promise<AnalysisFacts>;

const limitsSchema = z.object({
  minute: z.object({ limit: z.number() }),
  project_month: z.optional(z.object({ limit_usd: z.nullable(z.number()), spent_usd: z.number() })),
  analysis: z.object({
    ceiling_usd: z.number(),
    estimated_usd: z.number(),
    prompt_version: z.string(),
    text_tokens: z.number(),
    max_picture_tokens: z.nullable(z.number()),
    input_usd_per_million: z.number(),
    output_usd_per_million: z.number(),
  }),
});

const TIMEOUT_MS = 10_000;

/** @param secretKey Of the project. */
export function createReadAnalysisFacts(
  { supabaseUrl, secretKey, fetch = globalThis.fetch }: {
    supabaseUrl: string;
    secretKey: string;
    fetch?: typeof globalThis.fetch;
  },
): ReadAnalysisFacts {
  return async () => {
    let body: unknown;
    const limit = startTimeLimit(TIMEOUT_MS);
    try {
      const response = await fetch(
        new URL("/functions/v1/semantic-analysis/limits", supabaseUrl),
        {
          headers: { ...toKeyHeaders(secretKey), "x-service-name": SERVICE_NAME },
          signal: limit.signal,
        },
      );
      body = await response.json();
    } catch (error) {
      throw unavailable(error);
    } finally {
      limit.stop();
    }
    const limits = limitsSchema.safeParse(body);
    if (!limits.success) throw unavailable(body);
    const { minute, project_month: month, analysis } = limits.data;
    return {
      ceilingNanoUsd: Math.ceil(analysis.ceiling_usd * 1e9),
      estimatedNanoUsd: Math.ceil(analysis.estimated_usd * 1e9),
      promptVersion: analysis.prompt_version,
      textTokens: analysis.text_tokens,
      maxPictureTokens: analysis.max_picture_tokens,
      inputNanoUsd: analysis.input_usd_per_million * 1_000,
      outputNanoUsd: analysis.output_usd_per_million * 1_000,
      projectLeftNanoUsd: !month || month.limit_usd === null
        ? null
        : Math.max(0, Math.round((month.limit_usd - month.spent_usd) * 1e9)),
      perMinute: minute.limit,
    };
  };
}

function unavailable(cause: unknown): ApiError {
  return new ApiError("UPSTREAM_UNAVAILABLE", "semantic-analysis does not tell its limits", {
    cause,
  });
}
