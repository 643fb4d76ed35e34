/**
 * Splits a body of JSON into its longest text, which is a picture, and the rest. Only the rest is given to
 * `JSON.parse`, and only when it is small: megabytes of `[{},{},…]` would become a hundred times as much
 * memory, and a picture of megabytes would become a string.
 */

import { ApiError } from "../http/api-error.ts";
import { invalidRequest } from "../http/invalid-request.ts";
import { isDeeperThan, isObject, parseJson } from "../parse-json.ts";
import { OTHER_FIELDS_BYTES } from "./body-limits.ts";
import { freeMemory } from "./freed-memory.ts";
import { toMegabytes } from "./megabytes.ts";
import { decodeUtf8 } from "./read-body.ts";

/** A shorter text is no reason to split. */
const MIN_LONG_BYTES = 16 * 1024;

/**
 * What is deeper can be parsed and not written again: `JSON.stringify` of Deno 2.1.4 ends between 3,000 and
 * 6,000, and what is passed on is written again.
 */
const MAX_DEPTH = 1_000;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/** A body of JSON. */
export interface SplitJson {
  /** The object, with the placeholder where the long text was. */
  object: Record<string, unknown>;
  /** null where the body has no long text. */
  long: LongText | null;
}

/** A text of a body of JSON, as it is written there. */
export interface LongText {
  /** Stands for it in the object; occurs nowhere else in it. */
  placeholder: string;
  /** Where in the body it begins. */
  start: number;
  /** What is between its quotes, escapes and all: a view of the body. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** What a caller is told of a body that is too large, and a short cut through the long text. */
export interface SplitOptions {
  /** The largest picture, decoded: told where a body is too large. */
  maxImageBytes: number;
  /** Of what is not the long text. Default 64 KiB. */
  maxOtherBytes?: number | undefined;
  /**
   * Given the place where a long text begins, a place up to which it has no quote. For a reader that finds
   * the end of its text anyway.
   */
  skip?: (start: number) => number;
}

/**
 * Parses a body, but for its long text.
 *
 * @throws {ApiError} BODY_TOO_LARGE when more than `maxOtherBytes` of it are not the long text; INVALID_REQUEST
 *   when it isn't a JSON object.
 */
export function splitJson(body: Uint8Array<ArrayBuffer>, options: SplitOptions): SplitJson {
  const long = findLongText(body, options);
  if (long === null) return { object: toObject(decodeUtf8(body)), long };
  const placeholder = crypto.randomUUID();
  const [before, after] = [body.subarray(0, long.start), body.subarray(long.end)];
  const object = toObject(decodeUtf8(before) + placeholder + decodeUtf8(after));
  const bytes = body.subarray(long.start, long.end);
  return { object, long: { placeholder, start: long.start, bytes } };
}

/**
 * Parses a body, its long text included.
 *
 * @param body Given up: its memory is freed.
 * @throws {ApiError} as `splitJson`
 */
export function parseJsonObject(
  body: Uint8Array<ArrayBuffer>,
  options: Omit<SplitOptions, "skip">,
): Record<string, unknown> {
  findLongText(body, options);
  const text = decodeUtf8(body);
  freeMemory(body);
  return toObject(text);
}

/** Where the longest text is; null where none is long. @throws {ApiError} BODY_TOO_LARGE */
function findLongText(
  body: Uint8Array,
  { maxImageBytes, maxOtherBytes = OTHER_FIELDS_BYTES, skip = (start) => start }: SplitOptions,
): { start: number; end: number } | null {
  // The longest so far.
  let long = { start: 0, end: 0 };
  const requireSmall = (byteCount: number) => {
    const otherBytes = byteCount - (long.end - long.start);
    if (otherBytes <= maxOtherBytes) return;
    // An object within a text of JSON, or base64 that is called JSON, is not too large but another thing.
    if (!beginsObject(body)) throw invalidRequest({ body: "must be a JSON object" });
    throw bodyTooLarge(maxImageBytes, maxOtherBytes);
  };
  for (let at = 0;;) {
    const start = body.indexOf(QUOTE, at) + 1;
    if (start === 0) break;
    const isShort = body.subarray(start, start + MIN_LONG_BYTES).includes(QUOTE);
    const end = findEnd(body, isShort ? start : skip(start));
    if (end === -1) throw invalidRequest({ body: "must be JSON" });
    const isLong = end - start >= MIN_LONG_BYTES;
    if (isLong && end - start > long.end - long.start) long = { start, end };
    at = end + 1;
    requireSmall(at);
  }
  requireSmall(body.byteLength);
  return long.end === 0 ? null : long;
}

/** Whether its first characters are those of an object with something in it. */
function beginsObject(body: Uint8Array): boolean {
  return /^\s*\{\s*"/.test(new TextDecoder().decode(body.subarray(0, 512)));
}

/** What isn't the picture is too large. */
export function bodyTooLarge(
  maxImageBytes: number,
  maxOtherBytes: number = OTHER_FIELDS_BYTES,
): ApiError {
  return new ApiError(
    "BODY_TOO_LARGE",
    `The request has more than ${maxOtherBytes / 1024} KB beside its picture, which may have ` +
      `${toMegabytes(maxImageBytes)}`,
    { details: { max_other_bytes: maxOtherBytes, max_image_bytes: maxImageBytes } },
  );
}

/** The quote that ends a text; -1 where there is none. */
function findEnd(body: Uint8Array, start: number): number {
  for (let at = start;;) {
    const end = body.indexOf(QUOTE, at);
    if (end === -1) return -1;
    let escapes = 0;
    while (body[end - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
    at = end + 1;
  }
}

function toObject(text: string): Record<string, unknown> {
  if (text.trim() === "") throw invalidRequest({ body: "must not be empty" });
  const json = parseJson(text);
  if (json === undefined) throw invalidRequest({ body: "must be JSON" });
  if (isDeeperThan(json, MAX_DEPTH)) {
    throw invalidRequest({ body: `must not be nested deeper than ${MAX_DEPTH}` });
  }
  if (!isObject(json)) throw invalidRequest({ body: "must be a JSON object" });
  return json;
}
