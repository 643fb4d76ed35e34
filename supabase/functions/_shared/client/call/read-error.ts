/** From what `functions.invoke` leaves of a failure to the error that callers see. */

import { type CallErrorCode, SemanticAnalysisError } from "../errors.ts";

/**
 * Reads the one error of a failed call.
 *
 * @param error What `invoke` returned as `error`: its `context` is the unread Response, or what
 *   `fetch` threw.
 * @param functionName Which was called.
 */
export async function toCallError(
  error: unknown,
  functionName: string,
): Promise<SemanticAnalysisError> {
  const context = (error as { context?: unknown } | null)?.context;
  if (isResponse(context)) return await readErrorResponse(context, functionName, error);
  if ((context as Error | undefined)?.name === "RateLimitError") {
    const { retryAfterMs } = context as { retryAfterMs?: unknown };
    return callError("PLATFORM_RATE_LIMITED", "Too many calls from function to function", {
      cause: context,
      retryAfterMs: typeof retryAfterMs === "number" ? retryAfterMs : null,
    });
  }
  return callError("NETWORK_ERROR", `${functionName} could not be reached, or was cut off`, {
    cause: context ?? error,
  });
}

/**
 * Reads an error body of the function: of a response that is no success, or of an `error` event.
 *
 * @returns null for what is no such body.
 */
export function toAnalysisError(
  body: unknown,
  response: { status: number | null; headers: Headers },
): SemanticAnalysisError | null {
  const { error } = (isObject(body) ? body : {}) as { error?: unknown };
  if (!isObject(error) || typeof error.code !== "string" || typeof error.message !== "string") {
    return null;
  }
  const details = isObject(error.details) ? error.details : null;
  const requestId = error.request_id ?? response.headers.get("x-request-id");
  return new SemanticAnalysisError(error.message, {
    ...response,
    code: error.code,
    requestId: typeof requestId === "string" ? requestId : null,
    details,
    retryAfterMs: toRetryAfterMs(details, response.headers),
  });
}

/** Makes an error of the caller's side, with a code that no response of the function has. */
export function callError(
  code: CallErrorCode,
  message: string,
  options: Partial<ConstructorParameters<typeof SemanticAnalysisError>[1]> = {},
): SemanticAnalysisError {
  return new SemanticAnalysisError(message, { ...options, code });
}

/** The error of a 200 that isn't what was asked for. */
export function wrongResponse(message: string, headers: Headers): SemanticAnalysisError {
  return callError("INVALID_RESPONSE", message, {
    status: 200,
    headers,
    requestId: headers.get("x-request-id"),
  });
}

/** Whether a value has properties to be read; an array does not count. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function readErrorResponse(
  response: Response,
  functionName: string,
  cause: unknown,
): Promise<SemanticAnalysisError> {
  const { status, headers } = response;
  const text = await response.text().catch(() => "");
  const error = toAnalysisError(parseJson(text), { status, headers });
  return error ?? callError(
    "PLATFORM_ERROR",
    `The platform answered ${status} in place of ${functionName}`,
    { status, headers, retryAfterMs: toRetryAfterMs(null, headers), cause },
  );
}

/** A Response of whichever `fetch` the client uses. */
export function isResponse(value: unknown): value is Response {
  return isObject(value) && typeof value.status === "number" && typeof value.text === "function";
}

/**
 * Parses JSON that may be none. A copy of the functions' own, because this folder stands alone.
 *
 * @returns null for what is no JSON.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * `Retry-After` in milliseconds; null where there is none. Dates, which no function of this project
 * sends, are left out.
 */
export function readRetryAfterMs(headers: Headers): number | null {
  const seconds = headers.get("retry-after") ?? "";
  return /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1000 : null;
}

/** The body is exact, the header in seconds rounded up. */
function toRetryAfterMs(details: Record<string, unknown> | null, headers: Headers): number | null {
  const exactMs = details?.retry_after_ms;
  return typeof exactMs === "number" ? exactMs : readRetryAfterMs(headers);
}
