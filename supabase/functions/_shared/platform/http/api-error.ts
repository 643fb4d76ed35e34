/** The one error type that knows how to become a response, and the table of its codes. */

/** Status of each code, and the default `Retry-After` in seconds for those that say "try later". */
const CODES = {
  INVALID_REQUEST: { status: 400 },
  INVALID_IMAGE: { status: 400 },
  UNSUPPORTED_IMAGE_TYPE: { status: 400 },
  UNAUTHORIZED: { status: 401 },
  FORBIDDEN: { status: 403 },
  NOT_FOUND: { status: 404 },
  IMAGE_NOT_FOUND: { status: 404 },
  METHOD_NOT_ALLOWED: { status: 405 },
  IMAGE_TOO_LARGE: { status: 413 },
  BODY_TOO_LARGE: { status: 413 },
  UNSUPPORTED_MEDIA_TYPE: { status: 415 },
  RATE_LIMITED: { status: 429, retryAfterSeconds: 1 },
  INTERNAL: { status: 500 },
  UPSTREAM_REJECTED: { status: 502 },
  UPSTREAM_INVALID_RESPONSE: { status: 502 },
  UPSTREAM_UNAVAILABLE: { status: 503, retryAfterSeconds: 10 },
  UPSTREAM_RATE_LIMITED: { status: 503, retryAfterSeconds: 10 },
  RATE_LIMITER_UNAVAILABLE: { status: 503, retryAfterSeconds: 5 },
  OVERLOADED: { status: 503, retryAfterSeconds: 1 },
  NOT_CONFIGURED: { status: 503, retryAfterSeconds: 60 },
  DISABLED: { status: 503, retryAfterSeconds: 300 },
  UPSTREAM_TIMEOUT: { status: 504 },
  // These two are of mivaa-gateway's envelope alone.
  INVALID_REQUEST_BODY: { status: 400 },
  MISSING_ACTION: { status: 400 },
} as const satisfies Record<string, { status: number; retryAfterSeconds?: number }>;

/** Machine-readable reason of an error. */
export type ApiErrorCode = keyof typeof CODES;

/** Whether a text from outside is one of our codes. */
export function isApiErrorCode(text: string): text is ApiErrorCode {
  return Object.hasOwn(CODES, text);
}

/** What an error has beside its code and message. */
export interface ApiErrorOptions {
  /** Sent to the caller; for INVALID_REQUEST the path of each wrong field → its problem. */
  details?: Record<string, unknown> | undefined;
  /** Sent as `Retry-After`, in seconds rounded up; a default by code stands in for it. */
  retryAfterMs?: number | undefined;
  /** Headers of the answer beside the usual ones. */
  headers?: Record<string, string>;
  /** Never sent. */
  cause?: unknown;
}

/** Whatever an error quotes, its response stays below 64 kB: a character takes 6 bytes at most. */
const MAX_MESSAGE_LENGTH = 2_000;
const MAX_DETAILS_LENGTH = 8_000;

/** Details that are too long are left out but for those that stand first and fit. */
function withinLimit(details: Record<string, unknown>): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  let length = 0;
  for (const [name, value] of Object.entries(details)) {
    length += name.length + (JSON.stringify(value) ?? "").length;
    if (length > MAX_DETAILS_LENGTH) break;
    kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

/** An error that the caller may read: everything in it but `cause` goes out. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly details: Record<string, unknown> | undefined;
  readonly retryAfterMs: number | undefined;
  /** What `Retry-After` says. */
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Record<string, string>;

  constructor(code: ApiErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message.slice(0, MAX_MESSAGE_LENGTH), { cause: options.cause });
    this.code = code;
    this.status = CODES[code].status;
    this.details = options.details && withinLimit(options.details);
    this.retryAfterMs = options.retryAfterMs;
    this.retryAfterSeconds = options.retryAfterMs === undefined
      ? defaultRetryAfterSeconds(code)
      : Math.max(1, Math.ceil(options.retryAfterMs / 1000));
    this.headers = {
      ...toRetryAfter(this.retryAfterSeconds),
      ...options.headers,
    };
  }
}

/** The body of every answer that is not a success. */
export interface ErrorBody {
  error: {
    code: ApiErrorCode;
    message: string;
    request_id: string;
    details?: Record<string, unknown>;
  };
}

/** What the caller may know of anything thrown: what isn't an ApiError becomes a bare INTERNAL. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = "The function failed; its log has the reason under this request id";
  return new ApiError("INTERNAL", message, { cause: error });
}

/** The body that tells an error. */
function toErrorBody(error: ApiError, requestId: string): ErrorBody {
  return {
    error: {
      code: error.code,
      message: error.message,
      request_id: requestId,
      ...(error.details && { details: error.details }),
    },
  };
}

/** The same where headers are gone already: what `Retry-After` would say is in the details. */
export function toErrorEvent(error: ApiError, requestId: string): ErrorBody {
  const body = toErrorBody(error, requestId);
  const { retryAfterSeconds } = error;
  if (retryAfterSeconds === undefined) return body;
  // A wait in the details is in milliseconds, and so more exact.
  const details = { retry_after_ms: retryAfterSeconds * 1000, ...error.details };
  return { error: { ...body.error, details } };
}

/** Turns anything thrown into a response. */
export function toErrorResponse(error: unknown, requestId: string): Response {
  const apiError = toApiError(error);
  return Response.json(toErrorBody(apiError, requestId), {
    status: apiError.status,
    headers: apiError.headers,
  });
}

/** Status and headers of a code, for an answer with a body of its own. */
export function toResponseInit(
  code: ApiErrorCode,
): { status: number; headers: Record<string, string> } {
  return { status: CODES[code].status, headers: toRetryAfter(defaultRetryAfterSeconds(code)) };
}

function defaultRetryAfterSeconds(code: ApiErrorCode): number | undefined {
  const entry: { status: number; retryAfterSeconds?: number } = CODES[code];
  return entry.retryAfterSeconds;
}

function toRetryAfter(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { "Retry-After": String(seconds) };
}
