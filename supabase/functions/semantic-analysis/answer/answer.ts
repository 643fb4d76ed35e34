/** From a reservation to an answer: what is known, what somebody else is asking, or the model. */

import { ApiError, isApiErrorCode } from "../../_shared/platform/http/api-error.ts";
import { type RequestContext, setHeaders } from "../../_shared/platform/http/endpoint.ts";
import type { AnswerFailure, Reservation } from "../../_shared/platform/limits/rate-limiter.ts";
import {
  toRateLimitedError,
  toRateLimitHeaders,
} from "../../_shared/platform/limits/rate-limits.ts";
import type { AnalysisResponseBody } from "../../_shared/client/contract.ts";
import { MIN_ATTEMPT_MS } from "../../_shared/together-ai/client.ts";
import { createSpending, type Spending } from "../../_shared/together-ai/spending.ts";
import { admit } from "./admit.ts";
import type { Analysis } from "../model/analysis.ts";
import { awaitAnswer } from "./await-answer.ts";
import type { Ready } from "../dependencies.ts";
import type { Job } from "./job.ts";
import { toAnalysisFields, toAttemptFields, toCircuitFields } from "./log-fields.ts";
import { releaseInBackground, settleInBackground } from "./settle.ts";
import { type CacheOutcome, type Ending, toSettlement } from "./settlement.ts";

/** A job, and everything that answering it takes. */
export interface Run {
  job: Job;
  context: RequestContext;
  ready: Ready;
  /** By when there must be an answer, in milliseconds of `context.timings.totalMs()`. */
  deadlineMs: number;
  /** The caller gave less time than we would have. */
  isShortened: boolean;
}

export interface AnswerOptions {
  /** The client's. */
  signal?: AbortSignal;
  /** Is told the prose as it comes; without it the answer comes as a whole. */
  onText?: (text: string) => void;
}

type Admitted = Exclude<Reservation, { outcome: "denied" }>;

/**
 * Asks the limits. Whatever was decided is told in the headers.
 *
 * @throws {ApiError} UPSTREAM_TIMEOUT, with nothing taken, when there is no time left to ask the model;
 *   RATE_LIMITED, or as the limiter's `reserve`.
 */
export async function reserve(run: Run): Promise<Admitted> {
  const { job, context, ready } = run;
  if (run.deadlineMs - context.timings.totalMs() < MIN_ATTEMPT_MS) {
    throw new ApiError("UPSTREAM_TIMEOUT", "There is no time left for an answer");
  }
  const reservation = await context.timings.measure("limit", () =>
    admit(job, {
      rateLimiter: ready.rateLimiter,
      sleep: ready.sleep,
      onUnknown: () => releaseInBackground(toRelease(run), ready),
    }));
  setHeaders(context, toRateLimitHeaders(reservation.state));
  setCacheOutcome(context, toCacheOutcome(reservation, job));
  if (reservation.outcome !== "denied") return reservation;
  const { limitedBy, retryAfterMs, state } = reservation;
  context.logFields.limited_by = limitedBy;
  const error = toRateLimitedError(reservation, state);
  const ending = toEnding(run, { refusal: { limitedBy, retryAfterMs }, error });
  ready.refusals.count(toSettlement(job, ending));
  throw error;
}

/**
 * Answers. Once this settles, what it took and what it cost is on its way to the database.
 *
 * @throws {ApiError} RATE_LIMITED when the request takes over from another one and may not; codes of the
 *   UPSTREAM family; or the reason of `signal`.
 */
export async function answer(
  admitted: Admitted,
  run: Run,
  options: AnswerOptions = {},
): Promise<AnalysisResponseBody> {
  switch (admitted.outcome) {
    case "leader":
      return await lead(run, options);
    case "hit":
      setHeaders(run.context, { Age: String(Math.floor(admitted.ageMs / 1000)) });
      return await conclude(run, NOTHING_HELD, options, () => known(admitted.answer, options));
    case "follower": {
      const joined = await conclude(
        run,
        NOTHING_HELD,
        options,
        () => join(admitted.holder, run, options),
      );
      return joined ?? await answer(await reserve(run), run, options);
    }
  }
}

/** Asks the model. */
async function lead(run: Run, options: AnswerOptions): Promise<AnalysisResponseBody> {
  const { job, context, ready: { analyse, settings } } = run;
  const spending = createSpending(job.ceilingNanoUsd);
  const held = { spending, hasAnswered: false };
  const { signal, onText } = options;
  const onTextNoted = onText && ((text: string) => {
    held.hasAnswered = true;
    onText(text);
  });
  return await conclude(run, held, options, async () => {
    const { analysis, isWorthKeeping } = await context.timings.measure(
      "upstream",
      () =>
        analyse(job.request, job.plan, {
          timeoutMs: Math.max(0, run.deadlineMs - context.timings.totalMs()),
          signal,
          onText: onTextNoted,
          spending,
        }),
    );
    return { analysis, ttlSeconds: isWorthKeeping ? settings.cache.ttlSeconds : 0 };
  });
}

