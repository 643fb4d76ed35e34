/** What to tell a person about a failed analysis. */

import { countOf } from "./count-of.ts";
import { type ErrorCode, SemanticAnalysisError } from "./errors.ts";

/** A sentence, or what makes one of the error. */
export type ErrorMessage = string | ((error: SemanticAnalysisError) => string);

/** For `describeError`. */
export interface DescribeErrorOptions {
  /** In place of the English ones: another language, or the app's own words. */
  messages?: Partial<Record<ErrorCode, ErrorMessage>> | undefined;
}

const LATER = "The analysis is not available right now.";
const APP =
  "Something is wrong with this app: it asked for the analysis in a way that is not understood.";

/** One for each code. */
const MESSAGES: Record<ErrorCode, ErrorMessage> = {
  INVALID_REQUEST: APP,
  INVALID_IMAGE: "This picture is damaged or empty. Choose another one, or take it again.",
  UNSUPPORTED_IMAGE_TYPE: "This file is no picture that can be analysed. Use a JPEG, PNG or WebP.",
  UNAUTHORIZED: "Sign in to have pictures analysed.",
  FORBIDDEN: "Your account may not do this.",
  NOT_FOUND: "This answer is not there any more, or it is not yours.",
  IMAGE_NOT_FOUND: "The picture is not there any more, or it is not yours.",
  METHOD_NOT_ALLOWED: APP,
  IMAGE_TOO_LARGE: describeSize,
  BODY_TOO_LARGE: "More than a picture was sent, and it is too large.",
  UNSUPPORTED_MEDIA_TYPE: APP,
  RATE_LIMITED: describeLimit,
  INTERNAL: "Something went wrong with the analysis. Try again.",
  UPSTREAM_REJECTED: "This picture could not be analysed. Try another one.",
  UPSTREAM_INVALID_RESPONSE: "The analysis came to nothing. Try again.",
  UPSTREAM_UNAVAILABLE: later,
  UPSTREAM_RATE_LIMITED: later,
  RATE_LIMITER_UNAVAILABLE: later,
  OVERLOADED: (error) => `Many pictures are being analysed right now.${tryAgain(error)}`,
  NOT_CONFIGURED: "The analysis is not set up yet. Try again another day.",
  DISABLED: "The analysis is switched off for now. Try again another day.",
  UPSTREAM_TIMEOUT: "The analysis took too long. Try again.",
  ABORTED: "The analysis was stopped.",
  TIMEOUT: "The analysis took too long. Try again.",
  NETWORK_ERROR: "The analysis could not be reached. Check your connection and try again.",
  PLATFORM_RATE_LIMITED: later,
  PLATFORM_ERROR: later,
  INVALID_RESPONSE: later,
  PICTURE_UNREADABLE: "This file could not be opened as a picture. Use a JPEG, PNG or WebP.",
  UNKNOWN_ERROR: (error) => error.message,
};

/**
 * Says in a sentence or two, in English, what went wrong and what a person can do about it. Each code
 * has one message; a wait that the error names is in it.
 *
 * @example
 * ```ts
 * const messages = { ABORTED: "Abgebrochen.", UNAUTHORIZED: "Bitte melden Sie sich an." };
 * console.log(describeError(new Error("not ours"), { messages }));
 * ```
 *
 * @param error Anything thrown; what is no `SemanticAnalysisError` is told as INTERNAL is.
 */
export function describeError(
  error: unknown,
  { messages = {} }: DescribeErrorOptions = {},
): string {
  const known = error instanceof SemanticAnalysisError
    ? error
    : new SemanticAnalysisError("", { code: "INTERNAL" });
  const message = messages[known.code] ?? MESSAGES[known.code];
  return typeof message === "string" ? message : message(known);
}

function later(error: SemanticAnalysisError): string {
  return LATER + tryAgain(error);
}

function describeLimit(error: SemanticAnalysisError): string {
  switch (error.details?.limit) {
    case "day":
      return `You have used up your analyses for today.${tryAgain(error)}`;
    case "concurrent":
      return `Too many of your pictures are being analysed at once.${tryAgain(error)}`;
    case "month":
      return `You have used up what you may spend this month.${tryAgain(error)}`;
    case "project_month":
      return `All that may be spent on analyses this month is used up.${tryAgain(error)}`;
    case "anonymous_day":
      return "All that may be used today without an account is used up. Sign in, or come back tomorrow.";
    case "search_minute":
      return `That was a lot of searches in a short time.${tryAgain(error)}`;
    case "bad_requests":
      return APP + tryAgain(error);
    default:
      return `That was a lot of pictures in a short time.${tryAgain(error)}`;
  }
}

function describeSize({ details }: SemanticAnalysisError): string {
  const maxBytes = details?.max_image_bytes;
  const limit = typeof maxBytes === "number"
    ? `, at most ${(maxBytes / 2 ** 20).toFixed(1).replace(".0", "")} MB are allowed`
    : "";
  return `This picture is too large${limit}. Make it smaller, or take it again.`;
}

function tryAgain({ retryAfterMs }: SemanticAnalysisError): string {
  return retryAfterMs === null ? " Try again later." : ` Try again in ${toWait(retryAfterMs)}.`;
}

/** Rounded up, so that a person who waits it out is not too early: `12 seconds`, `3 minutes`, `2 days`. */
function toWait(waitMs: number): string {
  const units: [name: string, ms: number, upToMs: number][] = [
    ["second", 1_000, 90_000],
    ["minute", 60_000, 90 * 60_000],
    ["hour", 3_600_000, 36 * 3_600_000],
    ["day", 86_400_000, Infinity],
  ];
  const [name, ms] = units.find(([, , upToMs]) => waitMs <= upToMs)!;
  return countOf(Math.max(1, Math.ceil(waitMs / ms)), name);
}
