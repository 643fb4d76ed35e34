/** How a call is made, apart from what is asked. */

import type { PreparedPicture, PreparePictureOptions } from "../picture/prepare-picture.ts";

/** For `analysePicture` and `streamAnalysis`. */
export interface AnalysePictureOptions {
  /**
   * The end user's access token, whose limits are then used. With a client that has a project secret
   * the function sees both, and verifies both.
   */
  userToken?: string | undefined;
  /** UUID of the user to act for, without their token; only with a project secret. */
  userId?: string | undefined;
  /**
   * Use the limits of `service:<name>`, `[a-z0-9_-]{1,64}`, in place of those of the secret's own name;
   * only with a project secret and for no user.
   */
  serviceName?: string | undefined;
  /** The caller's own remaining time. Passed on, so that the function answers a second before. */
  timeoutMs?: number | undefined;
  /** Ends the call, and with it the function's call to the provider. */
  signal?: AbortSignal | undefined;
  /** The caller's id for this request: the function's log has it as `client_request_id`. */
  requestId?: string | undefined;
  /** Of the request that led to this one; `traceparent`, `tracestate` and `baggage` are passed on. */
  traceHeaders?: Headers | Record<string, string> | undefined;
  /**
   * Whether a picture given as bytes, base64 or `data:` URI goes through `preparePicture` first, and
   * how. Default true in a browser's page, false elsewhere. A picture that can't be prepared is sent
   * as it is, for the function to say what is wrong with it.
   */
  prepare?: boolean | Omit<PreparePictureOptions, "signal"> | undefined;
  /** Receives what was prepared, the colours among it, before it is sent. */
  onPrepared?: ((prepared: PreparedPicture) => void) | undefined;
  /** Receives the headers of a response that is an analysis, the rate limits among them. */
  onHeaders?: ((headers: Headers) => void) | undefined;
}

/** https://www.w3.org/TR/trace-context/ and https://www.w3.org/TR/baggage/ */
const TRACE_HEADERS = ["traceparent", "tracestate", "baggage"];

/** The request headers that carry these options; what is not given has no header. */
export function toCallHeaders(options: AnalysePictureOptions): Record<string, string> {
  const { userToken, userId, serviceName, timeoutMs, requestId } = options;
  return {
    ...(userToken !== undefined && { Authorization: `Bearer ${userToken}` }),
    ...(userId !== undefined && { "x-user-id": userId }),
    ...(serviceName !== undefined && { "x-service-name": serviceName }),
    ...(timeoutMs !== undefined && { "X-Deadline-Ms": `${Math.max(0, Math.floor(timeoutMs))}` }),
    ...(requestId !== undefined && { "X-Request-Id": requestId }),
    ...pickTrace(options.traceHeaders ?? {}),
  };
}

/** Of all that a server calls its request's headers, such as HTTP/2's `:path`, which is none that `fetch` takes. */
function pickTrace(headers: Headers | Record<string, string>): Record<string, string> {
  const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  const named = entries.map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(named.filter(([name]) => TRACE_HEADERS.includes(name)));
}
