/**
 * From a JSON body to the parts of a request. The picture is most of the body and needs no parsing:
 * its base64 is decoded where it stands, and only the rest is given to `JSON.parse`. The megabytes
 * never become a string, and a prompt in Greek doesn't make two bytes of each of their characters.
 */

import { type Base64Text, createRoom } from "../../_shared/platform/base64/base64-text.ts";
import { decodeBase64 } from "../../_shared/platform/base64/base64.ts";
import { decodeUtf8, discard } from "../../_shared/platform/body/read-body.ts";
import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";
import { parseJson } from "../../_shared/platform/parse-json.ts";
import { parseDecodedPicture, parsePicture } from "./picture.ts";
import type { RequestFields } from "./request.ts";

/** Below this there is nothing to gain. */
const MIN_CUT_BYTES = 16 * 1024;

/** The key is looked for in this much of the body, first in the little that is usual. */
const MAX_BYTES_BEFORE_PICTURE = 64 * 1024;
const USUAL_BYTES_BEFORE_PICTURE = 512;

/** Of a data URI, up to its comma. */
const MAX_PREFIX_BYTES = 256;

const QUOTE = 0x22;

/**
 * @param bytes The body. Given up: its memory may be gone once the picture is parsed.
 * @throws {ApiError} INVALID_REQUEST when it isn't a JSON object.
 */
export function parseJsonBody(bytes: Uint8Array<ArrayBuffer>): RequestFields {
  const cut = cutPicture(bytes);
  return cut === null ? parseWhole(bytes) : parseCut(bytes, cut);
}

function parseWhole(bytes: Uint8Array<ArrayBuffer>): RequestFields {
  const text = decodeUtf8(bytes);
  discard(bytes);
  const { image_data: picture, ...fields } = parseObject(text);
  if (typeof picture === "string") {
    return { fields, parsePicture: (options) => parsePicture(picture, options) };
  }
  return {
    fields,
    problems: { image_data: "must be a string: base64, a data: URI or an https URL" },
    parsePicture: () => {
      throw new TypeError("Cannot parse the picture: there is none");
    },
  };
}

function parseObject(text: string): Record<string, unknown> {
  if (text.trim() === "") throw invalidRequest({ body: "must not be empty" });
  const json = parseJson(text);
  if (json === undefined) throw invalidRequest({ body: "must be JSON" });
  if (typeof json === "object" && json !== null && !Array.isArray(json)) {
    return json as Record<string, unknown>;
  }
  throw invalidRequest({ body: "must be a JSON object" });
}

/** The base64 in the first text after `"image_data":`, cut out of the body. */
interface Cut {
  /** The body before and behind it. */
  before: Uint8Array<ArrayBuffer>;
  after: Uint8Array<ArrayBuffer>;
  /** In the same text before the base64: nothing, or a data URI up to its comma. */
  prefix: string;
  base64: Base64Text;
  byteLength: number;
}

/**
 * Parses the rest with a word of our own in place of the base64. Only if that word then is the
 * object's `image_data` was the right text cut out.
 *
 * @param bytes Where the decoded picture is.
 */
function parseCut(bytes: Uint8Array<ArrayBuffer>, cut: Cut): RequestFields {
  const { prefix, base64, byteLength } = cut;
  const placeholder = crypto.randomUUID();
  const text = decodeUtf8(cut.before) + placeholder + decodeUtf8(cut.after);
  const { image_data: picture, ...fields } = parseObject(text);
  if (picture !== prefix + placeholder) {
    return parseWhole(base64.between(cut.before, cut.after));
  }
  return {
    fields,
    parsePicture: (options) => {
      const parsed = parseDecodedPicture(
        { prefix, base64, bytes: bytes.subarray(0, byteLength) },
        options,
      );
      discard(bytes);
      return parsed;
    },
  };
}

/**
 * Cuts the base64 out and decodes it; null, and the body as it was, where it isn't base64 from quote to
 * quote, or too short to matter.
 */
function cutPicture(bytes: Uint8Array<ArrayBuffer>): Cut | null {
  if (bytes.byteLength < MIN_CUT_BYTES) return null;
  const textStart = findTextStart(bytes, USUAL_BYTES_BEFORE_PICTURE) ??
    findTextStart(bytes, MAX_BYTES_BEFORE_PICTURE);
  if (textStart === null) return null;
  const beginning = toLatin1(bytes.subarray(textStart, textStart + MAX_PREFIX_BYTES));
  // As JSON would read it: without escapes, and in ASCII.
  const prefix = /^data:[\x20-\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]*,/i.exec(beginning)?.[0] ?? "";
  const start = textStart + prefix.length;

  const before = bytes.slice(0, start);
  const room = createRoom(bytes.byteLength - start);
  room.text.set(bytes.subarray(start));
  // The body's memory takes the picture, so that there is none needed for it.
  const decoded = decodeBase64(room.text, bytes);
  const end = decoded?.end ?? 0;
  if (decoded === null || end < MIN_CUT_BYTES || room.text[end] !== QUOTE) {
    bytes.set(before);
    bytes.set(room.text, start);
    return null;
  }
  return {
    before,
    after: room.text.slice(end),
    prefix,
    base64: room.toBase64Text(end),
    byteLength: decoded.byteLength,
  };
}

function findTextStart(bytes: Uint8Array, maxBytes: number): number | null {
  const text = toLatin1(bytes.subarray(0, maxBytes));
  const match = /"image_data"[ \t\r\n]*:[ \t\r\n]*"/.exec(text);
  return match && match.index + match[0].length;
}

/** One character a byte, so that places in the text are places in the bytes. */
function toLatin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
