/** The one thing in EXIF that a picture can't do without. CIPA DC-008 (Exif 2.32), 4.5 and 4.6.4. */

import { hasAscii, toView } from "./structure.ts";

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;

const ENTRY_BYTES = 12;

/** What `toOrientationTiff` makes. */
export const TIFF_BYTES = 26;

/**
 * Reads the orientation of EXIF.
 *
 * @param tiff EXIF from its TIFF header on.
 * @returns 2 to 8; null for upright, or none.
 */
export function readOrientation(tiff: Uint8Array): number | null {
  const isLittle = hasAscii(tiff, 0, "II*\0");
  if (!isLittle && !hasAscii(tiff, 0, "MM\0*")) return null;
  const view = toView(tiff);
  const directory = tiff.byteLength >= 8 ? view.getUint32(4, isLittle) : tiff.byteLength;
  if (directory + 2 > tiff.byteLength) return null;
  const count = view.getUint16(directory, isLittle);
  for (let index = 0; index < count; index++) {
    const at = directory + 2 + index * ENTRY_BYTES;
    if (at + ENTRY_BYTES > tiff.byteLength) return null;
    if (view.getUint16(at, isLittle) !== ORIENTATION_TAG) continue;
    const isShort = view.getUint16(at + 2, isLittle) === SHORT;
    const orientation = isShort ? view.getUint16(at + 8, isLittle) : 0;
    return orientation >= 2 && orientation <= 8 ? orientation : null;
  }
  return null;
}

/** EXIF from its TIFF header on that says the orientation and nothing else. */
export function toOrientationTiff(orientation: number): Uint8Array {
  const tiff = new Uint8Array(TIFF_BYTES);
  const view = toView(tiff);
  tiff.set([0x4d, 0x4d, 0x00, 0x2a]);
  view.setUint32(4, 8);
  view.setUint16(8, 1);
  view.setUint16(10, ORIENTATION_TAG);
  view.setUint16(12, SHORT);
  view.setUint32(14, 1);
  view.setUint16(18, orientation);
  return tiff;
}
