/** Type and structure of a picture, without decoding it. */

import { readGif } from "./formats/gif.ts";
import { readJpeg } from "./formats/jpeg.ts";
import { readPng } from "./formats/png.ts";
import {
  hasAscii,
  type PictureStructure,
  type ReadStructure,
  type StructureProblem,
} from "./formats/structure.ts";
import { readWebp } from "./formats/webp.ts";

/** The kinds of picture that are taken. */
export type PictureMediaType = "image/jpeg" | "image/png" | "image/webp" | "image/gif";

const READERS: Record<PictureMediaType, ReadStructure> = {
  "image/jpeg": readJpeg,
  "image/png": readPng,
  "image/webp": readWebp,
  "image/gif": readGif,
};

/** The type that the first bytes tell; null when it is none of the four we take. */
export function sniffMediaType(bytes: Uint8Array): PictureMediaType | null {
  if (hasAscii(bytes, 0, "\xff\xd8\xff")) return "image/jpeg";
  if (hasAscii(bytes, 0, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (hasAscii(bytes, 0, "RIFF") && hasAscii(bytes, 8, "WEBP")) return "image/webp";
  if (hasAscii(bytes, 0, "GIF87a") || hasAscii(bytes, 0, "GIF89a")) return "image/gif";
  return null;
}

/** Its size, and where its metadata is; or what is wrong. A side may be 0. */
export function readStructure(
  bytes: Uint8Array,
  mediaType: PictureMediaType,
): PictureStructure | StructureProblem {
  return READERS[mediaType](bytes);
}
