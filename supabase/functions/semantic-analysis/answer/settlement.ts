/** From what became of a request to what the limits, the cache and the ledger are told of it. */

import { ApiError, type ApiErrorCode, toApiError } from "../../_shared/platform/http/api-error.ts";
import type { AnswerFailure, Settlement } from "../../_shared/platform/limits/rate-limiter.ts";
import type { Denial } from "../../_shared/platform/limits/rate-limits.ts";
import { type Spending, spentNanoUsd } from "../../_shared/together-ai/spending.ts";
import type { Analysis } from "../model/analysis.ts";
import type { Job } from "./job.ts";

/** How an answer came about, as `X-Cache` says it. */
export type CacheOutcome = "hit" | "joined" | "miss" | "refresh" | "off";

/** What is known of a request at its end. */
export interface Ending {
  cache: CacheOutcome;
  /** Of a request that led; null for one that held nothing. */
  spending: Spending | null;
  /** What was answered, and whether it may be again. */
  answer?: { analysis: Analysis; ttlSeconds: number };
  /** What it failed with. */
  error?: unknown;
  /** The client has gone. */
  isDisconnected?: boolean;
  /** Part of an answer was sent. */
  hasAnswered?: boolean;
  /** The caller gave it less time than we would have. */
  isShortened?: boolean;
  refusal?: Denial;
  totalMs: number;
  upstreamMs: number | null;
}

/** Failures that are the caller's own, so that the day's unit is kept. */
const CALLERS_FAILURES: readonly ApiErrorCode[] = ["UPSTREAM_REJECTED", "IMAGE_TOO_LARGE"];

/** Failures that somebody else's identical request would meet as well. */
const SHARED_FAILURES: readonly ApiErrorCode[] = [
  "UPSTREAM_REJECTED",
  "IMAGE_TOO_LARGE",
  "UPSTREAM_INVALID_RESPONSE",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_RATE_LIMITED",
  "NOT_CONFIGURED",
];

export function toSettlement(job: Job, ending: Ending): Settlement {
  const { spending, answer, isDisconnected = false } = ending;
  const { subject } = job.caller;
  const error = ending.error === undefined || isDisconnected ? null : toApiError(ending.error);
  return {
    subject,
    id: job.id,
    actualNanoUsd: spending && spentNanoUsd(spending),
    givesBackDay: spending !== null && error !== null && givesBackDay(error, ending),
    ...(spending !== null && { cacheKey: job.cacheKey }),
    ...(spending !== null && job.cacheKey !== null && answer && {
      answer: { body: JSON.stringify(answer.analysis), ttlSeconds: answer.ttlSeconds },
    }),
    ...(error && SHARED_FAILURES.includes(error.code) && { failure: toFailure(error) }),
    entry: toEntry(job, ending, error),
  };
}

function givesBackDay(
  { code }: ApiError,
  { hasAnswered = false, isShortened = false }: Ending,
): boolean {
  if (hasAnswered || CALLERS_FAILURES.includes(code)) return false;
  return !(code === "UPSTREAM_TIMEOUT" && isShortened);
}

function toFailure({ code, message, retryAfterMs }: ApiError): AnswerFailure {
  return { code, message, ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }) };
}

/** A row of the ledger: nothing of the picture, the prompt or the answer. */
function toEntry(job: Job, ending: Ending, error: ApiError | null): Settlement["entry"] {
  const { answer, spending, refusal, isDisconnected, totalMs, upstreamMs } = ending;
  const usage = answer?.analysis.usage;
  return {
    caller: job.caller.kind,
    analysis_type: job.request.analysisType,
    outcome: isDisconnected ? "DISCONNECTED" : error?.code ?? "ok",
    limited_by: refusal?.limitedBy,
    cache: ending.cache,
    is_streamed: job.request.isStreamed,
    model_requested: answer?.analysis.model_requested,
    model_used: answer?.analysis.model_used,
    attempts: spending?.attempts.length,
    prompt_tokens: spending ? usage?.prompt_tokens : undefined,
    completion_tokens: spending ? usage?.completion_tokens : undefined,
    total_ms: Math.round(totalMs),
    upstream_ms: upstreamMs === null ? undefined : Math.round(upstreamMs),
  };
}
