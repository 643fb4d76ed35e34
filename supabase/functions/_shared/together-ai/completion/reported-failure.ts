/** What a body says of a failure, in the forms that servers have for it. */

import type { ErrorDetails } from "../error-kinds.ts";

/** A failure in the words of a body. */
export interface ReportedFailure extends ErrorDetails {
  /** A number in place of the code that is an HTTP status. */
  status?: number | undefined;
}

/** An object of JSON from outside. */
export type JsonObject = Record<string, unknown>;

/**
 * Cloudflare's numbers, in the words that others have for the same.
 * https://developers.cloudflare.com/workers-ai/platform/errors/
 */
const CLOUDFLARE_CODES: Readonly<Record<number, string>> = {
  3006: "request_too_large",
  3007: "timeout",
  3008: "timeout",
  3023: "account_blocked",
  3036: "insufficient_quota",
  3040: "out_of_capacity",
  3041: "model_not_allowed",
  3042: "model_not_found",
  5007: "model_not_found",
  5016: "model_agreement_missing",
  5018: "model_not_allowed",
  7003: "account_not_found",
  9109: "permission_denied",
  10000: "authentication_error",
};

/**
 * Reads the failure that an object tells: as Together and OpenAI write it in `error`, Google with a status and
 * a reason of its own; as vLLM did, at the top; as FastAPI does, in `detail`; as Cloudflare does, in `errors`.
 *
 * @returns null where it tells none.
 */
export function readFailure(body: JsonObject): ReportedFailure | null {
  const first = body.success === false && Array.isArray(body.errors)
    ? asObject(body.errors[0])
    : null;
  const isError = body.object === "error" || body.type === "error" || isTold(body.error) ||
    first !== null;
  const isOnlyMessage = !("choices" in body) && !("usage" in body) &&
    (typeof body.message === "string" || "detail" in body);
  if (!isError && !isOnlyMessage) return null;
  const told = asObject(body.error) ?? first ?? body;
  const locations = Array.isArray(body.detail) ? body.detail.map(asObject) : [];
  const location = locations.map((each) => each?.loc).find(Array.isArray);
  return {
    code: readCode(told, first !== null),
    param: toIdentifier(told.param) ?? toIdentifier(location?.join(".")),
    status: Number.isInteger(told.code) ? told.code as number : undefined,
  };
}

/** The most particular word for it; a number in quotes is none while there is another. */
function readCode(told: JsonObject, isCloudflare: boolean): string | undefined {
  if (isCloudflare) return CLOUDFLARE_CODES[told.code as number];
  const details = Array.isArray(told.details) ? told.details.map(asObject) : [];
  const reason = details.map((each) => each?.reason).find(isTold) ?? told.reason;
  const type = told.type === "error" ? undefined : told.type;
  const words = [told.code, reason, type, told.status].map(toIdentifier);
  return words.find((each) => each !== undefined && /[a-z]/.test(each)) ?? words[0];
}

/** Whether there is a value that says something. */
export function isTold(error: unknown): boolean {
  return error !== undefined && error !== null && error !== false && error !== "";
}

/** Where there is nothing to tell, LiteLLM writes Python's word for that as a text. */
const IDENTIFIER = /^(?!(?:none|null)$)[a-z0-9_.[\]-]{1,64}$/i;

function toIdentifier(value: unknown): string | undefined {
  const isIdentifier = typeof value === "string" && IDENTIFIER.test(value);
  return isIdentifier ? value.toLowerCase() : undefined;
}

/** The value where it is an object, and no list; else null. */
export function asObject(value: unknown): JsonObject | null {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? value as JsonObject : null;
}
