/** From what a caller sends as a picture to one we know the type and size of. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  type Base64Buffer,
  createBase64Buffer,
  createBase64Memory,
} from "../../_shared/platform/base64/base64-buffer.ts";
import {
  decodeBase64,
  encodeBase64,
  toBase64Length,
} from "../../_shared/platform/base64/base64.ts";
import { freeMemory } from "../../_shared/platform/body/freed-memory.ts";
import { toMegabytes } from "../../_shared/platform/body/megabytes.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import type { AnsweredObject } from "../../_shared/platform/limits/rate-limiter.ts";
import type { ObjectPlace } from "../../_shared/platform/storage/object-place.ts";
import type { Warning } from "../../_shared/client/contract.ts";
import { nameForeignFile } from "./formats/foreign.ts";
import type { Blank, PictureSize, StructureProblem } from "./formats/structure.ts";
import { invalidBase64 } from "./invalid-base64.ts";
import { type PictureMediaType, readStructure, sniffMediaType } from "./picture-header.ts";
import { readDataUri, toLabelWarnings } from "./picture-label.ts";
import { parsePictureUrl } from "./picture-url.ts";

/** As the provider takes it. */
export type OpenPicture =
  | {
    kind: "bytes";
    mediaType: PictureMediaType;
    /** Strict base64 of the bytes, their metadata blanked. */
    base64: Base64Buffer;
    /** SHA-256 of the bytes as they came, as lower-case hex: the same in whatever form they were sent. */
    sha256: string;
    byteLength: number;
    width: number;
    height: number;
  }
  | { kind: "url"; url: string };

/** A picture whose row was read, and whose bytes were not. */
export interface StoredPicture {
  kind: "stored";
  /** The same for the same bytes at the same place, by what Storage says of them. */
  identity: readonly (string | number)[];
  /**
   * Runs `use` with the picture as the provider takes it, and gives its memory back afterwards.
   *
   * @throws {ApiError} IMAGE_NOT_FOUND when it is not there any more, OVERLOADED, UPSTREAM_UNAVAILABLE, or
   *   what the picture is refused with
   */
  open<T>(use: (opened: ParsedOpenPicture) => Promise<T>): Promise<T>;
  /**
   * What an answer is about, to be compared once it is there. Where that can't be, it is believed to be
   * unchanged if the bytes that were opened are those of the identity; never behind a URL.
   */
  toAnswered(): AnsweredObject;
}

/** What is asked about: bytes, a URL, or a place in Storage that is opened later. */
export type Picture = OpenPicture | StoredPicture;

/** A picture, and what was corrected of its label. */
export interface ParsedPicture {
  picture: Picture;
  warnings: Warning[];
}

/** The same of one that needs no opening any more. */
export interface ParsedOpenPicture extends ParsedPicture {
  picture: OpenPicture;
}

/** Which pictures are taken, and how one in Storage is found. */
export interface ParsePictureOptions {
  maxImageBytes: number;
  isImageUrlAllowed: boolean;
  /**
   * Finds a picture in Storage, in the caller's stead; without it there is none.
   *
   * @throws {ApiError} as `findStoredPicture`
   */
  findStored?: (place: ObjectPlace) => Promise<StoredPicture>;
  /** Is given the memory that a picture takes beside the body's, to be freed with it. */
  own?: (memory: Uint8Array<ArrayBuffer>) => void;
}

/**
 * Parses base64, a data URI or an https URL; blanks around it are no part of it.
 *
 * @throws {ApiError} INVALID_REQUEST, INVALID_IMAGE, UNSUPPORTED_IMAGE_TYPE or IMAGE_TOO_LARGE
 */
