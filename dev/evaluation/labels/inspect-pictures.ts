import { createHash } from "node:crypto";
import { readPictureSize } from "../../catalogue/measure-pictures.ts";
import type { LabelledPicture, LabelProblem } from "./labelled-picture.ts";

/** A labelled picture that is there, with what its bytes say. */
export interface InspectedPicture extends LabelledPicture {
  /** SHA-256 of its bytes, in hex. */
  contentHash: string;
  /** In pixels; null where its beginning doesn't tell. */
  size: [width: number, height: number] | null;
}

/**
 * Reads each file once. What is missing, empty, too large, no picture, or the same picture as an earlier one
 * is a problem.
 *
 * @param maxBytes the largest picture that the function takes
 */
export async function inspectPictures(
  pictures: readonly LabelledPicture[],
  maxBytes: number,
): Promise<{ pictures: InspectedPicture[]; problems: LabelProblem[] }> {
  const inspected = new Map<string, InspectedPicture>();
  const problems: LabelProblem[] = [];
  for (const picture of pictures) {
    const found = await inspect(picture, maxBytes);
    const twin = typeof found === "string" ? undefined : inspected.get(found.contentHash);
    if (typeof found === "string") problems.push({ place: picture.file, problem: found });
    else if (twin) problems.push({ place: picture.file, problem: describeTwin(picture, twin) });
    else inspected.set(found.contentHash, found);
  }
  return { pictures: [...inspected.values()], problems };
}

async function inspect(
  picture: LabelledPicture,
  maxBytes: number,
): Promise<InspectedPicture | string> {
  let found: { path: string; bytes: Uint8Array<ArrayBuffer> } | null;
  try {
    found = await readFile(picture.path);
  } catch (error) {
    return `can't be read: ${(error as Error).message}`;
  }
  if (found === null) return "is missing";
  const { path, bytes } = found;
  if (bytes.length === 0) return "is empty";
  if (bytes.length > maxBytes) return `has ${bytes.length} bytes, and ${maxBytes} are the most`;
  const size = await readPictureSize(bytes);
  if (size === null) return "is no JPEG, PNG, WebP or GIF";
  return {
    ...picture,
    path,
    contentHash: createHash("sha256").update(bytes).digest("hex"),
    size: size === "unreadable" ? null : size,
  };
}

/**
 * The file of this name, or of the same one as another system writes it: macOS takes umlauts apart, Windows
 * separates folders by backslashes.
 */
async function readFile(path: string) {
  const slashed = path.replaceAll("\\", "/");
  for (const each of new Set([path, slashed, slashed.normalize("NFC"), slashed.normalize("NFD")])) {
    try {
      return { path: each, bytes: await Deno.readFile(each) };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return null;
}

function describeTwin(picture: LabelledPicture, twin: LabelledPicture): string {
  const isSame = JSON.stringify(picture.labels) === JSON.stringify(twin.labels);
  return `is the same picture as ${twin.file}${isSame ? "" : ", with other labels"}`;
}
