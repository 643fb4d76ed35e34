/** Passes an action on to the MIVAA service: our method, our path, our key, and the payload. */

import { ApiError, type ApiErrorCode } from "../../_shared/platform/http/api-error.ts";
import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import {
  startTimeLimit,
  type StartTimer,
  type TimeLimit,
} from "../../_shared/platform/http/time-limit.ts";
import { readRetryAfterMs } from "../../_shared/client/call/read-error.ts";
import type { Action } from "./actions.ts";
import { MivaaServiceError } from "./mivaa-service-error.ts";
import { readAnswer } from "./read-answer.ts";
import type { MivaaService } from "../settings.ts";

/** Which service, how long it may take and how much it may send. */
export interface ServiceActionOptions {
  service: MivaaService;
  timeoutMs: number;
  /** The largest answer that is read. */
  maxBytes: number;
  signal?: AbortSignal;
  fetch?: typeof globalThis.fetch;
  /** For the timeout. Default `startTimer`. */
  startTimer?: StartTimer;
}

/** What the service is asked. */
export interface ServiceRequest {
  method: "GET" | "POST";
  path: string;
  /** The path, and for a GET the payload as its query. */
  target: string;
  /** JSON; null for a GET. */
  body: string | null;
}

/** Servers take 8 KiB of a URL, some of them 64; beyond that `fetch` takes it for none. */
const MAX_QUERY_LENGTH = 32 * 1024;

/** @throws {ApiError} INVALID_REQUEST for a payload that no query can say, or that is too long for one. */
export function toServiceRequest(
  { method, path }: Action & { kind: "service" },
  payload: Record<string, unknown>,
): ServiceRequest {
  if (method === "POST") return { method, path, target: path, body: JSON.stringify(payload) };
  const query = toQuery(payload);
  return { method, path, target: query === "" ? path : `${path}?${query}`, body: null };
}

/** @returns the service's JSON. @throws {MivaaServiceError} for everything else, never with its text. */
export async function askService(
  { method, path, target, body }: ServiceRequest,
  context: RequestContext,
  options: ServiceActionOptions,
): Promise<unknown> {
  const { service, timeoutMs, maxBytes, fetch = globalThis.fetch } = options;
  context.note({ mivaa_endpoint: path });
  const limit = startTimeLimit(timeoutMs, options);
  try {
    const response = await fetch(`${service.url}${target}`, {
      method,
      headers: {
        Accept: "application/json",
        "X-Request-Id": context.requestId,
        ...(service.apiKey !== null && { Authorization: `Bearer ${service.apiKey}` }),
        ...(body !== null && { "Content-Type": "application/json" }),
      },
      body,
      // The key and the payload go nowhere else.
      redirect: "manual",
      signal: limit.signal,
    });
    context.note({ mivaa_status: response.status });
    if (response.ok) return await readAnswer(response, maxBytes);
    await response.body?.cancel();
    throw toStatusError(response);
  } catch (error) {
    throw new MivaaServiceError(path, toFailure(error, limit));
  } finally {
    limit.stop();
  }
}

/** What it means that the service was asked and did not answer with JSON. */
function toFailure(error: unknown, limit: TimeLimit): ApiError {
  if (error instanceof ApiError) return error;
  const options = { cause: error };
  return limit.isUp()
    ? new ApiError("UPSTREAM_TIMEOUT", "The MIVAA service did not answer in time", options)
    : new ApiError("UPSTREAM_UNAVAILABLE", "The MIVAA service could not be reached", options);
}

function toQuery(payload: Record<string, unknown>): string {
  const query = new URLSearchParams();
  let length = 0;
  for (const [name, value] of Object.entries(payload)) {
    if (value === null) continue;
    if (!["string", "number", "boolean"].includes(typeof value)) {
      throw new ApiError("INVALID_REQUEST", "The payload of this action becomes a query", {
        details: { [`payload.${name}`]: "must be a string, a number, true or false" },
      });
    }
    // Megabytes are refused before they are encoded.
    length += name.length + String(value).length;
    if (length > MAX_QUERY_LENGTH) throw tooLong();
    query.set(name, String(value));
  }
  const text = query.toString();
  if (text.length > MAX_QUERY_LENGTH) throw tooLong();
  return text;
}

function tooLong(): ApiError {
  return new ApiError("INVALID_REQUEST", "The payload of this action is too long for a query", {
    details: { payload: `must have at most ${MAX_QUERY_LENGTH} characters as a query` },
  });
}

/** Statuses about what was sent, its length among it. */
const REFUSED_PAYLOAD: readonly number[] = [400, 409, 413, 414, 422, 431];

/** Whose fault a status is; what the client sent is the client's, what we sent is ours. */
function toStatusError({ status, headers }: Response): ApiError {
  const retryAfterMs = readRetryAfterMs(headers) ?? undefined;
  const fail = (code: ApiErrorCode, message: string, details?: Record<string, unknown>) =>
    new ApiError(code, message, { details, retryAfterMs });
  if (status === 401 || status === 403) {
    return fail("NOT_CONFIGURED", "The MIVAA service does not accept this gateway's key");
  }
  const details = { mivaa_status: status };
  if (status === 429) {
    return fail("UPSTREAM_RATE_LIMITED", "The MIVAA service has reached its own limit", details);
  }
  if (status === 404) return fail("NOT_FOUND", "The MIVAA service has no such thing", details);
  if (REFUSED_PAYLOAD.includes(status)) {
    return fail("INVALID_REQUEST", "The MIVAA service did not accept the payload", details);
  }
  if (status >= 500) return fail("UPSTREAM_UNAVAILABLE", "The MIVAA service failed", details);
  const what = status < 400 ? "redirects, which is not followed" : "did not take the request";
  return fail("UPSTREAM_REJECTED", `The MIVAA service ${what}`, details);
}
