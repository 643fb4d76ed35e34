/** What files are that aren't pictures of a kind we take, by their first bytes, and what to do about it. */

import { hasAscii } from "./structure.ts";

/** A kind of file that is refused, by its name, and what to send in its place. */
export interface ForeignFile {
  /** As people call it: `HEIC`, `a PDF`. */
  name: string;
  wayOut: string;
}

const CONVERT = "convert it to JPEG, PNG or WebP first";
const AS_PICTURE = "send a picture of it";
const AS_BYTES = "send the file's own bytes";
const READ_AS_TEXT = { name: "a picture that was read as text", wayOut: "read the file as bytes" };

/** Of files that begin with a box `ftyp`, the brand. ISO/IEC 14496-12, 4.3. */
const BRANDS: [RegExp, ForeignFile][] = [
  [/^(hei[cxms]|hev[cxms]|mif1|msf1)/, { name: "HEIC", wayOut: CONVERT }],
  [/^avi[fs]/, { name: "AVIF", wayOut: CONVERT }],
  [/^crx/, { name: "a raw photograph", wayOut: CONVERT }],
  [/^/, { name: "a film", wayOut: "send one picture of it" }],
];

const BEGINNINGS: [string, ForeignFile][] = [
  ["II*\0", { name: "TIFF or a raw photograph", wayOut: CONVERT }],
  ["MM\0*", { name: "TIFF or a raw photograph", wayOut: CONVERT }],
  ["BM", { name: "BMP", wayOut: CONVERT }],
  ["\0\0\x01\0", { name: "an icon (ICO)", wayOut: CONVERT }],
  ["\xff\x0a", { name: "JPEG XL", wayOut: CONVERT }],
  ["\0\0\0\x0cJXL ", { name: "JPEG XL", wayOut: CONVERT }],
  ["\0\0\0\x0cjP  ", { name: "JPEG 2000", wayOut: CONVERT }],
  ["8BPS", { name: "a Photoshop file", wayOut: CONVERT }],
  ["%PDF", { name: "a PDF", wayOut: "send a picture of its page" }],
  ["\x1f\x8b", { name: "compressed with gzip", wayOut: "send it uncompressed" }],
  ["\x1aE\xdf\xa3", { name: "a film", wayOut: "send one picture of it" }],
  ["PK\x03\x04", { name: "a ZIP archive", wayOut: "send one picture of it, unpacked" }],
  // What PowerShell writes into a file, of JSON too.
  ["\xff\xfe", { name: "text in UTF-16", wayOut: "send JSON in UTF-8, or a picture" }],
  ["\xfe\xff", { name: "text in UTF-16", wayOut: "send JSON in UTF-8, or a picture" }],
  // The first bytes of a JPEG and of a PNG, each replaced or taken for a character, and written as UTF-8.
  ["\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", READ_AS_TEXT],
  ["\xc3\xbf\xc3\x98\xc3\xbf", READ_AS_TEXT],
  ["\xef\xbf\xbdPNG", READ_AS_TEXT],
  ["\xc2\x89PNG", READ_AS_TEXT],
  ["data:", { name: "the text of a data: URI", wayOut: AS_BYTES }],
  ["/9j/", { name: "the text of base64", wayOut: AS_BYTES }],
  ["iVBORw0KGgo", { name: "the text of base64", wayOut: AS_BYTES }],
  ["R0lGOD", { name: "the text of base64", wayOut: AS_BYTES }],
  ["UklGR", { name: "the text of base64", wayOut: AS_BYTES }],
];

const TEXTS: [RegExp, ForeignFile][] = [
  [/^(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)?(<!doctype svg[^>]*>\s*)?<svg[\s>]/i, {
    name: "SVG",
    wayOut: "draw it as PNG first",
  }],
  [/^<(!doctype html|html|head|body)/i, { name: "a web page (HTML)", wayOut: "send a picture" }],
  [/^<\?xml/i, { name: "XML", wayOut: "send a picture" }],
  [/^\{\s*"0"\s*:\s*\d/, {
    name: "an array of bytes written as JSON",
    wayOut: "send a Blob, a File or base64 in place of a Uint8Array",
  }],
  [/^[[{]/, { name: "JSON", wayOut: "say so in its Content-Type, or send a picture" }],
  // One class and no choice of two: what both had in common would be tried in every combination.
  [/^[\P{Cc}\s]+$/u, { name: "text", wayOut: AS_PICTURE }],
];

/** Enough to tell; more would only cost time. */
const TOLD_BYTES = 512;

/** @returns null for what has no name. */
export function nameForeignFile(bytes: Uint8Array): ForeignFile | null {
  const begin = bytes.subarray(0, TOLD_BYTES);
  if (hasAscii(begin, 4, "ftyp")) {
    const brand = String.fromCharCode(...begin.subarray(8, 12));
    return BRANDS.find(([pattern]) => pattern.test(brand))![1];
  }
  const beginning = BEGINNINGS.find(([text]) => hasAscii(begin, 0, text));
  if (beginning) return beginning[1];
  // A character may be cut at the end.
  const text = new TextDecoder().decode(begin, { stream: true }).trimStart();
  if (text.includes("\ufffd")) return null;
  return TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