export async function parsePicture(
  untrimmed: string,
  options: ParsePictureOptions,
): Promise<ParsedPicture> {
  const text = untrimmed.trim();
  if (text === "") throw new ApiError("INVALID_IMAGE", "The picture is empty");
  // One letter is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text.slice(0, 64))?.[1]?.toLowerCase();
  if (scheme === undefined) return await parseBase64(text, "", options);
  if (scheme === "data") {
    const { label, dataStart } = readDataUri(text);
    return await parseBase64(text.slice(dataStart), label, options);
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
  label: string;
  /** Sent on as it is, but for the metadata. */
  base64: Uint8Array<ArrayBuffer>;
  /** Given up. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** Does what is left. @throws {ApiError} as `parsePicture` */
export async function parseDecodedPicture(
  { label, base64, bytes }: DecodedPicture,
  { maxImageBytes }: ParsePictureOptions,
): Promise<ParsedPicture> {
  return await toPicture(bytes, label, maxImageBytes, () => base64);
}

/**
 * Parses a picture that was sent as it is.
 *
 * @param bytes Given up, with the body they lie in: the memory is freed.
 * @param label What the sender calls its type, in lower case; `""` for nothing.
 * @throws {ApiError} INVALID_IMAGE, UNSUPPORTED_IMAGE_TYPE or IMAGE_TOO_LARGE
 */
export async function parsePictureBytes(
  bytes: Uint8Array<ArrayBuffer>,
  label: string,
  { maxImageBytes, own }: Pick<ParsePictureOptions, "maxImageBytes" | "own">,
): Promise<ParsedOpenPicture> {
  return await toPicture(bytes, label, maxImageBytes, () => {
    const base64 = createBase64Memory(toBase64Length(bytes.byteLength));
    own?.(base64);
    encodeBase64(bytes, base64);
    return base64;
  });
}

async function parseBase64(
  text: string,
  label: string,
  { maxImageBytes, own }: ParsePictureOptions,
): Promise<ParsedPicture> {
  // RFC 2045 §6.8 wraps it, and command-line tools end it with a line break.
  const base64 = /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, "") : text;
  if (base64 === "") throw new ApiError("INVALID_IMAGE", "The picture is empty");
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  const expectedLength = Math.floor(base64.length / 4) * 3 - padding;
  if (expectedLength > maxImageBytes) throw tooLarge(expectedLength, maxImageBytes);
  const memory = createBase64Memory(base64.length);
  own?.(memory);
  const { read } = new TextEncoder().encodeInto(base64, memory);
  const bytes = new Uint8Array(expectedLength + 2);
  const decoded = read === base64.length ? decodeBase64(memory, bytes) : null;
  if (decoded === null || decoded.end !== base64.length || decoded.byteLength === 0) {
    throw invalidBase64(base64, base64.length);
  }
  return await toPicture(
    bytes.subarray(0, decoded.byteLength),
    label,
    maxImageBytes,
    () => memory,
  );
}

/** @param bytes Given up. @param toBase64 Called before they are changed. */
async function toPicture(
  bytes: Uint8Array<ArrayBuffer>,
  label: string,
  maxImageBytes: number,
  toBase64: () => Uint8Array<ArrayBuffer>,
): Promise<ParsedOpenPicture> {
  const { byteLength } = bytes;
  if (byteLength === 0) throw new ApiError("INVALID_IMAGE", "The picture is empty");
  if (byteLength > maxImageBytes) throw tooLarge(byteLength, maxImageBytes);
  const mediaType = sniffMediaType(bytes);
  if (mediaType === null) throw foreign(bytes);
  const structure = readStructure(bytes, mediaType);
  if (typeof structure === "string") throw invalid(mediaType, structure);
  const { width, height, blanks } = structure;
  requireUsualSize({ width, height }, mediaType);
  const base64 = toBase64();
  // It takes a copy of the bytes before it returns its promise, so they may be changed.
  const digest = toSha256(bytes);
  for (const blank of blanks) blankOut(blank, bytes, base64);
  const sha256 = await digest;
  freeMemory(bytes);
  return {
    picture: {
      kind: "bytes",
      mediaType,
      base64: createBase64Buffer(base64),
      sha256,
      byteLength,
      width,
      height,
    },
    warnings: toLabelWarnings(label, mediaType),
  };
}

/** Blanks some of the bytes, and of their base64 the groups that hold them. */
function blankOut(
  { start, end, head }: Blank,
  bytes: Uint8Array<ArrayBuffer>,
  base64: Uint8Array<ArrayBuffer>,
): void {
  bytes.fill(0, start, end);
  if (head) bytes.set(head, start);
  const firstGroup = Math.floor(start / 3);
  const endGroup = Math.ceil(end / 3);
  encodeBase64(
    bytes.subarray(firstGroup * 3, endGroup * 3),
    base64.subarray(firstGroup * 4, endGroup * 4),
  );
}

/** Models fail on what is thinner; 200 is what the strictest of them takes. */
const [MIN_SIDE_PIXELS, MAX_RATIO] = [3, 200];

/**
 * A GIF of one pixel passes: clients and monitors send it to try the whole way, not to learn of a
 * material, and a model that fails on it is passed over like any other.
 */
function requireUsualSize({ width, height }: PictureSize, mediaType: string): void {
  if (mediaType === "image/gif" && width === 1 && height === 1) return;
  const [short, long] = width < height ? [width, height] : [height, width];
  if (short >= MIN_SIDE_PIXELS && long <= MAX_RATIO * short) return;
  throw new ApiError(
    "INVALID_IMAGE",
    `The picture is ${width} × ${height} pixels; each side must have at least ${MIN_SIDE_PIXELS}, ` +
      `and one at most ${MAX_RATIO} times the other`,
  );
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

const SUPPORTED = ["JPEG", "PNG", "WebP", "GIF"];

function foreign(bytes: Uint8Array): ApiError {
  const file = nameForeignFile(bytes);
  const details = { supported: SUPPORTED, ...(file && { found: file.name }) };
  const message = file
    ? `The file is ${file.name}, not JPEG, PNG, WebP or GIF: ${file.wayOut}`
    : "The file is neither JPEG, PNG, WebP nor GIF by its first bytes";
  return new ApiError("UNSUPPORTED_IMAGE_TYPE", message, { details });
}

const PROBLEMS: Record<StructureProblem, string> = {
  "broken": "is broken: its beginning makes no sense",
  "cut off": "is cut off: its end is missing; send the whole file",
  "too many pieces": "has its metadata in thousands of pieces: save it anew without them",
};

function invalid(mediaType: PictureMediaType, problem: StructureProblem): ApiError {
  const name = SUPPORTED.find((name) => mediaType === `image/${name.toLowerCase()}`);
  return new ApiError("INVALID_IMAGE", `The ${name} ${PROBLEMS[problem]}`);
}

/** 413 of a picture of so many bytes, decoded. */
export function tooLarge(byteLength: number, maxImageBytes: number): ApiError {
  return new ApiError(
    "IMAGE_TOO_LARGE",
    `The picture has ${toMegabytes(byteLength)}; at most ${toMegabytes(maxImageBytes)} are taken`,
    { details: { image_bytes: byteLength, max_image_bytes: maxImageBytes } },
  );
}
