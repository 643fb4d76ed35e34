/** The structure of a WebP. https://datatracker.ietf.org/doc/html/rfc9649#section-2 */

import { readOrientation, TIFF_BYTES, toOrientationTiff } from "./orientation.ts";
import {
  type Blank,
  hasAscii,
  MAX_BLANKS,
  NO_SIZE,
  type PictureSize,
  type PictureStructure,
  type StructureProblem,
  toLargest,
  toView,
} from "./structure.ts";

const CHUNK_HEADER_BYTES = 8;

const [FIRST_CHUNK, FLAGS] = [12, 20];

/** What VP8X says of the chunks that follow. */
const [EXIF_FLAG, XMP_FLAG] = [0x08, 0x04];

/** Chunks that make the picture. All others are metadata, or unknown. */
const PICTURE_CHUNKS = ["VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP"];

/** What RIFF calls a chunk that is to be skipped. */
const JUNK = new TextEncoder().encode("JUNK");

/** Walks the chunks to the end that the first of them announces. */
export function readWebp(bytes: Uint8Array): PictureStructure | StructureProblem {
  if (bytes.byteLength < FIRST_CHUNK + CHUNK_HEADER_BYTES) return "cut off";
  const view = toView(bytes);
  const riffEnd = CHUNK_HEADER_BYTES + view.getUint32(4, true);
  if (riffEnd > bytes.byteLength) return "cut off";
  const blanks: Blank[] = [];
  let size = NO_SIZE;
  let removedFlags = 0;
  for (let at = FIRST_CHUNK; at + CHUNK_HEADER_BYTES <= riffEnd;) {
    const start = at + CHUNK_HEADER_BYTES;
    const end = start + view.getUint32(at + 4, true);
    if (end > riffEnd) return "broken";
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    const data = bytes.subarray(start, end);
    if (PICTURE_CHUNKS.includes(type)) {
      size = toLargest(size, readSize(type, data));
    } else {
      const orientation = type === "EXIF" ? readExifOrientation(data) : null;
      if (orientation !== null && data.byteLength >= TIFF_BYTES) {
        blanks.push({ start, end, head: toOrientationTiff(orientation) });
      } else {
        blanks.push({ start: at, end: at + 4, head: JUNK }, { start, end });
        removedFlags |= type === "EXIF" ? EXIF_FLAG : type === "XMP " ? XMP_FLAG : 0;
      }
    }
    if (blanks.length > MAX_BLANKS) return "too many pieces";
    // Chunks begin at even places.
    at = end + end % 2;
  }
  if (size.width === 0 || size.height === 0) return "broken";
  if (hasAscii(bytes, FIRST_CHUNK, "VP8X") && removedFlags !== 0) {
    const head = Uint8Array.of(bytes[FLAGS]! & ~removedFlags);
    blanks.push({ start: FLAGS, end: FLAGS + 1, head });
  }
  if (riffEnd < bytes.byteLength) blanks.push({ start: riffEnd, end: bytes.byteLength });
  return { ...size, blanks };
}

function readSize(type: string, data: Uint8Array): PictureSize {
  const view = toView(data);
  const read24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  if (type === "VP8X" && data.byteLength >= 10) {
    return { width: read24(4) + 1, height: read24(7) + 1 };
  }
  if (type === "ANMF" && data.byteLength >= 12) {
    return { width: 2 * read24(0) + read24(6) + 1, height: 2 * read24(3) + read24(9) + 1 };
  }
  if (type === "VP8L" && data.byteLength >= 5 && data[0] === 0x2f) {
    const bits = view.getUint32(1, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (type === "VP8 " && data.byteLength >= 10 && hasAscii(data, 3, "\x9d\x01\x2a")) {
    return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
  }
  return NO_SIZE;
}

/** Some writers put the name before it that EXIF has in a JPEG. */
function readExifOrientation(data: Uint8Array): number | null {
  return readOrientation(hasAscii(data, 0, "Exif\0\0") ? data.subarray(6) : data);
}
