/** The structure of a GIF. https://www.w3.org/Graphics/GIF/spec-gif89a.txt */

import {
  type PictureSize,
  type PictureStructure,
  type StructureProblem,
  toLargest,
  toView,
} from "./structure.ts";

const SCREEN_END = 13;

const [EXTENSION, FRAME] = [0x21, 0x2c];

/** Bytes of a frame's header. */
const FRAME_BYTES = 10;

/**
 * The size of the screen or of what its first frame fills, whichever is larger: decoders differ in which of
 * them they show.
 */
export function readGif(bytes: Uint8Array): PictureStructure | StructureProblem {
  if (bytes.byteLength < 10) return "broken";
  const view = toView(bytes);
  const screen = { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  const hasScreen = screen.width > 0 && screen.height > 0;
  const frame = hasScreen ? readFirstFrame(bytes, view) : null;
  return { ...toLargest(screen, frame ?? screen), blanks: [] };
}

function readFirstFrame(bytes: Uint8Array, view: DataView): PictureSize | null {
  let at = SCREEN_END + toTableBytes(bytes[10] ?? 0);
  while (at + FRAME_BYTES <= bytes.byteLength) {
    if (bytes[at] === FRAME) {
      return {
        width: view.getUint16(at + 1, true) + view.getUint16(at + 5, true),
        height: view.getUint16(at + 3, true) + view.getUint16(at + 7, true),
      };
    }
    // A byte that begins neither an extension nor a frame is skipped, as decoders do.
    at = bytes[at] === EXTENSION ? skipBlocks(bytes, at + 2) : at + 1;
  }
  return null;
}

/** A table of colours, if the flags say that there is one. */
function toTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 0x07) + 1);
}

function skipBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.byteLength && bytes[at] !== 0) at += bytes[at]! + 1;
  return at + 1;
}
