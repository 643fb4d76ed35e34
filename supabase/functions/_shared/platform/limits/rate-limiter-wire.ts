/**
 * What the limiter's functions in Postgres take and answer, both ways. Each answer is checked field by
 * field while it is turned into ours: it decides whether money is spent.
 */

import { unauthorized } from "../auth/unauthorized.ts";
import { ApiError } from "../http/api-error.ts";
import { isObject } from "../parse-json.ts";
import type { AwaitedAnswer, LimitsRead, MinuteDecision, Reservation } from "./decisions.ts";
import {
  type Anonymity,
  type Denial,
  LIMIT_NAMES,
  type Limits,
  type RateLimitState,
} from "./rate-limits.ts";

type Row = Record<string, unknown>;

/** The parameters that name a subject's defaults; what is null is left out. */
export function toParameters(limits: Limits, anonymity: Anonymity) {
  return {
    p_per_minute: limits.perMinute,
    p_burst: limits.burst,
    p_per_day: limits.perDay,
    p_concurrent: limits.concurrent,
    ...(limits.nanoUsdPerMonth !== null && { p_nano_per_month: limits.nanoUsdPerMonth }),
    ...(anonymity.kind === "unknown" && {
      p_anonymous_limits: toFields(anonymity.anonymousLimits),
    }),
  };
}

/** The fields of `semantic_analysis.limits`. */
function toFields(limits: Limits) {
  return {
    per_minute: limits.perMinute,
    burst: limits.burst,
    per_day: limits.perDay,
    concurrent: limits.concurrent,
    nano_per_month: limits.nanoUsdPerMonth,
  };
}

/** An answer of `semantic_analysis_reserve` to a request with a ceiling. @throws {ApiError} */
export function parseReservation(answer: unknown): Reservation {
  const row = toRow(answer);
  const state = toState(row);
  if (row.outcome === "denied") return { outcome: "denied", state, ...toDenial(row) };
  // No `maps` in the row: no map is in force.
  const decided = { state, ...(row.maps !== undefined && { maps: readText(row, "maps") }) };
  switch (row.outcome) {
    case "leader":
      return { outcome: "leader", ...decided };
    case "hit":
      return {
        outcome: "hit",
        ...decided,
        answer: readText(row, "answer"),
        ageMs: readNumber(row, "age_ms"),
      };
    case "follower":
      return { outcome: "follower", ...decided, holder: readText(row, "holder") };
    default:
      throw notInForm("outcome");
  }
}

/** Its answer to one without. @throws {ApiError} */
export function parseMinute(answer: unknown): MinuteDecision {
  const row = toRow(answer);
  const state = toState(row);
  if (row.outcome === "denied") return { outcome: "denied", state, ...toDenial(row) };
  if (row.outcome !== "minute") throw notInForm("outcome");
  return { outcome: "minute", state };
}

/** An answer of `semantic_analysis_read_limits`. @throws {ApiError} */
export function parseLimits(answer: unknown): LimitsRead {
  const row = toRow(answer);
  return {
    ...toState(row),
    projectSpentNanoUsd: readNumber(row, "project_spent_nano"),
    anonymousSpentNanoUsd: readNumber(row, "anonymous_spent_nano"),
  };
}

/** An answer of `semantic_analysis_read_answer`. @throws {ApiError} */
export function parseAwaited(answer: unknown): AwaitedAnswer {
  const row = toRow(answer);
  switch (row.state) {
    case "pending":
    case "free":
      return { state: row.state };
    case "ready":
      return { state: "ready", answer: readText(row, "answer") };
    case "failed": {
      const failure = toRow(row.failure);
      return {
        state: "failed",
        failure: {
          code: readText(failure, "code"),
          message: readText(failure, "message"),
          ...(failure.retry_after_ms !== undefined && {
            retry_after_ms: readNumber(failure, "retry_after_ms"),
          }),
        },
      };
    }
    default:
      throw notInForm("state");
  }
}

/** The answer of `semantic_analysis_settle`. @throws {ApiError} */
export function parseSettled(answer: unknown): boolean {
  if (typeof answer !== "boolean") throw notInForm("answer");
  return answer;
}

/** Limits and what is left of them, in our names. */
function toState(row: Row): RateLimitState {
  return {
    minute: {
      limit: readNumber(row, "per_minute"),
      burst: readNumber(row, "burst"),
      remaining: readNumber(row, "minute_remaining"),
      resetMs: readNumber(row, "minute_reset_ms"),
    },
    day: {
      limit: readNumber(row, "per_day"),
      remaining: readNumber(row, "day_remaining"),
      resetMs: readNumber(row, "day_reset_ms"),
    },
    concurrent: { limit: readNumber(row, "concurrent"), used: readNumber(row, "held") },
    month: {
      limitNanoUsd: row.nano_per_month === null ? null : readNumber(row, "nano_per_month"),
      spentNanoUsd: readNumber(row, "spent_nano"),
      resetMs: readNumber(row, "month_reset_ms"),
    },
  };
}

/** The denial in our names. */
function toDenial(row: Row): Denial {
  const limitedBy = LIMIT_NAMES.find((name) => name === row.limited_by);
  if (limitedBy === undefined) throw notInForm("limited_by");
  return { limitedBy, retryAfterMs: readNumber(row, "retry_after_ms") };
}

/**
 * @throws {ApiError} UNAUTHORIZED in place of every answer about a user who was deleted within the last
 *   day: their token outlives them by up to its lifetime, and only the database knows.
 */
function toRow(answer: unknown): Row {
  if (!isObject(answer)) throw notInForm("answer");
  if (answer.outcome === "deleted") throw unauthorized("deleted");
  return answer;
}

function readNumber(row: Row, name: string): number {
  const value = row[name];
  if (typeof value !== "number") throw notInForm(name);
  return value;
}

function readText(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== "string") throw notInForm(name);
  return value;
}

function notInForm(name: string): ApiError {
  return unavailable({ cause: new TypeError(`The limiter's "${name}" is not in form`) });
}

/** Without a decision. */
export function unavailable(options: { cause: unknown }): ApiError {
  return new ApiError(
    "RATE_LIMITER_UNAVAILABLE",
    "The rate limit could not be checked, so nothing was started",
    options,
  );
}
