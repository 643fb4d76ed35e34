/** Real pictures in every accepted format, and bare headers for tests that need no pixels. */

import assert from "node:assert/strict";
import sharp, { type Sharp } from "sharp";
import type { Base64Buffer } from "../../supabase/functions/_shared/platform/base64/base64-buffer.ts";
import type { Picture } from "../../supabase/functions/semantic-analysis/request/picture.ts";
import type { PictureSize } from "../../supabase/functions/semantic-analysis/request/formats/structure.ts";
import type { PictureMediaType } from "../../supabase/functions/semantic-analysis/request/picture-header.ts";

interface Encoding {
  mediaType: PictureMediaType;
  encode(canvas: Sharp): Sharp;
}

const EXIF = { IFD0: { Copyright: "Nobody", ImageDescription: "x".repeat(300) } };

/** Every way to encode a picture whose header looks different. */
export const ENCODINGS = {
  "baseline JPEG": { mediaType: "image/jpeg", encode: (canvas) => canvas.jpeg() },
  "progressive JPEG": {
    mediaType: "image/jpeg",
    encode: (canvas) => canvas.jpeg({ progressive: true }),
  },
  "JPEG with EXIF and a colour profile": {
    mediaType: "image/jpeg",
    encode: (canvas) => canvas.withExif(EXIF).withIccProfile("srgb").jpeg(),
  },
  "rotated JPEG": {
    mediaType: "image/jpeg",
    encode: (canvas) => canvas.withMetadata({ orientation: 6 }).jpeg(),
  },
  "grey JPEG": { mediaType: "image/jpeg", encode: (canvas) => canvas.greyscale().jpeg() },
  "PNG": { mediaType: "image/png", encode: (canvas) => canvas.png() },
  "interlaced PNG": {
    mediaType: "image/png",
    encode: (canvas) => canvas.png({ progressive: true }),
  },
  "PNG with a palette": {
    mediaType: "image/png",
    encode: (canvas) => canvas.png({ palette: true }),
  },
  "lossy WebP": { mediaType: "image/webp", encode: (canvas) => canvas.webp() },
  "lossless WebP": {
    mediaType: "image/webp",
    encode: (canvas) => canvas.webp({ lossless: true }),
  },
  "WebP with transparency": {
    mediaType: "image/webp",
    encode: (canvas) => canvas.ensureAlpha(0.5).webp(),
  },
  "WebP with EXIF": {
    mediaType: "image/webp",
    encode: (canvas) => canvas.withExif(EXIF).webp(),
  },
  "GIF": { mediaType: "image/gif", encode: (canvas) => canvas.gif() },
} satisfies Record<string, Encoding>;

/** A format and variant that pictures are encoded in. */
export type EncodingName = keyof typeof ENCODINGS;

/** All of them. */
export const ENCODING_NAMES = Object.keys(ENCODINGS) as EncodingName[];

/** Those whose bytes are passed on as they are. */
export const NAMES_WITHOUT_METADATA = ENCODING_NAMES.filter((name) => !/EXIF|rotated/.test(name));

/** Encodes a picture of one colour. */
export async function encodePicture(name: EncodingName, size: PictureSize): Promise<Uint8Array> {
  const canvas = sharp({ create: { ...size, channels: 3, background: "#a05020" } });
  return new Uint8Array(await ENCODINGS[name].encode(canvas).toBuffer());
}

/** The size as another library reads it. */
export async function readSizeWithSharp(bytes: Uint8Array): Promise<PictureSize> {
  const { width, height } = await sharp(bytes).metadata();
  return { width, height };
}

/** Bytes one after another, in memory of their own. */
export function joinBytes(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A JPEG segment with its marker and length. */
export function toJpegSegment(marker: number, payload: Uint8Array | readonly number[]): Uint8Array {
  const length = payload.length + 2;
  return joinBytes([0xff, marker, length >> 8, length & 0xff], payload);
}

/** The 10 bytes of a GIF up to its size. */
export function toGifHeader({ width, height }: PictureSize): Uint8Array {
  return joinBytes(
    new TextEncoder().encode("GIF89a"),
    [width & 0xff, width >> 8, height & 0xff, height >> 8],
  );
}

/** What passes for a GIF of 4 × 3 pixels by its header, of this many bytes in all. */
export function toGifOfLength(byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  bytes.set(toGifHeader({ width: 4, height: 3 }));
  return bytes;
}

/** The base64 of a parsed picture as a string. */
export function textOf(base64: Base64Buffer): string {
  return new TextDecoder().decode(base64.bytes());
}

/** As lower-case hex. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The same with the base64 of its picture as a string, to be compared. */
export function withText<T extends { picture: Picture }>({ picture, ...rest }: T) {
  assert.ok(picture.kind === "bytes");
  return { ...rest, picture: { ...picture, base64: textOf(picture.base64) } };
}
