import { invalidRequest } from "../http/invalid-request.ts";

const [BACKSLASH, UNICODE, LINE_FEED, CARRIAGE_RETURN] = [0x5c, 0x75, 0x0a, 0x0d];

/** What stands behind a backslash in JSON, and for what: RFC 8259 §7. */
const ESCAPED = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" })
    .map(([escape, char]) => [escape.charCodeAt(0), char.charCodeAt(0)]),
);

/** Stands for what is no character of base64: what isn't ASCII, or a control character. */
const NO_CHARACTER = 0xff;

/**
 * Resolves the escapes of base64 in JSON, in place, and leaves out its line breaks: PHP and Swift write a
 * slash as `\/`, .NET a plus as `\u002B`, and wrapped base64 has `\n`. As a string it would take five times
 * as much memory.
 *
 * @param text What is between the quotes. Changed.
 * @returns the beginning of it that holds the result.
 * @throws {ApiError} INVALID_REQUEST for an escape that JSON doesn't know.
 */
export function unescapeBase64(text: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let at = text.indexOf(BACKSLASH);
  if (at === -1) return text;
  let to = at;
  while (at !== -1) {
    const isUnicode = text[at + 1] === UNICODE;
    const char = isUnicode ? readHex(text, at + 2) : ESCAPED.get(text[at + 1] ?? 0);
    if (char === undefined) throw invalidRequest({ body: "must be JSON" });
    if (char !== LINE_FEED && char !== CARRIAGE_RETURN) {
      text[to++] = char >= 0x20 && char < 0x80 ? char : NO_CHARACTER;
    }
    const from = at + (isUnicode ? 6 : 2);
    at = text.indexOf(BACKSLASH, from);
    const end = at === -1 ? text.byteLength : at;
    text.copyWithin(to, from, end);
    to += end - from;
  }
  return text.subarray(0, to);
}

/** Four hexadecimal digits; undefined where there are others. */
function readHex(text: Uint8Array, at: number): number | undefined {
  let value = 0;
  for (let index = at; index < at + 4; index++) {
    const digit = parseInt(String.fromCharCode(text[index] ?? 0), 16);
    if (Number.isNaN(digit)) return undefined;
    value = value * 16 + digit;
  }
  return value;
}
