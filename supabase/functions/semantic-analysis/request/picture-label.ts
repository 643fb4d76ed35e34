/** What the sender calls a picture: corrected where it is wrong, for the first bytes decide. */

import type { Warning } from "../../_shared/client/contract.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import { readMediaType } from "../../_shared/platform/body/media-type.ts";
import type { PictureMediaType } from "./picture-header.ts";

/** What senders say that know no better. */
const SAYS_NOTHING = new Set([
  ...["", "image", "image/*", "*/*", "undefined", "null", "text/plain"],
  ...["application/octet-stream", "binary/octet-stream"],
]);

/** `image/jpg` and the like are other names of the same, not a disagreement. */
const OTHER_NAMES: Record<string, PictureMediaType> = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/x-png": "image/png",
};

/** Whether the label is a reason to look at the first bytes at all. */
export function mayBePicture(label: string): boolean {
  return SAYS_NOTHING.has(label) || label.startsWith("image/");
}

/** @throws {ApiError} UNSUPPORTED_IMAGE_TYPE for the label of something else. */
function requirePictureLabel(label: string): void {
  if (mayBePicture(label)) return;
  throw new ApiError(
    "UNSUPPORTED_IMAGE_TYPE",
    `The picture is labelled "${label.slice(0, 64)}", which is no type of a picture`,
  );
}

/** Tells of a label that names another type than the first bytes. */
export function toLabelWarnings(label: string, mediaType: PictureMediaType): Warning[] {
  const isRight = label !== "text/plain" && SAYS_NOTHING.has(label);
  if (isRight || (OTHER_NAMES[label] ?? label) === mediaType) return [];
  return [toMislabelled("picture", label, mediaType)];
}

/** Tells what something is that was labelled as something else. */
export function toMislabelled(what: string, label: string, actual: string): Warning {
  return {
    code: "MEDIA_TYPE_CORRECTED",
    message: `The ${what} is labelled "${label.slice(0, 64)}" but is "${actual}"`,
  };
}

/** Of a data: URI, most that stands before its comma: forms put the file's name there, percent-encoded. */
export const MAX_PREFIX_LENGTH = 1_024;

/**
 * Reads a data: URI up to its data: `data:[<media type>][;<parameter>]*;base64,`, RFC 2397. Blanks before the
 * data are no part of it, as in a browser.
 *
 * @param text All of it, or its beginning.
 * @returns the label, and where the data begins.
 * @throws {ApiError} INVALID_IMAGE for another form; UNSUPPORTED_IMAGE_TYPE for the label of something else.
 */
export function readDataUri(text: string): { label: string; dataStart: number } {
  const beginning = text.slice(0, MAX_PREFIX_LENGTH);
  const prefix = /^data:[^,]*;\s*base64\s*,\s*/i.exec(beginning)?.[0];
  if (prefix === undefined) {
    throw new ApiError("INVALID_IMAGE", "The data: URI is not of the form data:image/…;base64,…");
  }
  const label = readMediaType(prefix.slice("data:".length));
  requirePictureLabel(label);
  return { label, dataStart: prefix.length };
}
