import { ApiError, type ApiErrorCode, isApiErrorCode } from "./api-error.ts";
import type { CallErrorCode, SemanticAnalysisError } from "../../client/errors.ts";

/** What it means for a caller of ours that semantic-analysis could not be had. */
const MEANINGS: Record<CallErrorCode, ApiErrorCode> = {
  // The caller has gone and reads nothing.
  ABORTED: "UPSTREAM_TIMEOUT",
  TIMEOUT: "UPSTREAM_TIMEOUT",
  NETWORK_ERROR: "UPSTREAM_UNAVAILABLE",
  PLATFORM_RATE_LIMITED: "UPSTREAM_RATE_LIMITED",
  PLATFORM_ERROR: "UPSTREAM_UNAVAILABLE",
  INVALID_RESPONSE: "UPSTREAM_INVALID_RESPONSE",
  PICTURE_UNREADABLE: "INVALID_IMAGE",
};

/** Of a user whose token was good a moment before. */
const USERS_REASONS: readonly unknown[] = ["expired", "deleted"];

/** Headers of semantic-analysis's answer that are the end user's to read. */
const PASSED_ON = ["RateLimit-Policy", "RateLimit", "Retry-After", "X-Cache"];

/**
 * From a failed call of semantic-analysis to the error of the function that called it: the same code,
 * status, message, details and limits, so that a 429 stays a 429 all the way.
 */
export function toAnalysisError(error: SemanticAnalysisError): ApiError {
  const { code, message, details, retryAfterMs, headers } = error;
  const isUnderstood = isApiErrorCode(code);
  // The caller was let in: it is this function's own key that semantic-analysis does not take.
  const isOfUser = USERS_REASONS.includes(details?.reason);
  if (code === "UNAUTHORIZED" && error.status !== null && !isOfUser) {
    return new ApiError("NOT_CONFIGURED", "semantic-analysis does not know this function's key", {
      cause: error,
    });
  }
  return new ApiError(isUnderstood ? code : toMeaning(error), message, {
    details: details ?? undefined,
    retryAfterMs: retryAfterMs ?? undefined,
    headers: headers ? toPassedOnHeaders(headers) : {},
    cause: error,
  });
}

/** The headers of a response of semantic-analysis that go on to the caller. */
export function toPassedOnHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => headers.has(name) ? [[name, headers.get(name)!]] : []),
  );
}

/** A code that is newer than this is known by its status. */
function toMeaning({ code, status }: SemanticAnalysisError): ApiErrorCode {
  if (Object.hasOwn(MEANINGS, code)) return MEANINGS[code as CallErrorCode];
  return status !== null && status < 500 ? "UPSTREAM_REJECTED" : "UPSTREAM_UNAVAILABLE";
}
