/** What a subject may use, what is left of it, and how both are told. Values alone: nothing is asked. */

import { countOf } from "../../client/count-of.ts";
import { ApiError } from "../http/api-error.ts";

/** Money is whole nano-dollars (1e-9 $), so that sums stay exact. */
export interface Limits {
  /** Sustained requests per minute. */
  perMinute: number;
  /** Requests that may come at once after a pause. */
  burst: number;
  /** Requests per UTC day. */
  perDay: number;
  /** Requests at a time. */
  concurrent: number;
  /** Per UTC month; null for no such limit. */
  nanoUsdPerMonth: number | null;
}

/** Whether a subject is one of the anonymous users, who have a budget in common. */
export type Anonymity =
  | { kind: "signed_in" }
  | { kind: "anonymous" }
  /** A user whom the project's code names: Postgres looks it up, and these are the limits if it is so. */
  | { kind: "unknown"; anonymousLimits: Limits };

/** Each of them can deny. */
export const LIMIT_NAMES = [
  "minute",
  "day",
  "concurrent",
  "month",
  "anonymous_day",
  "project_month",
] as const;

export type LimitName = typeof LIMIT_NAMES[number];

/** What is left of one limit. */
export interface LimitState {
  limit: number;
  remaining: number;
  /** Milliseconds until the limit is whole again. */
  resetMs: number;
}

/** The limits in force for a subject, with the state after a decision. */
export interface RateLimitState {
  minute: LimitState & { burst: number };
  day: LimitState;
  concurrent: { limit: number; used: number };
  month: { limitNanoUsd: number | null; spentNanoUsd: number; resetMs: number };
}

/** The limit that denies for longest, and for how long. */
export interface Denial {
  limitedBy: LimitName;
  retryAfterMs: number;
}

/**
 * `RateLimit-Policy` and `RateLimit`, in the field's structured syntax.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function toRateLimitHeaders({ minute, day }: RateLimitState): Record<string, string> {
  const item = (name: string, state: LimitState) =>
    `"${name}";r=${state.remaining};t=${Math.ceil(state.resetMs / 1000)}`;
  return {
    "RateLimit-Policy": `"minute";q=${minute.limit};w=60, "day";q=${day.limit};w=86400`,
    "RateLimit": `${item("minute", minute)}, ${item("day", day)}`,
  };
}

/** The error that a denied caller reads. */
export function toRateLimitedError(
  { limitedBy, retryAfterMs }: Denial,
  state: RateLimitState,
): ApiError {
  return new ApiError("RATE_LIMITED", toMessage(limitedBy, state), {
    details: { limit: limitedBy, retry_after_ms: retryAfterMs },
    retryAfterMs,
  });
}

function toMessage(limitedBy: LimitName, { minute, day, concurrent, month }: RateLimitState) {
  switch (limitedBy) {
    case "minute":
      return `Your limit of ${countOf(minute.limit, "request")} per minute is used up`;
    case "day":
      return `Your limit of ${countOf(day.limit, "request")} per day is used up`;
    case "concurrent":
      return `You have as many requests under way as you may at a time: ${concurrent.limit}`;
    case "month":
      return `This request could exceed your limit of ${toUsd(month.limitNanoUsd!)} US dollars ` +
        "per month";
    case "anonymous_day":
      return "This request could exceed what all users who are not signed in may spend today";
    case "project_month":
      return "This request could exceed what the project may spend this month";
  }
}

/** US dollars of nano-dollars. */
export function toUsd(nanoUsd: number): number {
  return nanoUsd / 1e9;
}
