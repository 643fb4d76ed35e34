/** Reads a request in any of the forms that it may come in. */

import { OTHER_FIELDS_BYTES, toMaxJsonBytes } from "../../_shared/platform/body/body-limits.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import { CURL_TYPE, isJsonType, readMediaTypes } from "../../_shared/platform/body/media-type.ts";
import { readBody } from "../../_shared/platform/body/read-body.ts";
import type { Allocation } from "../../_shared/platform/body/byte-semaphore.ts";
import { parseFormBody } from "./form-body.ts";
import { nameForeignFile } from "./formats/foreign.ts";
import { parsePictureBody } from "./picture-body.ts";
import { sniffMediaType } from "./picture-header.ts";
import { mayBePicture, toMislabelled } from "./picture-label.ts";
import { parseJsonBody } from "./json-body.ts";
import {
  type AnalysisRequest,
  type ParseRequestOptions,
  type RequestFields,
  toAnalysisRequest,
} from "./request.ts";

const JSON_TYPE = "application/json";
const FORM_TYPE = "multipart/form-data";

/** Enough for blanks before JSON, and for a form's first line. */
const SNIFFED_BYTES = 512;

/** Of bytes that may be no text. */
const UTF8 = new TextDecoder();

/** What a body is called. Of one that may be several things, the first bytes decide. */
type Label = "json" | "form" | "unsure";

/**
 * Reads and checks a request: JSON, a form, or the picture itself.
 *
 * @param allocation Takes the memory of the body and of its picture.
 * @throws {ApiError} UNSUPPORTED_MEDIA_TYPE for another form, IMAGE_TOO_LARGE, BODY_TOO_LARGE, OVERLOADED,
 *   INVALID_REQUEST with a problem for each wrong field, FORBIDDEN, or what the picture is refused with.
 */
export async function readAnalysisRequest(
  request: Request,
  allocation: Allocation,
  options: ParseRequestOptions,
): Promise<AnalysisRequest> {
  const types = readMediaTypes(request);
  const label = requireLabel(types);
  const { maxImageBytes } = options;
  const body = await readBody(request, {
    maxBytes: label === "form" ? maxImageBytes + OTHER_FIELDS_BYTES : toMaxJsonBytes(maxImageBytes),
    maxImageBytes,
    allocation,
    // A picture ends up as base64.
    memoryRatio: label === "json" ? 1 : 4 / 3,
  });
  return await toAnalysisRequest({
    isStreamed: acceptsEventStream(request),
    ...parseBody(body, types, request, { maxImageBytes, own: allocation.own }),
  }, { ...options, own: allocation.own });
}

/** @throws {ApiError} UNSUPPORTED_MEDIA_TYPE */
function requireLabel(types: string[]): Label {
  const [type = ""] = types;
  if (types.length === 1 && type === JSON_TYPE) return "json";
  if (type === FORM_TYPE) return "form";
  const mayBeEither = (type: string) =>
    isJsonType(type) || type === CURL_TYPE || mayBePicture(type);
  if (types.every(mayBeEither)) return "unsure";
  throw unsupported(types);
}

function unsupported(types: string[]): ApiError {
  return new ApiError(
    "UNSUPPORTED_MEDIA_TYPE",
    `The body is "${types.join(", ").slice(0, 64)}"; it must be "application/json", ` +
      `"multipart/form-data", "image/…" or "application/octet-stream"`,
  );
}

function parseBody(
  body: Uint8Array<ArrayBuffer>,
  types: string[],
  request: Request,
  { maxImageBytes, own }: Pick<ParseRequestOptions, "maxImageBytes" | "own">,
): RequestFields {
  const type = types.find((type) => type !== "application/octet-stream") ?? "";
  const isRight = (actual: string) => types.length > 1 || type === actual || type === "";
  const withWarning = (fields: RequestFields, actual: string) =>
    isRight(actual) ? fields : { ...fields, warnings: [toMislabelled("body", type, actual)] };
  const form = sniffForm(body);
  if (type === FORM_TYPE || form === "form") {
    const contentType = request.headers.get("content-type") ?? "";
    // Set by hand, it lacks the boundary that only the maker of the form knows.
    const isComplete = type === FORM_TYPE && (form === null || /boundary=/i.test(contentType));
    const completed = isComplete ? contentType : `${FORM_TYPE}; boundary="${readBoundary(body)}"`;
    return withWarning(parseFormBody(body, completed, maxImageBytes), FORM_TYPE);
  }
  if (form === "json" || (isJsonType(type) && form !== "picture" && mayBeText(body))) {
    return withWarning(parseJsonBody(body, maxImageBytes, own), JSON_TYPE);
  }
  // A text that is labelled as one, or as the form that it may be, is no picture with a wrong label.
  const isLabelledText = type === "text/plain" || type === CURL_TYPE;
  if (isLabelledText && nameForeignFile(body)?.name === "text") throw unsupported(types);
  return parsePictureBody(body, type, new URL(request.url).searchParams);
}

/** What a body is by its first bytes; null for none of it. */
function sniffForm(body: Uint8Array): "json" | "form" | "picture" | null {
  if (sniffMediaType(body) !== null) return "picture";
  const beginning = UTF8.decode(body.subarray(0, SNIFFED_BYTES)).trimStart();
  if (beginning.startsWith("{")) return "json";
  return /^--\S{1,70}\r\ncontent-/i.test(beginning) ? "form" : null;
}

/** Whether its first byte may begin a text in UTF-8: a file with a name of its own is called by that. */
function mayBeText([first = 0x20]: Uint8Array): boolean {
  return first === 0xef || (first >= 0x20 && first < 0x80) || [0x09, 0x0a, 0x0d].includes(first);
}

function readBoundary(body: Uint8Array): string {
  return UTF8.decode(body.subarray(2, 80)).split("\r\n", 1)[0]!;
}

function acceptsEventStream({ headers }: Request): boolean {
  return (headers.get("accept") ?? "").split(",")
    .some((range) => /^\s*text\/event-stream\s*(;(?!\s*q=0(\.0*)?\s*$).*)?$/i.test(range));
}