/** Waits for somebody else's answer; null when nobody asks any more. */
async function join(holder: string, run: Run, options: AnswerOptions): Promise<Known | null> {
  const { job, context, ready } = run;
  const { timings } = context;
  const awaited = await timings.measure("join", () =>
    awaitAnswer(job.cacheKey!, holder, {
      rateLimiter: ready.rateLimiter,
      timeoutMs: run.deadlineMs - timings.totalMs(),
      signal: options.signal,
      now: timings.totalMs,
      sleep: (ms) => ready.sleep(ms, options.signal),
    }));
  switch (awaited.state) {
    case "ready":
      return known(awaited.answer, options);
    case "free":
      return null;
    case "failed":
      throw toJoinedError(awaited.failure);
    case "pending":
      throw new ApiError("UPSTREAM_TIMEOUT", "The model did not answer in time");
  }
}

/** An analysis, and for how long it may be given again. */
interface Known {
  analysis: Analysis;
  ttlSeconds: number;
}

/** What was stored: our own words, from the same version of this code. */
function known(stored: string, { onText }: AnswerOptions): Known {
  const analysis: Analysis = JSON.parse(stored);
  onText?.(analysis.analysis);
  return { analysis, ttlSeconds: 0 };
}

interface Held {
  /** null where nothing is held. */
  spending: Spending | null;
  hasAnswered?: boolean;
}

const NOTHING_HELD: Held = { spending: null };

/** Runs the last step of a request, and settles whatever came of it, unless that is null. */
async function conclude<Result extends Known | null>(
  run: Run,
  held: Held,
  { signal }: AnswerOptions,
  work: () => Result | Promise<Result>,
): Promise<AnalysisResponseBody | Extract<Result, null>> {
  try {
    const result = await work();
    if (result === null) return null as Extract<Result, null>;
    const body = toBody(result.analysis, run, held);
    settle(run, { ...held, answer: result });
    return body;
  } catch (error) {
    settle(run, { ...held, error, isDisconnected: signal?.aborted ?? false });
    Object.assign(run.context.logFields, toCircuitFields(error));
    throw error;
  } finally {
    if (held.spending) {
      Object.assign(run.context.logFields, {
        "gen_ai.request.model": run.ready.settings.together.models[0],
        ...toAttemptFields(held.spending.attempts),
      });
    }
  }
}

function toBody(
  { warnings, usage, ...analysis }: Analysis,
  { job, context }: Run,
  { spending }: Held,
): AnalysisResponseBody {
  const isAsked = spending !== null;
  const body: AnalysisResponseBody = {
    ...analysis,
    usage: isAsked ? usage : { ...usage, ...NOTHING_USED },
    cached: !isAsked,
    warnings: [...job.request.warnings, ...warnings],
    processing_time_ms: Math.round(context.timings.totalMs()),
    request_id: context.requestId,
  };
  Object.assign(context.logFields, toAnalysisFields(body));
  return body;
}

/** An answer that was known costs nobody anything. */
const NOTHING_USED = { prompt_tokens: 0, completion_tokens: 0, cost_usd: 0 };

function settle(run: Run, ending: Partial<Ending> & Pick<Ending, "spending">): void {
  settleInBackground(toSettlement(run.job, toEnding(run, ending)), run.ready);
}

/** What a reservation may have taken that was never answered. */
function toRelease(run: Run) {
  const error = new ApiError("RATE_LIMITER_UNAVAILABLE", "");
  return toSettlement(run.job, toEnding(run, { spending: createSpending(), error }));
}

function toEnding({ context, isShortened }: Run, ending: Partial<Ending>): Ending {
  const { upstream = null, total } = context.timings.toRecord();
  return {
    cache: context.logFields.cache as CacheOutcome | undefined ?? "off",
    spending: null,
    isShortened,
    totalMs: total!,
    upstreamMs: upstream,
    ...ending,
  };
}

function toCacheOutcome({ outcome }: Reservation, { request }: Job): CacheOutcome {
  if (outcome === "hit") return "hit";
  if (outcome === "follower") return "joined";
  return request.cacheMode === "use" ? "miss" : request.cacheMode;
}

function setCacheOutcome(context: RequestContext, cache: CacheOutcome): void {
  context.logFields.cache = cache;
  setHeaders(context, { "X-Cache": cache });
}

function toJoinedError({ code, message, retry_after_ms: retryAfterMs }: AnswerFailure): ApiError {
  return new ApiError(isApiErrorCode(code) ? code : "UPSTREAM_UNAVAILABLE", message, {
    retryAfterMs,
  });
}
