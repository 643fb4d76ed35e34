/** From any picture that a browser can decode to the smallest one that a model sees as well. */

import { callError } from "../call/read-error.ts";
import type { PaletteColor } from "../contract.ts";
import { browser } from "./browser.ts";
import { type PictureBytes, toBlob } from "./picture-source.ts";
import type { PictureSize } from "./picture-header.ts";
import { renderPicture, type WorkerAnswer, type WorkerRequest } from "./picture-worker.ts";
import type { RenderedPicture, RenderLimits } from "./render-picture.ts";
import { WORKER_SCRIPT } from "./worker-script.ts";

/** For `preparePicture`. */
export interface PreparePictureOptions {
  /** Longest side. Default 1119: one pixel more costs up to four times as many tokens. */
  maxSidePixels?: number | undefined;
  /** The picture stays under it. Default 250,000. */
  maxBytes?: number | undefined;
  /** Ends the preparation. */
  signal?: AbortSignal | undefined;
}

/** A picture's file, before or after. */
export interface PictureFacts extends PictureSize {
  /** Media type by the first bytes; empty for bytes that are no known picture. */
  type: string;
  bytes: number;
}

/** A picture that is ready to be sent, and what was done to it. */
export interface PreparedPicture {
  /** The bytes to send; the same object that was given where it needed nothing. */
  picture: Blob;
  /** It was small, upright, opaque and without metadata already. */
  isUntouched: boolean;
  /** Width and height as it is seen, upright. */
  from: PictureFacts;
  to: PictureFacts;
  /** Of the JPEG, in (0, 1]; null where it is untouched. */
  quality: number | null;
  /** Its dominant colours, most of it first: five at most. */
  colors: PaletteColor[];
}

/** A page in which pictures can be prepared. */
export function isPage(): boolean {
  return browser.document !== undefined && browser.createImageBitmap !== undefined;
}

/**
 * Makes an upright JPEG of at most 1119 pixels a side and under 250 KB of any picture that this browser
 * can decode: JPEG, PNG, WebP, GIF, AVIF, and HEIC where the system can. What is transparent becomes
 * white; metadata, the place and the camera among it, is gone. A JPEG, PNG or WebP that needs none of
 * this passes untouched.
 *
 * The work is done in a worker; where a page's security policy allows none (`worker-src blob:`), by
 * the page. Pictures are prepared one after the other, because a decoded one takes 50 MB and more.
 *
 * @example
 * ```ts
 * export async function choose(file: File): Promise<Blob> {
 *   const { picture, from, to, colors } = await preparePicture(file);
 *   console.log(`${from.bytes} bytes became ${to.bytes}, mostly ${colors[0]?.name}`);
 *   return picture;
 * }
 * ```
 *
 * @throws {SemanticAnalysisError} PICTURE_UNREADABLE for what this browser can't decode or draw, and
 *   ABORTED.
 */
export async function preparePicture(
  file: PictureBytes,
  options: PreparePictureOptions = {},
): Promise<PreparedPicture> {
  const { maxSidePixels = 1119, maxBytes = 250_000, signal } = options;
  const picture = toBlob(file);
  const turn = lastTurn.then(() => render(picture, { maxSidePixels, maxBytes }, signal));
  lastTurn = turn.catch(() => {});
  const { blob, mediaType, from, to, quality, colors } = await turn;
  const prepared = blob ?? picture;
  const fromType = mediaType ?? picture.type;
  return {
    picture: prepared,
    isUntouched: blob === null,
    from: { ...toSize(from), type: fromType, bytes: picture.size },
    to: { ...toSize(to), type: blob ? "image/jpeg" : fromType, bytes: prepared.size },
    quality,
    colors,
  };
}

/** Settles when the picture before is done. */
let lastTurn: Promise<unknown> = Promise.resolve();

/** A page that refused one worker will refuse the next, and report each. */
let isWorkerRefused = false;

async function render(
  picture: Blob,
  limits: RenderLimits,
  signal: AbortSignal | undefined,
): Promise<RenderedPicture> {
  const aborted = () =>
    callError("ABORTED", "The preparation was aborted by its caller", { cause: signal?.reason });
  if (signal?.aborted) throw aborted();
  let rendered = await renderInWorker({ blob: picture, limits }, signal);
  if (signal?.aborted) throw aborted();
  try {
    // What the worker could not decode, an <img> of the page may: HEIC in Safari.
    rendered ??= await renderPicture(picture, limits);
  } catch (cause) {
    throw callError("PICTURE_UNREADABLE", "This browser can't read the picture", { cause });
  }
  if (signal?.aborted) throw aborted();
  return rendered;
}

/** null where there is no worker, or it could not do it. */
async function renderInWorker(
  request: WorkerRequest,
  signal: AbortSignal | undefined,
): Promise<RenderedPicture | null> {
  if (!WORKER_SCRIPT || !browser.Worker || !browser.OffscreenCanvas || isWorkerRefused) return null;
  const url = URL.createObjectURL(new Blob([WORKER_SCRIPT], { type: "text/javascript" }));
  let worker: Worker | undefined;
  let stop = () => {};
  try {
    worker = new browser.Worker(url);
    const started = worker;
    const answer = await new Promise<WorkerAnswer | null>((resolve) => {
      stop = () => resolve(null);
      signal?.addEventListener("abort", stop);
      started.onmessage = ({ data }) => resolve(data);
      // A policy that refuses the script, or a worker that ran out of memory.
      started.onerror = (event) => {
        event.preventDefault();
        isWorkerRefused = true;
        resolve(null);
      };
      started.postMessage(request);
    });
    return answer && "rendered" in answer ? answer.rendered : null;
  } catch {
    isWorkerRefused = true;
    return null;
  } finally {
    signal?.removeEventListener("abort", stop);
    worker?.terminate();
    URL.revokeObjectURL(url);
  }
}

function toSize({ width, height }: PictureSize): PictureSize {
  return { width, height };
}
