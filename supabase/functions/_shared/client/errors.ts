/**
 * Why a call of semantic-analysis gave no analysis. An error of the function keeps the function's code
 * (docs/api.md); a call that never reached it, or was not answered by it, has a code of those below.
 */

/** Codes that no response of the function has. */
export type CallErrorCode =
  /** The caller's own signal; `cause` is its reason. */
  | "ABORTED"
  /** `timeoutMs` passed before the function had answered. */
  | "TIMEOUT"
  /** The function could not be reached, or the connection broke before the response was whole. */
  | "NETWORK_ERROR"
  /** The platform's limit on calls from function to function; `cause` is its RateLimitError. */
  | "PLATFORM_RATE_LIMITED"
  /** The platform answered in the function's place: it was killed, does not boot or is not deployed. */
  | "PLATFORM_ERROR"
  /** A 200 whose body is no analysis. */
  | "INVALID_RESPONSE";

/** What a `SemanticAnalysisError` is made of, beside its message. */
export interface SemanticAnalysisErrorOptions {
  /** Of the response; null where there was none, and for an `error` event in a stream. */
  status?: number | null;
  /** One of docs/api.md, or a `CallErrorCode`. */
  code: string;
  /** Under which the function's log has the request. */
  requestId?: string | null;
  retryAfterMs?: number | null;
  details?: Record<string, unknown> | null;
  headers?: Headers | null;
  cause?: unknown;
}

/** The one error of `analysePicture` and `streamAnalysis`. It never holds the picture. */
export class SemanticAnalysisError extends Error {
  override readonly name = "SemanticAnalysisError";
  readonly status: number | null;
  readonly code: string;
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
    this.code = options.code;
    this.requestId = options.requestId ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.details = options.details ?? null;
    this.headers = options.headers ?? null;
  }
}
