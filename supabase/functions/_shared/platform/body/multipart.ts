/**
 * Reads `multipart/form-data` (RFC 7578) from a body in memory. The platform's own `formData()` looks
 * at every byte, copies every file and takes a body that was cut off for a shorter one.
 */

import { ApiError } from "../http/api-error.ts";
import { readMediaType } from "./media-type.ts";

/** One field of the form. */
export interface FormPart {
  name: string;
  /** It was sent as a file, with a name of its own. */
  isFile: boolean;
  /** In lower case, without parameters; `""` when none was said. */
  mediaType: string;
  /** A view of the body. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** More fields than any form of ours has; what is over is not looked at but refused. */
const MAX_PARTS = 64;

const MAX_HEADER_BYTES = 8 * 1024;

const [CR, LF, DASH] = [0x0d, 0x0a, 0x2d];

/**
 * @param contentType The request's `Content-Type`, which names the boundary.
 * @returns the fields in the order in which they were sent.
 * @throws {ApiError} INVALID_REQUEST when it isn't a whole form.
 */
export function parseMultipart(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
): FormPart[] {
  const boundary = new TextEncoder().encode(`--${parseBoundary(contentType)}`);
  const delimiter = new Uint8Array([CR, LF, ...boundary]);
  const find = createSearch(delimiter);
  // The first delimiter may lack the line break before it; what precedes it is a preamble.
  const first = startsWith(body, boundary, 0) ? -2 : find(body, 0);
  if (first === -1) throw malformed("its boundary does not occur in it");

  const parts: FormPart[] = [];
  let position = first + delimiter.byteLength;
  while (!isEnd(body, position)) {
    const start = skipLineBreak(body, position);
    const end = find(body, start - 2);
    if (end === -1) throw malformed("it is cut off");
    if (parts.length === MAX_PARTS) throw malformed(`it has more than ${MAX_PARTS} fields`);
    parts.push(parsePart(body.subarray(start, Math.max(start, end))));
    position = end + delimiter.byteLength;
  }
  return parts;
}

function parseBoundary(contentType: string): string {
  const match = /;\s*boundary=(?:"([^"]*)"|([^\s";,]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2] ?? "";
  // RFC 2046 §5.1.1, and nothing that would be more than one byte.
  if (!/^[\x20-\x7e]{0,69}[\x21-\x7e]$/.test(boundary)) {
    throw malformed("its Content-Type names no boundary of 1 to 70 characters");
  }
  return boundary;
}

function isEnd(body: Uint8Array, position: number): boolean {
  return body[position] === DASH && body[position + 1] === DASH;
}

/** Blanks may stand between a delimiter and its line break. */
function skipLineBreak(body: Uint8Array, position: number): number {
  let start = position;
  while (body[start] === 0x20 || body[start] === 0x09) start++;
  if (body[start] === CR && body[start + 1] === LF) return start + 2;
  throw malformed(start >= body.byteLength ? "it is cut off" : "a delimiter has no line break");
}

function parsePart(part: Uint8Array<ArrayBuffer>): FormPart {
  const headerEnd = findHeaderEnd(part);
  const headers = new Map<string, string>();
  // A file's name may be in any encoding: it is not used.
  const lines = new TextDecoder().decode(part.subarray(0, headerEnd)).split("\r\n");
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get("content-disposition") ?? "";
  const parameters = readParameters(disposition);
  const name = /^form-data\s*;/i.test(disposition) ? parameters.get("name") : undefined;
  if (name === undefined) throw malformed("a field has no name");
  if (/^(base64|quoted-printable)$/i.test(headers.get("content-transfer-encoding") ?? "")) {
    // RFC 7578 §4.7: deprecated. Taken for what it isn't, the picture would be another one.
    throw malformed("a field has a Content-Transfer-Encoding");
  }
  return {
    name,
    isFile: parameters.has("filename") || parameters.has("filename*"),
    mediaType: readMediaType(headers.get("content-type") ?? null),
    bytes: part.subarray(headerEnd + 4),
  };
}

/** Where the empty line begins that ends a part's headers. */
function findHeaderEnd(part: Uint8Array): number {
  const limit = Math.min(part.byteLength - 4, MAX_HEADER_BYTES);
  for (let at = 0; at <= limit; at++) {
    const isEmptyLine = part[at] === CR && part[at + 1] === LF &&
      part[at + 2] === CR && part[at + 3] === LF;
    if (isEmptyLine) return at;
  }
  throw malformed("a field has no end to its headers");
}

/**
 * The parameters of a Content-Disposition, by their names in lower case; each once. Browsers escape quotes and
 * line breaks as in URLs, other clients with a backslash.
 */
function readParameters(header: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const pattern = /\s*;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";]*))/y;
  pattern.lastIndex = header.search(/;|$/);
  for (let match = pattern.exec(header); match !== null; match = pattern.exec(header)) {
    const name = match[1]!.toLowerCase();
    const value = match[2]?.replace(/\\(.)/g, "$1") ?? match[3]!;
    if (parameters.has(name)) continue;
    parameters.set(
      name,
      value.replace(/%22/g, '"').replace(/%0D/gi, "\r").replace(/%0A/gi, "\n"),
    );
  }
  return parameters;
}

/**
 * Horspool's search: compares at the needle's end and skips up to its whole length, so that only one
 * in some 40 bytes of a picture is looked at.
 *
 * @returns a function that gives the first place at or after `from`, or -1.
 */
function createSearch(needle: Uint8Array): (haystack: Uint8Array, from: number) => number {
  const last = needle.byteLength - 1;
  const skips = new Uint8Array(256).fill(needle.byteLength);
  for (let index = 0; index < last; index++) skips[needle[index]!] = last - index;
  return (haystack, from) => {
    let at = Math.max(0, from);
    while (at + last < haystack.byteLength) {
      const byte = haystack[at + last]!;
      if (byte === needle[last] && startsWith(haystack, needle, at)) return at;
      at += skips[byte]!;
    }
    return -1;
  };
}

/** By a loop: in a body of one byte alone it is called for each, and `every` costs ten times as much. */
function startsWith(bytes: Uint8Array, prefix: Uint8Array, at: number): boolean {
  if (at + prefix.byteLength > bytes.byteLength) return false;
  for (let index = 0; index < prefix.byteLength; index++) {
    if (bytes[at + index] !== prefix[index]) return false;
  }
  return true;
}

function malformed(problem: string): ApiError {
  return new ApiError("INVALID_REQUEST", `The form can't be read: ${problem}`, {
    details: { body: "must be a whole multipart/form-data form" },
  });
}
