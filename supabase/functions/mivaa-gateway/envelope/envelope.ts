/** The form in which existing clients ask and are answered. */

import { ApiError, toApiError } from "../../_shared/platform/http/api-error.ts";
import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import { isObject } from "../../_shared/platform/parse-json.ts";
import { VERSION } from "../../_shared/platform/version.ts";
import { MivaaServiceError } from "../actions/mivaa-service-error.ts";
import { type Action, ACTION_NAMES, findAction } from "../actions/actions.ts";

/** What is asked for; `endpoint`, `method` and `headers` of an envelope are not looked at. */
export interface Envelope {
  name: string;
  action: Action;
  payload: Record<string, unknown>;
}

/** What every client gets, whatever happens. */
export interface AnswerBody {
  success: boolean;
  data?: unknown;
  error?: { code: string; message: string; details?: Record<string, unknown> };
  metadata: {
    timestamp: string;
    /** Milliseconds. */
    processingTime: number;
    version: string;
    /** Path at the MIVAA service, where that was asked. */
    mivaaEndpoint?: string;
  };
}

/** @throws {ApiError} INVALID_REQUEST_BODY, MISSING_ACTION, or INVALID_REQUEST for an unknown action. */
export function parseEnvelope(body: Record<string, unknown>): Envelope {
  const { action: name, payload } = body;
  if (typeof name !== "string" || name === "") {
    throw new ApiError("MISSING_ACTION", "The envelope has no action", {
      details: { action: "must be a string", actions: ACTION_NAMES },
    });
  }
  const action = findAction(name);
  if (!action) {
    throw new ApiError("INVALID_REQUEST", `There is no action "${name.slice(0, 64)}"`, {
      details: { action: "must be one of those in actions", actions: ACTION_NAMES },
    });
  }
  if (payload !== undefined && payload !== null && !isObject(payload)) {
    throw invalidBody("The payload is no object", { payload: "must be an object" });
  }
  return { name, action, payload: payload ?? {} };
}

/** What an action comes to. */
export interface ActionAnswer {
  data: unknown;
  /** Path at the MIVAA service, where that was asked. */
  mivaaEndpoint?: string;
}

/** A success. */
export function toAnswer({ data, mivaaEndpoint }: ActionAnswer, context: RequestContext): Response {
  const body: AnswerBody = { success: true, data, metadata: toMetadata(context, mivaaEndpoint) };
  return Response.json(body);
}

/** Turns anything thrown into an answer. */
export function toFailure(error: unknown, context: RequestContext): Response {
  const { code, message, details, status, headers } = toApiError(error);
  const body: AnswerBody = {
    success: false,
    error: {
      code: code === "INTERNAL" ? "GATEWAY_ERROR" : code,
      message: toHarmlessText(message),
      ...(details && { details }),
    },
    metadata: toMetadata(
      context,
      error instanceof MivaaServiceError ? error.mivaaEndpoint : undefined,
    ),
  };
  return Response.json(body, { status, headers });
}

/** @param mivaaEndpoint Path at the MIVAA service, where that was asked. */
export function toMetadata(
  { timings }: RequestContext,
  mivaaEndpoint?: string,
): AnswerBody["metadata"] {
  return {
    timestamp: new Date().toISOString(),
    processingTime: Math.round(timings.totalMs()),
    version: VERSION,
    ...(mivaaEndpoint !== undefined && { mivaaEndpoint }),
  };
}

/** 400 of an envelope that is none. */
export function invalidBody(message: string, details: Record<string, unknown>): ApiError {
  return new ApiError("INVALID_REQUEST_BODY", message, { details });
}

/**
 * Existing clients take an error whose text has 401 or 403 in it for one about their key, and give up:
 * a limit of 403 must not read like that.
 */
export function toHarmlessText(message: string): string {
  return message.replace(/40(?=[13])/g, "40 ");
}
