/** The colours of a catalogue's pictures, measured here and stored in the project. */
import { createHash } from "node:crypto";
import { findDominantColours } from "../../supabase/functions/_shared/client/picture/dominant-colours.ts";
import type { PaletteColor } from "../../supabase/functions/_shared/client/contract.ts";
import { decodePicture } from "../together-stand-in/picture/picture.ts";
import { readBounded } from "../together-stand-in/wire/read-bounded.ts";
import { fetchUsersPicture, isOwnersPicture, toRequest } from "./picture-source.ts";
import { CatalogueError, type ProjectAddress } from "./project-address.ts";

/** A material's picture. */
export interface PictureToMeasure {
  material_id: string;
  /** A URL, or `storage://<bucket>/<path>`. */
  source: string;
  /** Of the one that was measured before; null where none was. */
  source_hash: string | null;
  /** The user whose own material it is; null for the project's. */
  owner_id: string | null;
}

/** A palette, and the hash of the bytes that it was measured from. */
export interface MeasuredPicture {
  colors: PaletteColor[];
  /** SHA-256, as hex. */
  hash: string;
}

/** The project's calls; they throw {CatalogueError}. */
export interface ColourStore {
  /** The next pictures after a material's id, in the order of ids. */
  listPictures(
    options: { after: string | null; limit: number; isAgain: boolean; category: string | null },
  ): Promise<PictureToMeasure[]>;
  storePalette(picture: PictureToMeasure, measured: MeasuredPicture): Promise<void>;
}

/** What is measured, and how. */
export interface MeasureColoursOptions {
  store: ColourStore;
  /** Reads and measures a picture; a throw is why it could not be. */
  measure: (picture: Pick<PictureToMeasure, "source" | "owner_id">) => Promise<MeasuredPicture>;
  /** Also those that were measured before. Default false. */
  isAgain?: boolean;
  category?: string;
  /** So many pictures at most. */
  limit?: number;
  /** Told after each picture. */
  onProgress?: (result: ColoursResult) => void;
  /** Ends it after the pictures that are under way; a later run goes on. */
  signal: AbortSignal;
}

/** How far it has come, or how it ended. */
export interface ColoursResult {
  ended: "done" | "interrupted";
  pictures: number;
  measured: number;
  /** Measured before, of the same bytes. */
  unchanged: number;
  failed: number;
  /** The first hundred. */
  failures: { material_id: string; source: string; reason: string }[];
}

const MAX_BYTES = 50_000_000;
const MAX_PIXELS = 200_000_000;
const TIMEOUT_MS = 30_000;
const CONCURRENCY = 4;
const PAGE = 1_000;
const MAX_FAILURES = 100;

/** Palettes in a row that could not be stored: the run is given up. */
const MOST_UNSTORED = 5;

/**
 * Measures the pictures of a catalogue, several at a time. What is stored is not measured again, so that
 * a run which was ended goes on; a picture that can't be read is told, and tried again by the next run.
 */
export async function measureColours(options: MeasureColoursOptions): Promise<ColoursResult> {
  const { store, measure, isAgain = false, onProgress, signal } = options;
  const left = await listAll(options);
  const result: ColoursResult = {
    ended: "done",
    pictures: left.length,
    measured: 0,
    unchanged: 0,
    failed: 0,
    failures: [],
  };
  let unstored = 0;
  /** @returns what became of it, or why it could not be measured or stored */
  const measureOne = async (
    picture: PictureToMeasure,
  ): Promise<"measured" | "unchanged" | Error> => {
    const measured = await measure(picture).catch((error: Error) => error);
    if (measured instanceof Error) return measured;
    // Listed without being asked for again, it is at another place, which is to be stored.
    if (isAgain && measured.hash === picture.source_hash) return "unchanged";
    try {
      await store.storePalette(picture, measured);
      unstored = 0;
      return "measured";
    } catch (error) {
      // A gateway fails now and then; one that fails again and again has no use for more.
      const isPassing = error instanceof CatalogueError && error.isPassing;
      if (!isPassing || ++unstored === MOST_UNSTORED) throw error;
      return error;
    }
  };
  const work = async () => {
    for (let next = left.shift(); next !== undefined && !signal.aborted; next = left.shift()) {
      const became = await measureOne(next);
      if (became instanceof Error) {
        result.failed++;
        const { material_id, source } = next;
        if (result.failures.length < MAX_FAILURES) {
          result.failures.push({ material_id, source, reason: became.message });
        }
      } else {
        result[became]++;
      }
      onProgress?.(result);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  const isDone = result.measured + result.unchanged + result.failed === result.pictures;
  return { ...result, ended: isDone ? "done" : "interrupted" };
}

async function listAll(
  { store, isAgain = false, category, limit = Infinity, signal }: MeasureColoursOptions,
): Promise<PictureToMeasure[]> {
  const all: PictureToMeasure[] = [];
  while (all.length < limit && !signal.aborted) {
    const after = all.at(-1)?.material_id ?? null;
    const page = await store.listPictures({
      after,
      limit: PAGE,
      isAgain,
      category: category ?? null,
    });
    // A project may cut pages shorter than was asked for (max_rows): only an empty one is the last.
    if (page.length === 0) break;
    all.push(...page);
  }
  return all.slice(0, limit);
}

/** Measures a picture where it is: fetched whole, decoded by sharp, measured as in a browser. */
export function createMeasure(
  project: ProjectAddress,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): MeasureColoursOptions["measure"] {
  return async ({ source, owner_id: ownerId }) => {
    if (ownerId !== null && !await isOwnersPicture(source, ownerId, project, fetch)) {
      throw new Error("is no picture that the material's user may read");
    }
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const request = toRequest(source, project);
    const response = ownerId === null
      ? await fetch(request.url, { headers: request.headers, signal })
      : await fetchUsersPicture(request, signal, fetch);
    if (!response.ok) throw new Error(await describeFailure(response, source));
    const bytes = await readBounded(response, MAX_BYTES);
    if (bytes === null) throw new Error(`has more than ${MAX_BYTES / 1e6} MB`);
    const { colours } = await decodePicture(bytes, MAX_PIXELS);
    return {
      colors: findDominantColours(colours),
      hash: createHash("sha256").update(bytes).digest("hex"),
    };
  };
}

/** Storage answers 400 for nearly everything, and says in the body what it means. */
async function describeFailure(response: Response, source: string): Promise<string> {
  if (!source.startsWith("storage://")) {
    await response.body?.cancel();
    return `answered ${response.status}`;
  }
  const { statusCode, message } = await response.json().catch(() => ({}));
  return `Storage answered ${statusCode ?? response.status} (${message ?? "without a reason"})`;
}
