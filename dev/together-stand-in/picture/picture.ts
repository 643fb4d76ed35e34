import sharp from "sharp";
import { type Oklab, toOklab } from "../../../supabase/functions/_shared/client/picture/oklab.ts";
import type { Plane } from "./plane.ts";

/** Edge of the plane on which texture is measured, in pixels; a power of two. */
const TEXTURE_SIZE = 256;

/** Longest edge of the copy on which colours are counted, in pixels. */
const COLOUR_SIZE = 80;

/** Longest edge of the copy that the others are made from, in pixels: bounds memory. */
const WORKING_SIZE = 1024;

const FORMATS = new Set<string | undefined>(["jpeg", "png", "webp", "gif", "heif", "tiff"]);

/** A decoded picture, reduced to what is measured. */
export interface Picture {
  /** As encoded, in pixels. */
  width: number;
  /** As encoded, in pixels. */
  height: number;
  /** Single pixels from all over the picture: an average would hide the colours of a fine texture. */
  colours: Oklab[];
  /** Lightness (0 to 1) of the picture's central square. */
  lightness: Plane;
}

/**
 * Decodes a picture; transparency becomes white.
 *
 * @throws if the bytes are no picture of a known format or it has more than `maxPixels` pixels
 */
export async function decodePicture(bytes: Uint8Array, maxPixels: number): Promise<Picture> {
  const source = sharp(bytes, { limitInputPixels: maxPixels, failOn: "error" });
  const { width, height, format } = await source.metadata();
  if (!FORMATS.has(format)) throw new Error(`Cannot decode "${format}"`);
  const { data, info } = await source
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .resize(WORKING_SIZE, WORKING_SIZE, { fit: "inside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const samples = await sharp(data, { raw })
    .resize(COLOUR_SIZE, COLOUR_SIZE, { fit: "inside", kernel: "nearest" }).raw().toBuffer();
  const square = await sharp(data, { raw })
    .resize(TEXTURE_SIZE, TEXTURE_SIZE, { fit: "cover" }).raw().toBuffer();
  return {
    width,
    height,
    colours: toPixels(samples, info.channels),
    lightness: {
      size: TEXTURE_SIZE,
      values: Float64Array.from(toPixels(square, info.channels), ({ lightness }) => lightness),
    },
  };
}

function toPixels(raw: Uint8Array, channels: number): Oklab[] {
  const pixels: Oklab[] = [];
  for (let index = 0; index + channels <= raw.length; index += channels) {
    const red = raw[index]!;
    // A grey picture may stay a single channel.
    pixels.push(
      channels < 3 ? toOklab(red, red, red) : toOklab(red, raw[index + 1]!, raw[index + 2]!),
    );
  }
  return pixels;
}
