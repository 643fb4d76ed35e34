import sharp from "sharp";
import { rasterize, type Texture } from "./raster.ts";
import { brick } from "./textures/brick.ts";
import { brushedMetal } from "./textures/brushed-metal.ts";
import { granite } from "./textures/granite.ts";
import { marble } from "./textures/marble.ts";
import { wood } from "./textures/wood.ts";
import { wovenCloth } from "./textures/woven-cloth.ts";

/** Edge of every sample picture, in pixels. */
export const SAMPLE_SIZE = 512;

/** No sample picture may be larger than this, in bytes. */
export const MAX_SAMPLE_BYTES = 80 * 1024;

/** The sample pictures: file name without `.jpg` → what is drawn on it. */
export const SAMPLES = {
  "wood": wood,
  "marble": marble,
  "brick": brick,
  "woven-cloth": wovenCloth,
  "brushed-metal": brushedMetal,
  "granite": granite,
} as const satisfies Record<string, Texture>;

/** The name of a sample picture. */
export type SampleName = keyof typeof SAMPLES;

/** All sample names, in the order in which they are shown. */
export const SAMPLE_NAMES = Object.keys(SAMPLES) as SampleName[];

/**
 * Draws a sample picture and encodes it as JPEG.
 *
 * The highest quality that fits `MAX_SAMPLE_BYTES` is used, so a rough texture is compressed more.
 */
export async function renderSample(name: SampleName): Promise<Uint8Array> {
  const pixels = rasterize(SAMPLES[name], SAMPLE_SIZE);
  const raw = { width: SAMPLE_SIZE, height: SAMPLE_SIZE, channels: 3 } as const;
  for (let quality = 88; quality > 40; quality -= 6) {
    const encoded = await sharp(pixels, { raw }).jpeg({ quality, mozjpeg: true }).toBuffer();
    if (encoded.byteLength < MAX_SAMPLE_BYTES) return new Uint8Array(encoded);
  }
  throw new Error(`Cannot encode "${name}" in "${MAX_SAMPLE_BYTES}" bytes`);
}

/** Where a sample picture is kept. */
export function sampleUrl(name: SampleName): URL {
  return new URL(`./${name}.jpg`, import.meta.url);
}
