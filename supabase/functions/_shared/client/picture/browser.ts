/**
 * The browser's APIs for pictures, as far as they are used here. Types of our own, because neither
 * Deno's nor React Native's have them all; each is optional, because no runtime has them all.
 */

/** A drawing surface: an OffscreenCanvas, or a page's canvas element. */
export interface Canvas {
  getContext(kind: "2d"): Context2d | null;
  convertToBlob?(options: { type: string; quality: number }): Promise<Blob>;
  toBlob?(take: (blob: Blob | null) => void, type: string, quality: number): void;
}

/** What is drawn with. */
export interface Context2d {
  fillStyle: string;
  imageSmoothingEnabled: boolean;
  imageSmoothingQuality: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  /** A rectangle of the source, and where it goes: x, y, width and height of each. */
  drawImage(
    source: Drawable,
    ...rectangles: [number, number, number, number, number, number, number, number]
  ): void;
  getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
}

/** A decoded picture. */
export type Drawable = Bitmap | ImageElement | Canvas;

/** A decoded picture that holds memory until it is closed. */
export interface Bitmap {
  width: number;
  height: number;
  close(): void;
}

/** An `<img>`. */
export interface ImageElement {
  src: string;
  naturalWidth: number;
  naturalHeight: number;
  decode(): Promise<void>;
}

/** A page's `document`. */
interface Page {
  createElement(name: "canvas"): Canvas & { width: number; height: number };
  createElement(name: "img"): ImageElement;
}

/** The globals of this runtime. */
export const browser = globalThis as unknown as {
  document?: Page;
  OffscreenCanvas?: new (width: number, height: number) => Canvas;
  Worker?: typeof Worker;
  createImageBitmap?(blob: Blob, options: { imageOrientation: "from-image" }): Promise<Bitmap>;
};

/** Makes a surface of this size. @throws {Error} where there is none */
export function createCanvas(width: number, height: number): Canvas {
  if (browser.OffscreenCanvas) return new browser.OffscreenCanvas(width, height);
  const canvas = browser.document?.createElement("canvas");
  if (!canvas) throw new Error("This runtime has no canvas");
  return Object.assign(canvas, { width, height });
}

/** Encodes a surface as JPEG. @throws {Error} when it can't be encoded */
export async function encodeJpeg(canvas: Canvas, quality: number): Promise<Blob> {
  const type = "image/jpeg";
  if (canvas.convertToBlob) return await canvas.convertToBlob({ type, quality });
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob?.(resolve, type, quality));
  if (!blob) throw new Error("The browser could not encode the picture");
  return blob;
}
