/**
 * Per-subject limits, decided in Postgres so that they hold over any number of workers. Without a
 * decision nothing is let through: a limiter that fails open protects no bill.
 */

import type { PostgrestError } from "@supabase/supabase-js";
import * as z from "zod/mini";
import type { ServiceDatabase } from "./database.ts";
import { ApiError } from "./http/api-error.ts";

export interface Limits {
  /** Sustained requests per minute. */
  perMinute: number;
  /** Requests that may come at once after a pause. */
  burst: number;
  /** Requests per UTC day. */
  perDay: number;
}

/** What is left of one limit. */
export interface LimitState {
  limit: number;
  remaining: number;
  /** Milliseconds until the limit is whole again. */
  resetMs: number;
}

/** The state after the decision. */
export interface RateLimitDecision {
  isAllowed: boolean;
  /** The limit that refuses for longest; null when none does. */
  limitedBy: "minute" | "day" | null;
  /** 0 when allowed. */
  retryAfterMs: number;
  minute: LimitState;
  day: LimitState;
}

export interface RateLimiter {
  /**
   * Takes one request from the subject's limits, or refuses and takes nothing.
   *
   * @throws {ApiError} RATE_LIMITER_UNAVAILABLE without an answer in time, NOT_CONFIGURED without
   *   the migration.
   */
  reserve(subject: string, limits: Limits): Promise<RateLimitDecision>;
  /** The same state, taking nothing. @throws {ApiError} as `reserve` */
  read(subject: string, limits: Limits): Promise<RateLimitDecision>;
}

export interface RateLimiterOptions {
  database: ServiceDatabase;
  /** Longer than the database's own statement timeout of 1.5 s. Default 2,000. */
  timeoutMs?: number;
  createTimeoutSignal?: (timeoutMs: number) => AbortSignal;
}

const decisionSchema = z.object({
  allowed: z.boolean(),
  limited_by: z.nullable(z.enum(["minute", "day"])),
  retry_after_ms: z.nullable(z.number()),
  minute_remaining: z.number(),
  minute_reset_ms: z.number(),
  day_remaining: z.number(),
  day_reset_ms: z.number(),
});

export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { database, timeoutMs = 2_000, createTimeoutSignal = AbortSignal.timeout } = options;

  async function decide(
    rpc: "semantic_analysis_reserve" | "semantic_analysis_read_limits",
    subject: string,
    limits: Limits,
  ): Promise<RateLimitDecision> {
    const { data, error } = await database
      .rpc(rpc, {
        p_subject: subject,
        p_per_minute: limits.perMinute,
        p_burst: limits.burst,
        p_per_day: limits.perDay,
      })
      .abortSignal(createTimeoutSignal(timeoutMs));
    if (error) throw toApiError(error);
    const decision = decisionSchema.safeParse(data);
    if (!decision.success) throw unavailable({ cause: decision.error });
    return toDecision(decision.data, limits);
  }

  return {
    reserve: (subject, limits) => decide("semantic_analysis_reserve", subject, limits),
    read: (subject, limits) => decide("semantic_analysis_read_limits", subject, limits),
  };
}

function toDecision(row: z.infer<typeof decisionSchema>, limits: Limits): RateLimitDecision {
  return {
    isAllowed: row.allowed,
    limitedBy: row.limited_by,
    retryAfterMs: row.retry_after_ms ?? 0,
    minute: {
      limit: limits.perMinute,
      remaining: row.minute_remaining,
      resetMs: row.minute_reset_ms,
    },
    day: { limit: limits.perDay, remaining: row.day_remaining, resetMs: row.day_reset_ms },
  };
}

/** PostgREST's "no such function": the migration has not been applied, or its cache is older. */
const MISSING_FUNCTION = "PGRST202";

function toApiError(error: PostgrestError): ApiError {
  if (error.code === MISSING_FUNCTION) {
    return new ApiError("NOT_CONFIGURED", "The function's database migration is missing", {
      cause: error,
    });
  }
  return unavailable({ cause: error });
}

function unavailable(options: { cause: unknown }): ApiError {
  return new ApiError(
    "RATE_LIMITER_UNAVAILABLE",
    "The rate limit could not be checked, so nothing was started",
    options,
  );
}

/**
 * `RateLimit-Policy` and `RateLimit`, in the field's structured syntax.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function toRateLimitHeaders({ minute, day }: RateLimitDecision): Record<string, string> {
  const item = (name: string, state: LimitState) =>
    `"${name}";r=${state.remaining};t=${Math.ceil(state.resetMs / 1000)}`;
  return {
    "RateLimit-Policy": `"minute";q=${minute.limit};w=60, "day";q=${day.limit};w=86400`,
    "RateLimit": `${item("minute", minute)}, ${item("day", day)}`,
  };
}

/** The refusal that the caller reads. */
export function toRateLimitedError(
  { limitedBy, retryAfterMs, ...state }: RateLimitDecision,
): ApiError {
  const { limit } = state[limitedBy ?? "minute"];
  return new ApiError(
    "RATE_LIMITED",
    `Your limit of "${limit}" requests per ${limitedBy} is used up`,
    { details: { limit: limitedBy, retry_after_ms: retryAfterMs }, retryAfterMs },
  );
}
