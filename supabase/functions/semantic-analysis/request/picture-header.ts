/** Type and size of a picture from its first bytes, without decoding it. */

export type PictureMediaType = "image/jpeg" | "image/png" | "image/webp" | "image/gif";

export interface PictureSize {
  /** Pixels. */
  width: number;
  height: number;
}

/** The type that the magic bytes tell; null when it is none of the four we accept. */
export function sniffMediaType(bytes: Uint8Array): PictureMediaType | null {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return "image/jpeg";
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  if (hasAscii(bytes, 0, "RIFF") && hasAscii(bytes, 8, "WEBP")) return "image/webp";
  if (hasAscii(bytes, 0, "GIF87a") || hasAscii(bytes, 0, "GIF89a")) return "image/gif";
  return null;
}

/**
 * The size its header tells; null when the header is cut off or makes no sense. A side may be 0.
 */
export function readPictureSize(
  bytes: Uint8Array,
  mediaType: PictureMediaType,
): PictureSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return READERS[mediaType](view, bytes);
  } catch (error) {
    // DataView refuses to read past the end.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

type Reader = (view: DataView, bytes: Uint8Array) => PictureSize | null;

const READERS: Record<PictureMediaType, Reader> = {
  "image/jpeg": readJpegSize,
  "image/png": readPngSize,
  "image/webp": readWebpSize,
  "image/gif": (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
};

/** The IHDR chunk comes first. https://www.w3.org/TR/png-3/#11IHDR */
function readPngSize(view: DataView, bytes: Uint8Array): PictureSize | null {
  if (!hasAscii(bytes, 12, "IHDR")) return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Walks the segments to the start of frame. ITU-T T.81, B.1.1.3 and B.2.2. */
function readJpegSize(view: DataView): PictureSize | null {
  let offset = 2;
  while (true) {
    if (view.getUint8(offset) !== 0xff) return null;
    // Any number of fill bytes may precede a marker.
    while (view.getUint8(offset + 1) === 0xff) offset++;
    const marker = view.getUint8(offset + 1);
    const isStandalone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (isStandalone) {
      offset += 2;
      continue;
    }
    // The scan or the end before any frame.
    if (marker === 0xda || marker === 0xd9) return null;
    const isStartOfFrame = marker >= 0xc0 && marker <= 0xcf &&
      marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isStartOfFrame) {
      return { height: view.getUint16(offset + 5), width: view.getUint16(offset + 7) };
    }
    offset += 2 + view.getUint16(offset + 2);
  }
}

/** Extended, lossless or lossy. https://datatracker.ietf.org/doc/html/rfc9649#section-2 */
function readWebpSize(view: DataView, bytes: Uint8Array): PictureSize | null {
  if (hasAscii(bytes, 12, "VP8X")) {
    const read24 = (offset: number) =>
      view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
    return { width: read24(24) + 1, height: read24(27) + 1 };
  }
  if (hasAscii(bytes, 12, "VP8L")) {
    const bits = view.getUint32(21, true);
    return view.getUint8(20) === 0x2f
      ? { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
      : null;
  }
  if (hasAscii(bytes, 12, "VP8 ") && startsWith(bytes.subarray(23), [0x9d, 0x01, 0x2a])) {
    return {
      width: view.getUint16(26, true) & 0x3fff,
      height: view.getUint16(28, true) & 0x3fff,
    };
  }
  return null;
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

function hasAscii(bytes: Uint8Array, offset: number, text: string): boolean {
  return startsWith(bytes.subarray(offset), [...text].map((char) => char.charCodeAt(0)));
}
