/** From what a caller sends as a picture to one we know the type and size of. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { ApiError } from "../_shared/http/api-error.ts";
import { discard } from "../_shared/http/body.ts";
import type { Warning } from "../_shared/semantic-analysis/contract.ts";
import {
  type ImageMediaType,
  type ImageSize,
  readImageSize,
  sniffMediaType,
} from "./image-header.ts";
import { parseImageUrl } from "./image-url.ts";

export type Image =
  | {
    kind: "bytes";
    mediaType: ImageMediaType;
    /** Strict base64 of the bytes. */
    base64: string;
    /** Of the bytes, as hex. */
    sha256: string;
    byteLength: number;
    width: number;
    height: number;
  }
  | { kind: "url"; url: string };

export interface ParsedImage {
  image: Image;
  warnings: Warning[];
}

export interface ParseImageOptions {
  maxImageBytes: number;
  isImageUrlAllowed: boolean;
}

/**
 * Parses base64, a data URI or an https URL.
 *
 * @throws {ApiError} INVALID_REQUEST, INVALID_IMAGE, UNSUPPORTED_IMAGE_TYPE or IMAGE_TOO_LARGE
 */
export function parseImage(
  text: string,
  options: ParseImageOptions,
): ParsedImage {
  if (text === "") throw new ApiError("INVALID_IMAGE", "The image is empty");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text.slice(0, 64))?.[1]?.toLowerCase();
  if (scheme === undefined) return parseBase64(text, null, options);
  if (scheme === "data") {
    const { base64, label } = splitDataUri(text);
    return parseBase64(base64, label, options);
  }
  const url = parseImageUrl(text);
  if (!options.isImageUrlAllowed) {
    throw new ApiError("INVALID_REQUEST", "This project takes pictures as bytes, not by URL", {
      details: { image_data: "must be base64 or a data: URI" },
    });
  }
  return { image: { kind: "url", url }, warnings: [] };
}

/**
 * Parses a picture that was sent as it is.
 *
 * @param label What the sender calls its type, in lower case; null, or `application/octet-stream`, when
 *   that says nothing.
 * @throws {ApiError} INVALID_IMAGE, UNSUPPORTED_IMAGE_TYPE or IMAGE_TOO_LARGE
 */
export function parseImageBytes(
  bytes: Uint8Array<ArrayBuffer>,
  label: string | null,
  { maxImageBytes }: ParseImageOptions,
): ParsedImage {
  if (bytes.byteLength === 0) throw new ApiError("INVALID_IMAGE", "The image is empty");
  if (bytes.byteLength > maxImageBytes) throw tooLarge(bytes.byteLength, maxImageBytes);
  const type = label === "application/octet-stream" ? null : label;
  if (type !== null && !type.startsWith("image/")) {
    throw new ApiError(
      "UNSUPPORTED_IMAGE_TYPE",
      `The image is labelled "${type.slice(0, 64)}", which is no image type`,
    );
  }
  const facts = readFacts(bytes);
  const { buffer, byteOffset, byteLength } = bytes;
  const base64 = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
  return toParsedImage(facts, base64, type);
}

/** `data:<media type>[;<parameter>]*;base64,<data>`, RFC 2397. */
function splitDataUri(uri: string): { base64: string; label: string } {
  const comma = uri.indexOf(",");
  const header = uri.slice(0, Math.min(comma, 256)).toLowerCase();
  if (comma === -1 || !header.endsWith(";base64")) {
    throw new ApiError("INVALID_IMAGE", "The data URI is not of the form data:image/…;base64,…");
  }
  const label = header.slice("data:".length).split(";")[0]!.trim();
  if (!label.startsWith("image/")) {
    throw new ApiError(
      "UNSUPPORTED_IMAGE_TYPE",
      `The data URI holds ${label ? `"${label.slice(0, 64)}"` : "no media type"}, not an image`,
    );
  }
  return { base64: uri.slice(comma + 1), label };
}

function parseBase64(
  base64: string,
  label: string | null,
  { maxImageBytes }: ParseImageOptions,
): ParsedImage {
  const bytes = decodeBase64(base64, maxImageBytes);
  const facts = readFacts(bytes);
  discard(bytes);
  return toParsedImage(facts, base64, label);
}

interface ImageFacts extends ImageSize {
  mediaType: ImageMediaType;
  byteLength: number;
  sha256: string;
}

function readFacts(bytes: Uint8Array): ImageFacts {
  const { byteLength } = bytes;
  const mediaType = sniffMediaType(bytes);
  if (mediaType === null) {
    throw new ApiError(
      "UNSUPPORTED_IMAGE_TYPE",
      "The image is neither JPEG, PNG, WebP nor GIF by its first bytes",
    );
  }
  const size = readImageSize(bytes, mediaType);
  if (size === null) {
    throw new ApiError(
      "INVALID_IMAGE",
      `The header of the ${mediaType} image is cut off or broken`,
    );
  }
  if (size.width === 0 || size.height === 0) {
    throw new ApiError("INVALID_IMAGE", `The image is ${size.width} × ${size.height} pixels`);
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { mediaType, byteLength, sha256, ...size };
}

function toParsedImage(facts: ImageFacts, base64: string, label: string | null): ParsedImage {
  return {
    image: { kind: "bytes", base64, ...facts },
    warnings: isSameType(label, facts.mediaType) ? [] : [{
      code: "MEDIA_TYPE_CORRECTED",
      message: `The image is labelled "${label?.slice(0, 64)}" but is "${facts.mediaType}"`,
    }],
  };
}

function tooLarge(byteLength: number, maxImageBytes: number): ApiError {
  return new ApiError(
    "IMAGE_TOO_LARGE",
    `The image has "${byteLength}" bytes, at most "${maxImageBytes}" are taken`,
    { details: { max_image_bytes: maxImageBytes } },
  );
}

/**
 * Decodes strict base64 (RFC 4648 §4: standard alphabet, padded, no line breaks). `Buffer` skips
 * what it doesn't know and takes the URL-safe alphabet too, so the length and those two characters
 * are checked; that is several times cheaper than a regular expression over megabytes.
 */
function decodeBase64(base64: string, maxBytes: number): Uint8Array {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  const expectedLength = Math.floor(base64.length / 4) * 3 - padding;
  if (expectedLength > maxBytes) throw tooLarge(expectedLength, maxBytes);
  if (base64.includes("-") || base64.includes("_")) {
    throw new ApiError(
      "INVALID_IMAGE",
      "The image is in URL-safe base64, standard base64 is wanted",
    );
  }
  const bytes = base64.length % 4 === 0 ? decodeLeniently(base64) : null;
  if (bytes === null || bytes.byteLength !== expectedLength || expectedLength <= 0) {
    throw new ApiError("INVALID_IMAGE", "The image is not valid base64");
  }
  return bytes;
}

/** null where the runtime's `Buffer` throws instead of skipping, as Deno 2.1's does at times. */
function decodeLeniently(base64: string): Uint8Array | null {
  try {
    return Buffer.from(base64, "base64");
  } catch {
    return null;
  }
}

/** `image/jpg` is a common misspelling, not a disagreement. */
function isSameType(label: string | null, mediaType: ImageMediaType): boolean {
  return label === null || label === mediaType ||
    (label === "image/jpg" && mediaType === "image/jpeg");
}
