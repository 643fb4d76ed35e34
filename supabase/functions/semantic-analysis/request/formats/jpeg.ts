/** The structure of a JPEG: ITU-T T.81, annex B. */

import { findJpegMarker } from "../../../_shared/platform/base64/jpeg-marker.ts";
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

const [START_OF_SCAN, END_OF_IMAGE, COMMENT, LAST_APPLICATION] = [0xda, 0xd9, 0xfe, 0xef];

/** In JFIF's APP0: its name, version, density and the size of a thumbnail. What follows is the thumbnail. */
const JFIF_BYTES = 14;

const EXIF_NAME = "Exif\0\0";

/**
 * Walks the segments to the end of the picture, which is searched for through the compressed data: a phone
 * puts a second picture or a film behind it.
 */
export function readJpeg(bytes: Uint8Array): PictureStructure | StructureProblem {
  const view = toView(bytes);
  const blanks: Blank[] = [];
  let size = NO_SIZE;
  let hasScan = false;
  let at = 2;
  while (true) {
    if (bytes[at] !== 0xff || bytes[at + 1] === 0x00) {
      // Compressed data, or what lies between two segments, which decoders skip. Before the first scan it
      // is no JPEG.
      if (!hasScan) return at < bytes.byteLength ? "broken" : "cut off";
      at = findJpegMarker(bytes, at);
      if (at === -1) return "cut off";
    }
    // Any number of fill bytes may precede a marker.
    while (bytes[at + 1] === 0xff) at++;
    const marker = bytes[at + 1];
    if (marker === undefined) return "cut off";
    if (marker === END_OF_IMAGE) break;
    if (isStandalone(marker)) {
      at += 2;
      continue;
    }
    const start = at + 4;
    if (start > bytes.byteLength) return "cut off";
    const end = at + 2 + view.getUint16(at + 2);
    if (end < start) return "broken";
    if (end > bytes.byteLength) return "cut off";
    if (isStartOfFrame(marker)) {
      if (end - start < 5) return "broken";
      size = toLargest(size, {
        height: view.getUint16(start + 1),
        width: view.getUint16(start + 3),
      });
    }
    const blank = toBlank(marker, bytes.subarray(start, end), start);
    if (blank) blanks.push(blank);
    if (blanks.length > MAX_BLANKS) return "too many pieces";
    if (marker === START_OF_SCAN) {
      if (size === NO_SIZE) return "broken";
      hasScan = true;
    }
    at = end;
  }
  if (!hasScan) return "broken";
  const end = at + 2;
  if (end < bytes.byteLength) blanks.push({ start: end, end: bytes.byteLength });
  return { ...size, blanks };
}

function isStandalone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** What of a segment is metadata. Without it are the size of JFIF, colour profiles and Adobe's colours. */
function toBlank(marker: number, content: Uint8Array, start: number): Blank | null {
  const end = start + content.byteLength;
  const isApplication = marker >= 0xe0 && marker <= 0xef;
  if (content.byteLength === 0 || (!isApplication && marker !== COMMENT)) return null;
  if (marker === COMMENT) return toCommentBlank(content.byteLength, start);
  if (marker === 0xe0 && hasAscii(content, 0, "JFIF\0")) {
    return content.byteLength > JFIF_BYTES ? toThumbnailBlank(content, start) : null;
  }
  if (marker === 0xe2 && hasAscii(content, 0, "ICC_PROFILE\0")) return null;
  if (marker === 0xee && hasAscii(content, 0, "Adobe")) return null;
  if (marker === 0xe1 && hasAscii(content, 0, EXIF_NAME)) {
    const orientation = readOrientation(content.subarray(EXIF_NAME.length));
    if (orientation !== null && content.byteLength >= EXIF_NAME.length + TIFF_BYTES) {
      const head = new Uint8Array(EXIF_NAME.length + TIFF_BYTES);
      head.set(new TextEncoder().encode(EXIF_NAME));
      head.set(toOrientationTiff(orientation), EXIF_NAME.length);
      return { start, end, head };
    }
  }
  return { start, end };
}

/** An empty comment is still one, so it becomes a segment of an application that is none. */
function toCommentBlank(byteCount: number, start: number): Blank {
  const length = byteCount + 2;
  return {
    start: start - 3,
    end: start + byteCount,
    head: Uint8Array.of(LAST_APPLICATION, length >> 8, length & 0xff),
  };
}

function toThumbnailBlank(content: Uint8Array, start: number): Blank {
  return { start: start + JFIF_BYTES, end: start + content.byteLength };
}
