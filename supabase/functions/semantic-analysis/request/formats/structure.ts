/** What the structure of a picture tells, without decoding it. */

export interface PictureSize {
  /** Pixels. */
  width: number;
  height: number;
}

/** Bytes of a picture that are no part of it: set to 0, but for what is written at their beginning. */
export interface Blank {
  start: number;
  end: number;
  /** Written at the start; no longer than what is blanked. */
  head?: Uint8Array;
}

/** What is known of a picture without decoding it. */
export interface PictureStructure extends PictureSize {
  /** Where metadata is, and what is behind the picture's end. */
  blanks: Blank[];
}

/** Its beginning makes no sense, it stops before its end, or its metadata is in too many pieces. */
export type StructureProblem = "broken" | "cut off" | "too many pieces";

/**
 * Each piece of metadata is blanked by itself: a million of a byte each would take seconds, and half a
 * gigabyte. Pictures have tens of them, those of some editors thousands.
 */
export const MAX_BLANKS = 10_000;

/** Walks through the bytes of one format. */
export type ReadStructure = (bytes: Uint8Array) => PictureStructure | StructureProblem;

/** As large as any of the sizes that a picture tells: which of them counts is for a decoder to choose. */
export function toLargest(a: PictureSize, b: PictureSize): PictureSize {
  return { width: Math.max(a.width, b.width), height: Math.max(a.height, b.height) };
}

/** Before a size is found. */
export const NO_SIZE: PictureSize = { width: 0, height: 0 };

/** Whether the bytes from `at` on are this ASCII text. */
export function hasAscii(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** A view on the same memory; nothing is copied. */
export function toView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
