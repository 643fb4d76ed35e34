import type { Caller } from "../auth/authenticate.ts";
import { ApiError } from "../http/api-error.ts";
import { type LimitSettings, limitsOf } from "../settings/limit-variables.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { toRateLimitedError, toRateLimitHeaders } from "./rate-limits.ts";

/**
 * Takes a unit of the caller's minute, for work that costs no money of its own.
 *
 * @returns the headers that tell what is left.
 * @throws {ApiError} RATE_LIMITED, with the same headers, or what the limiter throws.
 */
export type TakeMinute = (caller: Caller) => Promise<Record<string, string>>;

/** Takes minute units by the limits that the settings name for each kind of caller. */
export function createTakeMinute(
  rateLimiter: Pick<RateLimiter, "takeMinute">,
  limits: LimitSettings,
): TakeMinute {
  return async (caller) => {
    const own = limitsOf(caller, limits);
    const decision = await rateLimiter.takeMinute(caller.subject, own.limits, own.anonymity);
    const { state } = decision;
    const headers = toRateLimitHeaders(state);
    if (decision.outcome === "minute") return headers;
    const { code, message, details, retryAfterMs } = toRateLimitedError(decision, state);
    throw new ApiError(code, message, { details, retryAfterMs, headers });
  };
}
