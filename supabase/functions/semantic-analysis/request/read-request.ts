/** Reads a request in any of the forms that it may come in. */

import { toBase64Length } from "../../_shared/platform/base64/base64.ts";
import { OTHER_FIELDS_BYTES, toMaxJsonBytes } from "../../_shared/platform/body/body-limits.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import { readMediaType } from "../../_shared/platform/body/media-type.ts";
import { announcedBytes, readBytes } from "../../_shared/platform/body/read-body.ts";
import { parseFormBody } from "./form-body.ts";
import { parsePictureBody } from "./picture-body.ts";
import { parseJsonBody } from "./json-body.ts";
import {
  type AnalysisRequest,
  type ParseRequestOptions,
  type RequestFields,
  toAnalysisRequest,
} from "./request.ts";

type BodyForm = "json" | "form" | "picture";

/**
 * Reads and checks a request: JSON, a form, or the picture itself.
 *
 * @throws {ApiError} UNSUPPORTED_MEDIA_TYPE for another form, IMAGE_TOO_LARGE, INVALID_REQUEST with a
 *   problem for each wrong field, FORBIDDEN, or what the picture is refused with.
 */
export async function readAnalysisRequest(
  request: Request,
  options: ParseRequestOptions,
): Promise<AnalysisRequest> {
  const form = requireBodyForm(request);
  const body = await readBytes(request, toMaxBodyBytes(form, options.maxImageBytes));
  return await toAnalysisRequest({
    isStreamed: acceptsEventStream(request),
    ...parseBody(form, body, request),
  }, options);
}

/**
 * Bytes of memory to reserve for a request before it is read: the length of its base64, in which all
 * forms end up, by the announced length or the largest possible one.
 *
 * @throws {ApiError} UNSUPPORTED_MEDIA_TYPE
 */
export function toReservedBytes(request: Request, maxImageBytes: number): number {
  const form = requireBodyForm(request);
  const maxBytes = toMaxBodyBytes(form, maxImageBytes);
  const bodyBytes = Math.min(announcedBytes(request) ?? maxBytes, maxBytes);
  return form === "json" ? bodyBytes : toBase64Length(bodyBytes);
}

/** What a request that has been read still holds of them. */
export function toHeldBytes({ picture }: AnalysisRequest): number {
  return picture.kind === "bytes" ? picture.base64.length : 0;
}

function requireBodyForm(request: Request): BodyForm {
  const mediaType = toMediaType(request);
  if (mediaType === "application/json") return "json";
  if (mediaType === "multipart/form-data") return "form";
  if (mediaType === "application/octet-stream" || mediaType.startsWith("image/")) return "picture";
  throw new ApiError(
    "UNSUPPORTED_MEDIA_TYPE",
    `The body is ${mediaType ? `"${mediaType.slice(0, 64)}"` : "of no stated type"}; it must be ` +
      `"application/json", "multipart/form-data", "image/…" or "application/octet-stream"`,
  );
}

function parseBody(
  form: BodyForm,
  body: Uint8Array<ArrayBuffer>,
  request: Request,
): RequestFields {
  switch (form) {
    case "json":
      return parseJsonBody(body);
    case "form":
      return parseFormBody(body, request.headers.get("content-type")!);
    case "picture":
      return parsePictureBody(body, toMediaType(request), new URL(request.url).searchParams);
  }
}

function toMaxBodyBytes(form: BodyForm, maxImageBytes: number): number {
  return form === "json" ? toMaxJsonBytes(maxImageBytes) : maxImageBytes + OTHER_FIELDS_BYTES;
}

function toMediaType({ headers }: Request): string {
  return readMediaType(headers.get("content-type"));
}

function acceptsEventStream({ headers }: Request): boolean {
  return (headers.get("accept") ?? "").split(",")
    .some((range) => /^\s*text\/event-stream\s*(;(?!\s*q=0(\.0*)?\s*$).*)?$/i.test(range));
}
