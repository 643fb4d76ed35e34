/** What the bytes of a picture tell without decoding it. */

/** Size in pixels. */
export interface PictureSize {
  width: number;
  height: number;
}

/** Media types by their first bytes; at an offset of 4 the brands of ISO media files. */
const SIGNATURES: [type: string, offset: number, text: string][] = [
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/png", 0, "\x89PNG\r\n\x1a\n"],
  ["image/gif", 0, "GIF8"],
  ["image/webp", 8, "WEBP"],
  ["image/avif", 4, "ftypavif"],
  ["image/heic", 4, "ftyphei"],
  ["image/heic", 4, "ftypmif1"],
  ["image/tiff", 0, "II*\0"],
  ["image/tiff", 0, "MM\0*"],
  ["image/bmp", 0, "BM"],
];

/** The media type that the first bytes have; null for bytes that are no known picture. */
export function sniffMediaType(bytes: Uint8Array): string | null {
  return SIGNATURES.find(([, offset, text]) => readText(bytes, offset, text.length) === text)
    ?.[0] ?? null;
}

/**
 * The size of a picture that can be sent as it is: a JPEG, PNG or WebP that is upright, opaque and
 * still, and holds no metadata. null for every other, which has to be drawn anew.
 */
export function readPlainSize(bytes: Uint8Array): PictureSize | null {
  try {
    switch (sniffMediaType(bytes)) {
      case "image/jpeg":
        return readJpeg(bytes);
      case "image/png":
        return readPng(bytes);
      case "image/webp":
        return readWebp(bytes);
      default:
        return null;
    }
  } catch {
    // A DataView beyond its end: the picture is cut, and the decoder's to judge.
    return null;
  }
}

function readJpeg(bytes: Uint8Array): PictureSize | null {
  const view = viewOf(bytes);
  for (let at = 2, size: PictureSize | null = null;;) {
    // A marker may be filled up with 0xff.
    while (view.getUint8(at) === 0xff && view.getUint8(at + 1) === 0xff) at++;
    const marker = view.getUint16(at);
    if (marker === 0xffda) return size;
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf &&
      ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame) {
      size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      // Four components are CMYK, which few decoders of models read.
      if (![1, 3].includes(view.getUint8(at + 9))) return null;
    }
    // Of what applications add, JFIF, the colour profile and Adobe's transform say how to decode.
    const isKnown = marker === 0xffe0 || marker === 0xffee ||
      marker === 0xffe2 && readText(bytes, at + 4, 4) === "ICC_";
    if (marker < 0xffc0 || marker >= 0xffe0 && !isKnown) return null;
    at += 2 + view.getUint16(at + 2);
  }
}

function readPng(bytes: Uint8Array): PictureSize | null {
  const view = viewOf(bytes);
  // Colour types 4 and 6 have an alpha channel.
  if (view.getUint8(25) >= 4) return null;
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  const isDrawnAnew = ["tRNS", "acTL", "eXIf", "tEXt", "zTXt", "iTXt", "tIME"];
  for (let at = 8; at < bytes.length; at += 12 + view.getUint32(at)) {
    const name = readText(bytes, at + 4, 4);
    if (name === "IEND") return size;
    if (isDrawnAnew.includes(name)) return null;
  }
  return null;
}

function readWebp(bytes: Uint8Array): PictureSize | null {
  const view = viewOf(bytes);
  const uint24 = (at: number) => view.getUint16(at, true) | view.getUint8(at + 2) << 16;
  switch (readText(bytes, 12, 4)) {
    case "VP8 ":
      return {
        width: view.getUint16(26, true) & 0x3fff,
        height: view.getUint16(28, true) & 0x3fff,
      };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      const hasAlpha = (bits >>> 28 & 1) === 1;
      return hasAlpha ? null : { width: (bits & 0x3fff) + 1, height: (bits >>> 14 & 0x3fff) + 1 };
    }
    case "VP8X":
      // Of its flags only the colour profile's may be set: not alpha, EXIF, XMP or animation.
      return (view.getUint8(20) & ~0x20) !== 0
        ? null
        : { width: uint24(24) + 1, height: uint24(27) + 1 };
    default:
      return null;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Latin-1, shorter at the end of the bytes. */
function readText(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
