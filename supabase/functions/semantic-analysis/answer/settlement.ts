/** From a request's outcome to what the limits, the cache and the ledger are told of it. */

import { createHash } from "node:crypto";
import { ApiError, type ApiErrorCode, toApiError } from "../../_shared/platform/http/api-error.ts";
import type { Timings } from "../../_shared/platform/http/timings.ts";
import type { AnswerFailure } from "../../_shared/platform/limits/decisions.ts";
import type { Settlement } from "../../_shared/platform/limits/rate-limiter.ts";
import { spentNanoUsd } from "../../_shared/together-ai/spending.ts";
import type { Analysis } from "../model/analysis.ts";
import { versionsOfStructured } from "../model/versions.ts";
import { type Failed, findSpending, type RequestOutcome, toCacheOutcome } from "./outcome.ts";
import type { PricedRequest } from "./priced-request.ts";

/** Failures that are the caller's own, so that the day's unit is kept. */
const CALLERS_FAILURES: readonly ApiErrorCode[] = ["UPSTREAM_REJECTED", "IMAGE_TOO_LARGE"];

/** Failures that an identical request of another caller would meet as well. */
const SHARED_FAILURES: readonly ApiErrorCode[] = [
  "UPSTREAM_REJECTED",
  "IMAGE_TOO_LARGE",
  "UPSTREAM_INVALID_RESPONSE",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_RATE_LIMITED",
  "NOT_CONFIGURED",
];

/** @param timings Of the request, at its end. */
export function toSettlement(
  priced: PricedRequest,
  outcome: RequestOutcome,
  timings: Timings,
): Settlement {
  const settlement = {
    subject: priced.caller.subject,
    id: priced.id,
    entry: toEntry(priced, outcome, timings),
  };
  if (outcome.role !== "leader") return { ...settlement, actualNanoUsd: null };
  const { cacheKey } = priced;
  const led = { ...settlement, actualNanoUsd: spentNanoUsd(outcome.spending), cacheKey };
  switch (outcome.kind) {
    case "disconnected":
      return { ...led, givesBackDay: false };
    case "failed": {
      const error = toApiError(outcome.thrown);
      return {
        ...led,
        givesBackDay: givesBackDay(error, outcome, priced),
        ...(SHARED_FAILURES.includes(error.code) && { failure: toFailure(error) }),
      };
    }
    case "answered": {
      const { analysis, ttlSeconds } = outcome;
      return {
        ...led,
        givesBackDay: false,
        ...(cacheKey !== null && { answer: { body: JSON.stringify(analysis), ttlSeconds } }),
      };
    }
  }
}

/**
 * Not where the caller can have brought it about: a model that answers is paid, and prompt or picture can ask
 * it for an answer that is none; and how long it takes may be the caller's choice. A failure that gave the
 * unit back would be asked for without end.
 */
function givesBackDay(
  { code }: ApiError,
  { hasShownText, isDeadlineShortened, spending }: Failed & { role: "leader" },
  { request: { picture, prompt, maxTokens } }: PricedRequest,
): boolean {
  if (hasShownText || CALLERS_FAILURES.includes(code)) return false;
  if (spending.attempts.some(({ usage, reason }) => usage !== null || reason === "empty")) {
    return false;
  }
  const isLengthGiven = prompt !== null || maxTokens !== null || picture.kind === "url";
  return !(code === "UPSTREAM_TIMEOUT" && (isDeadlineShortened || isLengthGiven));
}

function toFailure({ code, message, retryAfterMs }: ApiError): AnswerFailure {
  return { code, message, ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }) };
}

/** A row of the ledger: nothing of the picture or the prompt, and of the analysis the family alone. */
function toEntry(
  { caller, request, plan, cacheKey }: PricedRequest,
  outcome: RequestOutcome,
  timings: Timings,
): Settlement["entry"] {
  const analysis = outcome.kind === "answered" ? outcome.analysis : undefined;
  const usage = outcome.role === "leader" ? analysis?.usage : undefined;
  const { total, upstream } = timings.toRecord();
  return {
    caller: caller.kind,
    analysis_type: request.analysisType,
    outcome: toLedgerOutcome(outcome),
    limited_by: outcome.kind === "denied" ? outcome.denial.limitedBy : undefined,
    cache: toCacheOutcome(outcome.role, request.cacheMode),
    is_streamed: request.isStreamed,
    model_requested: analysis?.model_requested,
    model_used: analysis?.model_used,
    attempts: findSpending(outcome)?.attempts.length,
    prompt_tokens: usage?.prompt_tokens,
    completion_tokens: usage?.completion_tokens,
    total_ms: Math.round(total!),
    upstream_ms: upstream === undefined ? undefined : Math.round(upstream),
    ...(analysis && plan.isStructured && toFigureColumns(analysis, cacheKey)),
  };
}

/** What a label of this answer is paired with, given by its caller or by an evaluation. */
function toFigureColumns(
  { figure, material }: Analysis,
  cacheKey: string | null,
): Settlement["entry"] {
  const { promptVersion, schemaVersion } = versionsOfStructured();
  return {
    raw_confidence: figure.raw ?? undefined,
    confidence_method: figure.method,
    model_asked: figure.model,
    prompt_version: promptVersion,
    schema_version: schemaVersion,
    family: material?.family,
    // The key tells which picture it was to those who have the picture; its hash doesn't.
    answer_hash: cacheKey === null
      ? undefined
      : createHash("sha256").update(`answer ${cacheKey}`).digest("hex"),
  };
}

function toLedgerOutcome(outcome: RequestOutcome): string {
  switch (outcome.kind) {
    case "answered":
      return "ok";
    case "failed":
      return toApiError(outcome.thrown).code;
    case "denied":
      return "RATE_LIMITED";
    case "disconnected":
      return "DISCONNECTED";
  }
}
