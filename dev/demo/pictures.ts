/** The pictures of a demo. */
import { basename, join } from "node:path";
import { projectDirectory } from "../stack/process/project-paths.ts";
import { decodePicture } from "../together-stand-in/picture/picture.ts";
import type { PaletteColor } from "../../supabase/functions/_shared/client/contract.ts";
import { findDominantColours } from "../../supabase/functions/_shared/client/picture/dominant-colours.ts";

/** A file as it is sent; whether it is a picture is for the function to say. */
export interface DemoPicture {
  name: string;
  bytes: Uint8Array;
  /** Measured here, whatever the model says; none where the file can't be decoded here. */
  colours: PaletteColor[];
}

/** A file that can't be sent, and why, as the end of a sentence. */
export interface UnreadablePicture {
  name: string;
  problem: string;
}

const MAX_PIXELS = 100_000_000;

const SAMPLES = join(projectDirectory, "dev", "samples");

/**
 * Reads the pictures at these paths or, without any, the project's own samples.
 *
 * @param maxBytes of a picture that is sent
 */
export async function readPictures(
  paths: readonly string[],
  maxBytes: number,
): Promise<(DemoPicture | UnreadablePicture)[]> {
  const files = paths.length > 0 ? paths : await listSamples();
  return await Promise.all(files.map((path) => readPicture(path, maxBytes)));
}

async function listSamples(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(SAMPLES));
  return entries
    .filter((entry) => entry.name.endsWith(".jpg"))
    .map((entry) => join(SAMPLES, entry.name))
    .sort();
}

async function readPicture(
  path: string,
  maxBytes: number,
): Promise<DemoPicture | UnreadablePicture> {
  const name = basename(path);
  try {
    const { isDirectory, size } = await Deno.stat(path);
    if (isDirectory) return { name, problem: "is a folder, name the pictures in it" };
    if (size > maxBytes) {
      const problem = `has ${toMegabytes(size)} MB, and a picture may have ${
        toMegabytes(maxBytes)
      } MB: make it smaller, as preparePicture of the client does in a browser`;
      return { name, problem };
    }
    const bytes = await Deno.readFile(path);
    return { name, bytes, colours: await measureColours(bytes) };
  } catch (error) {
    return { name, problem: describeFault(path, error) };
  }
}

async function measureColours(bytes: Uint8Array): Promise<PaletteColor[]> {
  try {
    const { colours } = await decodePicture(bytes, MAX_PIXELS);
    return findDominantColours(colours);
  } catch {
    return [];
  }
}

function describeFault(path: string, error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return `is missing: there is no file "${path}"`;
  if (error instanceof Deno.errors.PermissionDenied) return "can't be read: permission denied";
  return `can't be read: ${error instanceof Error ? error.message : error}`;
}

/** With one digit, rounded up: 6.0 MB is never told to be more than 6.0 MB. */
function toMegabytes(bytes: number): string {
  return (Math.ceil(bytes / 1024 / 1024 * 10) / 10).toFixed(1);
}
