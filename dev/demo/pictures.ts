/** The pictures of a demo. */
import { basename, join } from "node:path";
import { projectDirectory } from "../stack/process/project-paths.ts";
import { decodePicture } from "../together-stand-in/picture/picture.ts";
import type { PaletteColor } from "../../supabase/functions/_shared/client/contract.ts";
import { findDominantColours } from "../../supabase/functions/_shared/client/picture/dominant-colours.ts";

export interface DemoPicture {
  name: string;
  bytes: Uint8Array;
  /** Measured here, whatever the model says. */
  colours: PaletteColor[];
}

const MAX_PIXELS = 100_000_000;

const SAMPLES = join(projectDirectory, "dev", "samples");

/**
 * Reads the pictures at these paths or, without any, the project's own samples.
 *
 * @throws {Error} that names the file that is missing or no picture
 */
export async function readPictures(paths: readonly string[]): Promise<DemoPicture[]> {
  const files = paths.length > 0 ? paths : await listSamples();
  return await Promise.all(files.map(readPicture));
}

async function listSamples(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(SAMPLES));
  return entries
    .filter((entry) => entry.name.endsWith(".jpg"))
    .map((entry) => join(SAMPLES, entry.name))
    .sort();
}

async function readPicture(path: string): Promise<DemoPicture> {
  const name = basename(path);
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw new Error(`Cannot read the picture "${path}"`, { cause: error });
  }
  try {
    const { colours } = await decodePicture(bytes, MAX_PIXELS);
    return { name, bytes, colours: findDominantColours(colours) };
  } catch (error) {
    throw new Error(`"${path}" is not a picture that can be shown`, { cause: error });
  }
}
