/** From what a caller sends as a picture to one we know the type and size of. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  type Base64Text,
  createRoom,
  encodeBase64Text,
} from "../../_shared/platform/base64/base64-text.ts";
import { decodeBase64 } from "../../_shared/platform/base64/base64.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import type { Warning } from "../../_shared/client/contract.ts";
import {
  type PictureMediaType,
  type PictureSize,
  readPictureSize,
  sniffMediaType,
} from "./picture-header.ts";
import { parsePictureUrl } from "./picture-url.ts";

export type Picture =
  | {
    kind: "bytes";
    mediaType: PictureMediaType;
    /** Strict base64 of the bytes. */
    base64: Base64Text;
    /** SHA-256 of the bytes, as lower-case hex: the same in whatever form they were sent. */
    sha256: string;
    byteLength: number;
    width: number;
    height: number;
  }
  | { kind: "url"; url: string };

export interface ParsedPicture {
  picture: Picture;
  warnings: Warning[];
}

export interface ParsePictureOptions {
  maxImageBytes: number;
  isImageUrlAllowed: boolean;
}

/**
 * Parses base64, a data URI or an https URL.
 *
 * @throws {ApiError} INVALID_REQUEST, INVALID_IMAGE, UNSUPPORTED_IMAGE_TYPE or IMAGE_TOO_LARGE
 */
export async function parsePicture(
  text: string,
  options: ParsePictureOptions,
): Promise<ParsedPicture> {
  if (text === "") throw new ApiError("INVALID_IMAGE", "The image is empty");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text.slice(0, 64))?.[1]?.toLowerCase();
  if (scheme === undefined) return await parseBase64(text, null, options);
  if (scheme === "data") {
    const { base64, label } = splitDataUri(text);
    return await parseBase64(base64, label, options);
  }
  const url = parsePictureUrl(text);
  if (!options.isImageUrlAllowed) {
    throw new ApiError("INVALID_REQUEST", "This project takes pictures as bytes, not by URL", {
      details: { image_data: "must be base64 or a data: URI" },
    });
  }
  return { picture: { kind: "url", url }, warnings: [] };
}

/** A picture whose base64 has been decoded already. */
export interface DecodedPicture {
  /** What stood before the base64: nothing, or a data URI up to its comma. */
  prefix: string;
  base64: Base64Text;
  /** Not needed any longer once the promise is returned. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** Does what is left. @throws {ApiError} as `parsePicture` */
export async function parseDecodedPicture(
  { prefix, base64, bytes }: DecodedPicture,
  { maxImageBytes }: ParsePictureOptions,
): Promise<ParsedPicture> {
  const label = prefix === "" ? null : splitDataUri(prefix).label;
  if (bytes.byteLength > maxImageBytes) throw tooLarge(bytes.byteLength, maxImageBytes);
  return toParsedImage(await readFacts(bytes), base64, label);
}

/**
 * Parses a picture that was sent as it is.
 *
 * @param bytes Not needed any longer once this returns its promise.
 * @param label What the sender calls its type, in lower case; null, or `application/octet-stream`, when
 *   that says nothing.
 * @throws {ApiError} INVALID_IMAGE, UNSUPPORTED_IMAGE_TYPE or IMAGE_TOO_LARGE
 */
export async function parsePictureBytes(
  bytes: Uint8Array<ArrayBuffer>,
  label: string | null,
  { maxImageBytes }: ParsePictureOptions,
): Promise<ParsedPicture> {
  if (bytes.byteLength === 0) throw new ApiError("INVALID_IMAGE", "The image is empty");
  if (bytes.byteLength > maxImageBytes) throw tooLarge(bytes.byteLength, maxImageBytes);
  const type = label === "application/octet-stream" ? null : label;
  if (type !== null && !type.startsWith("image/")) {
    throw new ApiError(
      "UNSUPPORTED_IMAGE_TYPE",
      `The image is labelled "${type.slice(0, 64)}", which is no image type`,
    );
  }
  const base64 = encodeBase64Text(bytes);
  return toParsedImage(await readFacts(bytes), base64, type);
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

async function parseBase64(
  base64: string,
  label: string | null,
  { maxImageBytes }: ParsePictureOptions,
): Promise<ParsedPicture> {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  const expectedLength = Math.floor(base64.length / 4) * 3 - padding;
  if (expectedLength > maxImageBytes) throw tooLarge(expectedLength, maxImageBytes);
  const room = createRoom(base64.length);
  const { read } = new TextEncoder().encodeInto(base64, room.text);
  const bytes = new Uint8Array(expectedLength + 2);
  const decoded = read === base64.length ? decodeBase64(room.text, bytes) : null;
  if (decoded === null || decoded.end !== base64.length || decoded.byteLength === 0) {
    throw new ApiError(
      "INVALID_IMAGE",
      /[-_]/.test(base64)
        ? "The image is in URL-safe base64; it must be standard base64"
        : "The image is not valid base64",
    );
  }
  const facts = await readFacts(bytes.subarray(0, decoded.byteLength));
  return toParsedImage(facts, room.toBase64Text(), label);
}

interface PictureFacts extends PictureSize {
  mediaType: PictureMediaType;
  byteLength: number;
  sha256: string;
}

/** @param bytes Read, and copied where need be, when this returns. */
async function readFacts(bytes: Uint8Array<ArrayBuffer>): Promise<PictureFacts> {
  const { byteLength } = bytes;
  const mediaType = sniffMediaType(bytes);
  if (mediaType === null) {
    throw new ApiError(
      "UNSUPPORTED_IMAGE_TYPE",
      "The image is neither JPEG, PNG, WebP nor GIF by its first bytes",
    );
  }
  const size = readPictureSize(bytes, mediaType);
  if (size === null) {
    throw new ApiError(
      "INVALID_IMAGE",
      `The header of the ${mediaType} image is cut off or broken`,
    );
  }
  if (size.width === 0 || size.height === 0) {
    throw new ApiError("INVALID_IMAGE", `The image is ${size.width} × ${size.height} pixels`);
  }
  return { mediaType, byteLength, sha256: await toSha256(bytes), ...size };
}

/** From here on WebCrypto is faster, although it goes to another thread. */
const MIN_WEB_CRYPTO_BYTES = 64 * 1024;

/** As hex. `createHash` alone would take three times as long for megabytes on Deno 2.1. */
async function toSha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (bytes.byteLength < MIN_WEB_CRYPTO_BYTES) {
    return createHash("sha256").update(bytes).digest("hex");
  }
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
}

function toParsedImage(
  facts: PictureFacts,
  base64: Base64Text,
  label: string | null,
): ParsedPicture {
  return {
    picture: { kind: "bytes", base64, ...facts },
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

/** `image/jpg` is a common misspelling, not a disagreement. */
function isSameType(label: string | null, mediaType: PictureMediaType): boolean {
  return label === null || label === mediaType ||
    (label === "image/jpg" && mediaType === "image/jpeg");
}
