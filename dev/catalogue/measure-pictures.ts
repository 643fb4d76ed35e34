/** Sizes of a sample of pictures, from their first bytes. */
import sharp from "sharp";
import { readPlainSize } from "../../supabase/functions/_shared/client/picture/picture-header.ts";
import { isTransformable } from "../../supabase/functions/_shared/platform/storage/stored-objects.ts";
import { countPictureTokens } from "../../supabase/functions/_shared/together-ai/models.ts";
import type {
  PictureSample,
  PictureStratum,
} from "../../supabase/functions/analyse-catalogue/routes/run-request.ts";
import {
  readStructure,
  sniffMediaType,
} from "../../supabase/functions/semantic-analysis/request/picture-header.ts";
import { fetchUsersPicture, toRequest } from "./picture-source.ts";
import type { ProjectAddress } from "./project-address.ts";

/** Which pictures to look at, as the database chose them. */
export interface PictureChoice {
  known: number;
  strata: { pictures: number; sources: string[] }[];
}

/** Where pictures are read from, and how large they are sent. */
export interface MeasureOptions {
  project: ProjectAddress;
  /** Longest edge that pictures in Storage are made small to; null where they are not. */
  storedEdge: number | null;
  fetch?: typeof globalThis.fetch;
  /** Once it is aborted no further picture is looked at. */
  signal?: AbortSignal;
}

/** Of each picture; the size is in the beginning. */
const MAX_BYTES = 64 * 1024;

const TIMEOUT_MS = 10_000;
const CONCURRENCY = 8;

/** Pictures that can't be read, or aren't at a public address, are left out: what they cost is not known. */
export async function measurePictures(
  { known, strata }: PictureChoice,
  { project, storedEdge, fetch = globalThis.fetch, signal }: MeasureOptions,
): Promise<PictureSample> {
  const measured: PictureStratum[] = [];
  for (const { pictures, sources } of strata) {
    const tokens: PictureStratum["tokens"][number][] = [];
    const left = [...sources];
    await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
      for (let source = left.shift(); source !== undefined; source = left.shift()) {
        if (signal?.aborted) return;
        const size = await measure(source, project, fetch);
        if (size === "unreadable") continue;
        const edge = isMadeSmall(source) ? storedEdge : null;
        tokens.push(size && countPictureTokens(...fitInto(size, edge)));
      }
    }));
    measured.push({ pictures, tokens });
  }
  return { known, strata: measured };
}

function isMadeSmall(source: string): boolean {
  const [, path] = /^storage:\/\/[^/]+\/(.*)$/.exec(source) ?? [];
  return path !== undefined && isTransformable(path);
}

function fitInto([width, height]: [number, number], edge: number | null): [number, number] {
  const scale = Math.min(1, (edge ?? Infinity) / Math.max(width, height));
  return [Math.round(width * scale), Math.round(height * scale)];
}

async function measure(
  source: string,
  project: ProjectAddress,
  fetch: typeof globalThis.fetch,
): Promise<[number, number] | null | "unreadable"> {
  try {
    const { url, headers } = toRequest(source, project);
    const request = { url, headers: { ...headers, range: `bytes=0-${MAX_BYTES - 1}` } };
    // Some materials are users' own, and no picture at another address would be analysed.
    const response = await fetchUsersPicture(request, AbortSignal.timeout(TIMEOUT_MS), fetch);
    if (!response.ok) {
      await response.body?.cancel();
      return "unreadable";
    }
    return await readPictureSize(await readBeginning(response));
  } catch {
    return "unreadable";
  }
}

/** A server may send all of it, whatever range was asked for. */
async function readBeginning(response: Response): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAX_BYTES);
  let length = 0;
  for await (const chunk of response.body ?? []) {
    const part = chunk.subarray(0, MAX_BYTES - length);
    bytes.set(part, length);
    length += part.length;
    // Leaving the loop cancels the body.
    if (length === MAX_BYTES) break;
  }
  return bytes.subarray(0, length);
}

/** @returns null for what is none of the pictures that are analysed */
export async function readPictureSize(
  bytes: Uint8Array,
): Promise<[number, number] | null | "unreadable"> {
  const mediaType = sniffMediaType(bytes);
  if (mediaType === null) return null;
  if (mediaType === "image/jpeg" || mediaType === "image/png") {
    try {
      const { width, height } = await sharp(bytes).metadata();
      return [width, height];
    } catch {
      // Its beginning is metadata alone, or it is broken.
      return "unreadable";
    }
  }
  // sharp wants all of these.
  const structure = readStructure(bytes, mediaType);
  const size = typeof structure === "string" ? readPlainSize(bytes) : structure;
  return size === null || size.width < 1 || size.height < 1
    ? "unreadable"
    : [size.width, size.height];
}
