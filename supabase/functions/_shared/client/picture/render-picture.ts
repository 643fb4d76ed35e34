/**
 * The work of `preparePicture`, for a worker and for a page alike: decode, draw on white in the size
 * that costs least, measure the colours, and search the JPEG quality that fits.
 */

import type { PaletteColor } from "../contract.ts";
import {
  type Bitmap,
  browser,
  type Canvas,
  type Context2d,
  createCanvas,
  type Drawable,
  encodeJpeg,
} from "./browser.ts";
import { findDominantColours } from "./dominant-colours.ts";
import { toOklab } from "./oklab.ts";
import { type PictureSize, readPlainSize, sniffMediaType } from "./picture-header.ts";

/** What the picture may be at most. */
export interface RenderLimits {
  maxSidePixels: number;
  maxBytes: number;
}

/** What became of a picture. */
export interface RenderedPicture {
  /** null where the picture is sent as it is. */
  blob: Blob | null;
  /** Of the picture as it came, by its first bytes. */
  mediaType: string | null;
  /** As it is seen, upright. */
  from: PictureSize;
  to: PictureSize;
  /** In (0, 1]; null where nothing was encoded. */
  quality: number | null;
  colors: PaletteColor[];
}

/** Best first. Below the last, a smaller picture shows more than a coarser one. */
const QUALITIES = [0.92, 0.88, 0.84, 0.8, 0.74, 0.66, 0.56, 0.45];

/** Of each dimension, when even the coarsest quality does not fit. */
const SHRINK = 0.8;

/** Pixels of the source that are drawn in one task: some milliseconds of a page's time. */
const BAND_PIXELS = 1_000_000;

/** Side of the square whose pixels the colours are measured on. */
const PALETTE_SIDE = 64;

/** @throws {Error} when this browser can't decode the picture, or shows no true pixels */
export async function renderPicture(blob: Blob, limits: RenderLimits): Promise<RenderedPicture> {
  requireTruePixels();
  const isSmall = blob.size < limits.maxBytes;
  const head = isSmall ? blob : blob.slice(0, 64);
  const bytes = new Uint8Array(await head.arrayBuffer());
  const mediaType = sniffMediaType(bytes);
  const plainSize = isSmall ? readPlainSize(bytes) : null;
  const { drawable, size: from, close } = await decode(blob);
  try {
    if (from.width * from.height === 0) throw new Error("The picture has no size");
    const scale = Math.min(1, limits.maxSidePixels / Math.max(from.width, from.height));
    const size = scaled(from, scale);
    const canvas = await draw(drawable, from, size);
    const colors = await measureColors(canvas, size);
    if (plainSize && scale === 1) {
      return { blob: null, mediaType, from, to: from, quality: null, colors };
    }
    return { mediaType, from, colors, ...await encode(canvas, size, limits) };
  } finally {
    close();
  }
}

interface Decoded {
  drawable: Drawable;
  size: PictureSize;
  /** Frees the memory of the pixels. */
  close(): void;
}

/** By `createImageBitmap`, which works in workers; else by an `<img>`, which Safari decodes more with. */
async function decode(blob: Blob): Promise<Decoded> {
  try {
    const bitmap: Bitmap | undefined = await browser.createImageBitmap?.(blob, {
      imageOrientation: "from-image",
    });
    if (bitmap) {
      const size = { width: bitmap.width, height: bitmap.height };
      return { drawable: bitmap, size, close: () => bitmap.close() };
    }
  } catch (error) {
    if (!browser.document) throw error;
  }
  const image = browser.document?.createElement("img");
  if (!image) throw new Error("This runtime can't decode pictures");
  image.src = URL.createObjectURL(blob);
  const close = () => URL.revokeObjectURL(image.src);
  try {
    await image.decode();
  } catch (error) {
    close();
    throw error;
  }
  const size = { width: image.naturalWidth, height: image.naturalHeight };
  return { drawable: image, size, close };
}

/** Searches the best quality that fits; where none does, draws a smaller picture. */
async function encode(
  canvas: Canvas,
  size: PictureSize,
  limits: RenderLimits,
): Promise<{ blob: Blob; to: PictureSize; quality: number }> {
  let best: { blob: Blob; quality: number } | null = null;
  // Binary search over a list that falls: the first one that fits. The best is often enough.
  for (let low = 0, high = QUALITIES.length - 1, at = 0; low <= high; at = low + high >> 1) {
    const quality = QUALITIES[at]!;
    const blob = await encodeJpeg(canvas, quality);
    if (blob.size < limits.maxBytes) {
      best = { blob, quality };
      high = at - 1;
    } else low = at + 1;
  }
  if (best) return { ...best, to: size };
  if (Math.max(size.width, size.height) === 1) throw new Error("The picture can't be made small");
  const smaller = scaled(size, SHRINK);
  return await encode(await draw(canvas, size, smaller), smaller, limits);
}

/** JPEG has no alpha: what shines through becomes white, as on a page. */
async function draw(
  drawable: Drawable,
  from: PictureSize,
  to: PictureSize,
  { isSampled = false } = {},
): Promise<Canvas> {
  const canvas = createCanvas(to.width, to.height);
  const context = requireContext(canvas);
  context.imageSmoothingEnabled = !isSampled;
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, to.width, to.height);
  const bands = Math.ceil(from.width * from.height / BAND_PIXELS);
  const bandHeight = Math.ceil(to.height / bands);
  for (let y = 0; y < to.height; y += bandHeight) {
    const height = Math.min(bandHeight, to.height - y);
    const scale = from.height / to.height;
    await breathe();
    context.drawImage(drawable, 0, y * scale, from.width, height * scale, 0, y, to.width, height);
  }
  return canvas;
}

/** Ends the task: where there is no worker, a page reacts between two of them. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

async function measureColors(canvas: Canvas, from: PictureSize): Promise<PaletteColor[]> {
  const to = { width: PALETTE_SIDE, height: PALETTE_SIDE };
  // Pixels as they are: the mean of black and white grains is the grey of neither.
  const square = await draw(canvas, from, to, { isSampled: true });
  const { data } = requireContext(square).getImageData(0, 0, PALETTE_SIDE, PALETTE_SIDE);
  return findDominantColours(
    Array.from({ length: data.length / 4 }, (_, index) => {
      const [red, green, blue] = data.subarray(index * 4);
      return toOklab(red!, green!, blue!);
    }),
  );
}

/** Browsers that resist fingerprinting give noise for pixels, which must not be sent as a picture. */
function requireTruePixels(): void {
  const context = requireContext(createCanvas(4, 4));
  context.fillStyle = "#4080c0";
  context.fillRect(0, 0, 4, 4);
  const { data } = context.getImageData(0, 0, 4, 4);
  const isTrue = data.every((value, index) =>
    Math.abs(value - [64, 128, 192, 255][index % 4]!) < 8
  );
  if (!isTrue) throw new Error("The browser does not show the pixels of a canvas");
}

function requireContext(canvas: Canvas): Context2d {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gave no canvas to draw on");
  return context;
}

/** Rounded down, but for what arithmetic lost. */
function scaled({ width, height }: PictureSize, scale: number): PictureSize {
  const toSide = (side: number) => Math.max(1, Math.floor(side * scale + 1e-6));
  return { width: toSide(width), height: toSide(height) };
}
