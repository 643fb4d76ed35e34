/** The structure of a PNG. https://www.w3.org/TR/png-3/#5DataRep */

import { toCrc32 } from "./crc32.ts";
import { readOrientation, TIFF_BYTES, toOrientationTiff } from "./orientation.ts";
import {
  type Blank,
  hasAscii,
  MAX_BLANKS,
  NO_SIZE,
  type PictureStructure,
  type StructureProblem,
  toLargest,
  toView,
} from "./structure.ts";

/** Of a chunk: length and type before its data, checksum behind. */
const [BYTES_BEFORE, BYTES_AFTER] = [8, 4];

/** Chunks that a picture may lack but that say how it looks. */
const LOOKS = new Set([
  ...["tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "hIST", "pHYs", "sPLT"],
  ...["cICP", "mDCV", "cLLI", "acTL", "fcTL", "fdAT"],
]);

/** What a chunk of metadata is called once it is empty: ancillary, private, safe to copy, unknown to all. */
const EMPTY_TYPE = new TextEncoder().encode("blNk");

/** Walks the chunks to the end of the picture. */
export function readPng(bytes: Uint8Array): PictureStructure | StructureProblem {
  const view = toView(bytes);
  const blanks: Blank[] = [];
  let size = NO_SIZE;
  let hasData = false;
  for (let at = 8;;) {
    const start = at + BYTES_BEFORE;
    if (start + BYTES_AFTER > bytes.byteLength) return "cut off";
    const end = start + view.getUint32(at);
    const isHeader = hasAscii(bytes, at + 4, "IHDR");
    if (at === 8 && !isHeader) return "broken";
    if (end + BYTES_AFTER > bytes.byteLength) return "cut off";
    if (isHeader) {
      if (end - start < 8) return "broken";
      size = toLargest(size, { width: view.getUint32(start), height: view.getUint32(start + 4) });
    }
    const type = String.fromCharCode(...bytes.subarray(at + 4, start));
    if (type === "IDAT") hasData = true;
    if (isMetadata(type)) blanks.push(...toBlanks(type, bytes.subarray(start, end), start));
    if (blanks.length > MAX_BLANKS) return "too many pieces";
    at = end + BYTES_AFTER;
    if (type !== "IEND") continue;
    if (!hasData) return "broken";
    if (at < bytes.byteLength) blanks.push({ start: at, end: bytes.byteLength });
    return { ...size, blanks };
  }
}

/** A small first letter says that a picture can be shown without the chunk. */
function isMetadata(type: string): boolean {
  return /^[a-z]/.test(type) && !LOOKS.has(type);
}

function toBlanks(type: string, data: Uint8Array, start: number): Blank[] {
  const orientation = type === "eXIf" ? readOrientation(data) : null;
  const isKept = orientation !== null && data.byteLength >= TIFF_BYTES;
  const head = new Uint8Array(4 + (isKept ? TIFF_BYTES : 0));
  head.set(isKept ? new TextEncoder().encode(type) : EMPTY_TYPE);
  if (isKept) head.set(toOrientationTiff(orientation), 4);
  const end = start + data.byteLength;
  const checksum = new Uint8Array(4);
  toView(checksum).setUint32(0, toCrc32(head, 4 + data.byteLength - head.byteLength));
  return [{ start: start - 4, end, head }, { start: end, end: end + 4, head: checksum }];
}
