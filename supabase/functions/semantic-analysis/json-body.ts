/**
 * From a JSON body to the parts of a request. The picture is most of the body and needs no parsing:
 * it is cut out, and only the rest is given to `JSON.parse`. That saves a third of the time and a copy
 * of the picture, and a prompt in Greek doesn't make two bytes of each of its characters.
 */

import { decodeUtf8, discard } from "../_shared/http/body.ts";
import { parseImage } from "./image.ts";
import { invalidRequest, type RequestFields } from "./request.ts";

/** Below this there is nothing to gain. */
const MIN_CUT_BYTES = 16 * 1024;

/** The key is looked for in this much of the body, and the end of the text first in that much. */
const MAX_BYTES_BEFORE_IMAGE = 64 * 1024;
const MAX_BYTES_AFTER_IMAGE = 16 * 1024;

const QUOTE = 0x22;

/**
 * @param bytes The body. Given up: its memory may be gone afterwards.
 * @throws {ApiError} INVALID_REQUEST when it isn't a JSON object.
 */
export function parseJsonBody(bytes: Uint8Array<ArrayBuffer>): RequestFields {
  const json = parseAroundImage(bytes) ?? parseJson(decodeUtf8(bytes));
  discard(bytes);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw invalidRequest({ body: "must be a JSON object" });
  }
  const { image_data: image, ...fields } = json as Record<string, unknown>;
  if (typeof image === "string") {
    return { fields, parseImage: (options) => parseImage(image, options) };
  }
  return {
    fields,
    problems: { image_data: "must be a string: base64, a data: URI or an https URL" },
    parseImage: () => {
      throw new TypeError("Cannot parse the image: there is none");
    },
  };
}

function parseJson(text: string): unknown {
  if (text.trim() === "") throw invalidRequest({ body: "must not be empty" });
  try {
    return JSON.parse(text);
  } catch {
    // The SyntaxError quotes the body, so it goes nowhere.
    throw invalidRequest({ body: "must be JSON" });
  }
}

/**
 * Parses the body with a word of our own in place of the text after the first `"image_data":`. Only if
 * that word then is the object's `image_data` was the right text cut out; undefined where it was not,
 * or where the text has escapes, or where it is too short to matter.
 */
function parseAroundImage(bytes: Uint8Array<ArrayBuffer>): unknown {
  const start = findImageStart(bytes);
  if (start === null) return undefined;
  const { image, end } = cutImage(bytes, start);
  // Before the base64 there may be a label, in which JSON forbids what the check does not look for.
  if (
    end - start < MIN_CUT_BYTES || image.includes("\\") || hasControlCharacter(image.slice(0, 512))
  ) {
    return undefined;
  }
  const placeholder = crypto.randomUUID();
  const before = decodeUtf8(bytes.subarray(0, start));
  const after = decodeUtf8(bytes.subarray(end));
  const json = parseJson(before + placeholder + after) as { image_data?: unknown } | null;
  if (json?.image_data !== placeholder) return undefined;
  json.image_data = image;
  return json;
}

/** Where the first text begins that follows the key. */
function findImageStart(bytes: Uint8Array): number | null {
  if (bytes.byteLength < MIN_CUT_BYTES) return null;
  // One character a byte, so that places in the text are places in the bytes.
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, MAX_BYTES_BEFORE_IMAGE));
  const match = /"image_data"[ \t\r\n]*:[ \t\r\n]*"/.exec(text);
  return match && match.index + match[0].length;
}

/** The text up to its closing quote. Looking for that in a string is far cheaper than in bytes. */
function cutImage(bytes: Uint8Array, start: number): { image: string; end: number } {
  const decoder = new TextDecoder();
  for (const from of [Math.max(start, bytes.byteLength - MAX_BYTES_AFTER_IMAGE), start]) {
    const end = bytes.indexOf(QUOTE, from);
    if (end === -1) break;
    // The picture's own check takes nothing but ASCII, so it doesn't matter how the rest is decoded.
    const image = decoder.decode(bytes.subarray(start, end));
    if (!image.includes('"')) return { image, end };
  }
  return { image: "", end: start };
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < " ");
}
