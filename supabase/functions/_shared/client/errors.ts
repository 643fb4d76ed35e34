/**
 * Why a call of semantic-analysis gave no analysis. An error of the function keeps the function's code
 * (docs/api.md); a call that never reached it, or was not answered by it, has a code of its own.
 */

/** Codes of the function's own errors. */
const FUNCTION_ERROR_CODES = [
  "INVALID_REQUEST",
  "INVALID_IMAGE",
  "UNSUPPORTED_IMAGE_TYPE",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "NOT_FOUND",
  "IMAGE_NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "IMAGE_TOO_LARGE",
  "BODY_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "RATE_LIMITED",
  "INTERNAL",
  "UPSTREAM_REJECTED",
  "UPSTREAM_INVALID_RESPONSE",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_RATE_LIMITED",
  "RATE_LIMITER_UNAVAILABLE",
  "OVERLOADED",
  "NOT_CONFIGURED",
  "DISABLED",
  "UPSTREAM_TIMEOUT",
] as const;

/** Codes that no response of the function has. */
const CALL_ERROR_CODES = [
  /** The caller's own signal; `cause` is its reason. */
  "ABORTED",
  /** `timeoutMs` passed before the function had answered. */
  "TIMEOUT",
  /** The function could not be reached, or the connection broke before the response was whole. */
  "NETWORK_ERROR",
  /** The platform's limit on calls from function to function; `cause` is its RateLimitError. */
  "PLATFORM_RATE_LIMITED",
  /** The platform answered in the function's place: it was killed, does not boot or is not deployed. */
  "PLATFORM_ERROR",
  /** A 200 whose body is no analysis. */
  "INVALID_RESPONSE",
  /** `preparePicture` was given what this browser can't decode. */
  "PICTURE_UNREADABLE",
] as const;

/** A code that the functions send. */
export type FunctionErrorCode = typeof FUNCTION_ERROR_CODES[number];

/** A code of a call that no function answered. */
export type CallErrorCode = typeof CALL_ERROR_CODES[number];

/**
 * `code` of a `SemanticAnalysisError`. A code that a newer function sends and this version does not
 * know is `UNKNOWN_ERROR`; status and message are then still the function's.
 */
export type ErrorCode = FunctionErrorCode | CallErrorCode | "UNKNOWN_ERROR";

/** Every code, for tables that say something about each. */
export const ERROR_CODES: readonly ErrorCode[] = [
  ...FUNCTION_ERROR_CODES,
  ...CALL_ERROR_CODES,
  "UNKNOWN_ERROR",
];

/** What a `SemanticAnalysisError` is made of, beside its message. */
export interface SemanticAnalysisErrorOptions {
  /** Of the response; null where there was none, and for an `error` event in a stream. */
  status?: number | null;
  /** As it came; what is no `ErrorCode` becomes `UNKNOWN_ERROR`. */
  code: string;
  /** Under which the function's log has the request. */
  requestId?: string | null;
  retryAfterMs?: number | null;
  details?: Record<string, unknown> | null;
  headers?: Headers | null;
  cause?: unknown;
}

/**
 * The one error of this package: nothing else is thrown by its functions. It never holds the picture.
 *
 * @example
 * ```ts
 * export function isWorthAnotherTry(error: unknown): boolean {
 *   return error instanceof SemanticAnalysisError && error.retryAfterMs !== null;
 * }
 * ```
 */
export class SemanticAnalysisError extends Error {
  override readonly name = "SemanticAnalysisError";
  readonly status: number | null;
  readonly code: ErrorCode;
  readonly requestId: string | null;
  /** How long to wait before another try; null where the response does not say. */
  readonly retryAfterMs: number | null;
  /** For machines, beyond the message: for example which limit, or path → problem. */
  readonly details: Record<string, unknown> | null;
  /** Of the response, so that `RateLimit`, `RateLimit-Policy` and `Retry-After` can be passed on. */
  readonly headers: Headers | null;

  constructor(message: string, options: SemanticAnalysisErrorOptions) {
    super(message, { cause: options.cause });
    this.status = options.status ?? null;
    this.code = ERROR_CODES.find((code) => code === options.code) ?? "UNKNOWN_ERROR";
    this.requestId = options.requestId ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.details = options.details ?? null;
    this.headers = options.headers ?? null;
  }
}
