/**
 * What every function of this project does around its own work: preflight, request id, CORS, timing,
 * one log line, and turning whatever is thrown into an answer.
 */

import type { Log } from "../log.ts";
import { ApiError, toErrorResponse } from "./api-error.ts";
import { type AllowedOrigins, setCorsHeaders, toPreflightResponse } from "./cors.ts";
import { createTimings, type Timings, toServerTiming } from "./timings.ts";

/** Belongs to one request. */
export interface RequestContext {
  /** Ours, a UUID; in the answer, the log and every error. */
  requestId: string;
  timings: Timings;
  /** Header → value: set on whatever goes out, errors included. A name is always spelt the same. */
  responseHeaders: Map<string, string>;
  /** Adds fields to the request's log line. What is logged is written, never read back. */
  note(fields: Record<string, unknown>): void;
  /** Makes an error of the log line, with this alarm: an operator must act. */
  raise(alarm: string): void;
  /**
   * Set for an answer that goes on after it was returned: the log line waits for it, and tells what
   * it was rejected with.
   */
  finished?: Promise<void>;
}

/** A function's own work. Whatever it throws becomes the answer that `toErrorResponse` makes of it. */
export type Handle = (request: Request, context: RequestContext) => Promise<Response>;

/** A function's own work, and how the work around it is done. */
export interface EndpointOptions {
  /** The function's name, as the log line's `event`. */
  name: string;
  handle: Handle;
  allowedOrigins: AllowedOrigins;
  /** For preflight answers, e.g. `GET, POST, OPTIONS`. */
  methods: string;
  log: Log;
  /** How whatever was thrown is told, for callers that know another form. Default `toErrorResponse`. */
  toFailureResponse?: (error: unknown, context: RequestContext) => Response;
  /** Milliseconds on a monotonic clock. Default `performance.now`. */
  now?: () => number;
  /** Default `crypto.randomUUID`. */
  createRequestId?: () => string;
}

/** Wraps a handler into a fetch handler that never throws. */
export function createEndpoint(options: EndpointOptions): (request: Request) => Promise<Response> {
  const {
    name,
    handle,
    allowedOrigins,
    methods,
    log,
    toFailureResponse = (error, { requestId }) => toErrorResponse(error, requestId),
    now = () => performance.now(),
    createRequestId = () => crypto.randomUUID(),
  } = options;

  return async (request) => {
    if (request.method === "OPTIONS") return toPreflightResponse(request, allowedOrigins, methods);

    const logFields: Record<string, unknown> = {};
    let alarm: string | null = null;
    const context: RequestContext = {
      requestId: createRequestId(),
      timings: createTimings(now),
      responseHeaders: new Map(),
      note: (fields) => void Object.assign(logFields, fields),
      raise: (raised) => {
        alarm = raised;
      },
    };
    let answer: Response;
    // Wrapped, because undefined can be thrown too.
    let failure: { error: unknown } | null = null;
    try {
      answer = await handle(request, context);
    } catch (error) {
      failure = { error };
      answer = toFailureResponse(error, context);
      // The rest of a body that is not read any further is not worth receiving.
      if (!request.bodyUsed) request.body?.cancel().catch(() => {});
    }

    answer = request.method === "HEAD" ? withoutBody(answer) : withMutableHeaders(answer);
    const { headers } = answer;
    for (const [header, value] of context.responseHeaders) headers.set(header, value);
    headers.set("X-Request-Id", context.requestId);
    headers.set("Server-Timing", toServerTiming(context.timings.toRecord()));
    setCorsHeaders(headers, request, allowedOrigins);

    const writeLog = (failure: { error: unknown } | null) => {
      const told = failure?.error instanceof ApiError ? failure.error : null;
      const isOurBug = failure !== null && told === null;
      const needsOperator = told?.code === "NOT_CONFIGURED" || alarm !== null;
      const level = isOurBug || needsOperator ? "error" : "info";
      log[level](name, {
        request_id: context.requestId,
        client_request_id: toClientRequestId(request),
        status: answer.status,
        ...(told && { code: told.code }),
        ...logFields,
        ...(alarm !== null && { alarm }),
        duration_ms: context.timings.toRecord(),
        ...(isOurBug && { exception: toExceptionFields(failure?.error) }),
      });
    };
    if (context.finished) {
      context.finished.then(() => writeLog(null), (error) => writeLog({ error }));
    } else {
      writeLog(failure);
    }
    return answer;
  };
}

/** Sets headers on whatever answer goes out. */
export function setHeaders(context: RequestContext, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) context.responseHeaders.set(name, value);
}

/** The headers of an answer that was fetched, or redirects, can't be changed: it is made anew. */
function withMutableHeaders(answer: Response): Response {
  try {
    answer.headers.delete("X-Request-Id");
    return answer;
  } catch {
    return new Response(answer.body, answer);
  }
}

/** For HEAD. Not every runtime leaves the body out by itself. */
function withoutBody(answer: Response): Response {
  answer.body?.cancel().catch(() => {});
  return new Response(null, answer);
}

/** A client's own id is only logged, and only if it could be one. */
function toClientRequestId(request: Request): string | undefined {
  const id = request.headers.get("x-request-id");
  return id !== null && /^[\w.:-]{1,128}$/.test(id) ? id : undefined;
}

/** The stack names our own files; the message of a foreign error could quote the input, so it is cut. */
function toExceptionFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  // The code that threw it may have overwritten any of its fields.
  const [type, message, stack] = [error.name, error.message, error.stack]
    .map((field: unknown) => typeof field === "string" ? field : "") as [string, string, string];
  return { type, message: message.slice(0, 200), stacktrace: toFrames(stack, message) };
}

/** The frames alone: before them, V8 puts the whole message with its line breaks. */
function toFrames(stack: string, message: string): string {
  const messageStart = stack.indexOf(message);
  const rest = messageStart === -1 ? stack : stack.slice(messageStart + message.length);
  return rest.split("\n").filter((line) => /^\s+at /.test(line)).slice(0, 7).join("\n");
}
