import sharp from "sharp";
import type { LabelledPicture } from "../../labels/labelled-picture.ts";

/** Longest edge, in pixels: enough to see why an answer is wrong. */
const EDGE = 360;
const CONCURRENCY = 4;

/** Small pictures as `data:` URIs, by their file; one that can't be decoded has none. */
export async function createThumbnails(
  pictures: readonly Pick<LabelledPicture, "file" | "path">[],
): Promise<Map<string, string>> {
  const thumbnails = new Map<string, string>();
  const left = [...pictures];
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    for (let picture = left.shift(); picture; picture = left.shift()) {
      try {
        const small = await sharp(picture.path).rotate()
          .resize(EDGE, EDGE, { fit: "inside", withoutEnlargement: true })
          .flatten({ background: "#808080" }).jpeg({ quality: 72 }).toBuffer();
        thumbnails.set(picture.file, `data:image/jpeg;base64,${small.toString("base64")}`);
      } catch {
        // The page says so where the picture would be.
      }
    }
  }));
  return thumbnails;
}
