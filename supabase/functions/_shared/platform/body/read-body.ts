/** Reads the body of a request, bounded in size, time and memory. */

import { createBase64Memory } from "../base64/base64-buffer.ts";
import { ApiError } from "../http/api-error.ts";
import { type StartTimer, startTimer as startOwnTimer } from "../http/time-limit.ts";
import type { Allocation } from "./byte-semaphore.ts";
import { freeMemory, keepFreedMemory } from "./freed-memory.ts";
import { toMegabytes } from "./megabytes.ts";

/** A body that takes longer is not waited for: it holds the memory of others. */
const READ_TIMEOUT_MS = 30_000;

/**
 * A body is read in pieces, the first of them small, so that memory is taken as it arrives. The largest is
 * what a body that is ended may leave to the garbage collector.
 */
const [FIRST_PIECE_BYTES, PIECE_BYTES] = [16 * 1024, 256 * 1024];

/** Less is left free at the end of a piece: Deno 2.9.6 never ends a read into four bytes or fewer. */
const MIN_FREE_BYTES = 1024;

/**
 * Each part that a body comes in takes 15 µs of CPU, however small: in parts of one byte, 150 KB would use
 * up a worker. So many are free; beyond that parts have this many bytes on average.
 */
const [FREE_PARTS, MIN_PART_BYTES] = [4_096, 512];

/**
 * The body's length by its `Content-Length`; null when it announces none that counts. Where there is
 * a transfer coding, the length means nothing (RFC 9112 §6.3).
 */
export function announcedBytes({ headers }: Request): number | null {
  const length = headers.get("content-length") ?? "";
  return /^\d{1,15}$/.test(length) && !headers.has("transfer-encoding") ? Number(length) : null;
}

/** How much is read, into whose memory, and for how long. */
export interface ReadOptions {
  /** Of the body. */
  maxBytes: number;
  /** The largest picture, decoded: what a caller is told whose body is too large. */
  maxImageBytes: number;
  /** Where its memory is taken. The body's memory belongs to it. */
  allocation: Allocation;
  /** Bytes of memory to take for each byte of the body. Default 1. */
  memoryRatio?: number;
  /** Default 30,000. */
  timeoutMs?: number;
  /** For the timeout. Default `startTimer`. */
  startTimer?: StartTimer;
}

/**
 * Reads a body. A larger `Content-Length` than `maxBytes` is refused before a byte is read. A body that
 * takes too long, or is too slow while other requests wait, is ended: its reading is cancelled, and its
 * memory freed.
 *
 * @returns a view of memory of its own, with free memory around it.
 * @throws {ApiError} IMAGE_TOO_LARGE; INVALID_REQUEST when the body ends too soon, takes longer than the
 *   timeout, is too slow or comes in too many parts; OVERLOADED when there is no memory for it.
 */
export async function readBody(
  request: Request,
  options: ReadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBytes, allocation, memoryRatio = 1 } = options;
  const { timeoutMs = READ_TIMEOUT_MS, startTimer = startOwnTimer } = options;
  const announced = announcedBytes(request);
  if (announced !== null && announced > maxBytes) throw tooLarge(options);
  if (request.body === null) return new Uint8Array();
  keepFreedMemory();
  allocation.expect(Math.ceil((announced ?? maxBytes) * memoryRatio));
  const pieces = openPieces(request.body);
  let isTimeUp = false;
  const stopTimer = startTimer(timeoutMs, () => {
    isTimeUp = true;
    pieces.stop();
  });
  allocation.signal.addEventListener("abort", pieces.stop, { once: true });
  try {
    for (let byteCount = 0, parts = 1;; parts++) {
      const arrived = await pieces.readMore();
      if (arrived === null) break;
      byteCount += arrived;
      if (byteCount > maxBytes) throw tooLarge(options);
      if (parts > FREE_PARTS + byteCount / MIN_PART_BYTES) throw tooScattered();
      const waiting = allocation.take(Math.ceil(arrived * memoryRatio));
      if (waiting) await waiting;
      // Nothing can follow, and asking costs a turn of the event loop.
      if (byteCount === announced) break;
    }
    if (isTimeUp) throw tooSlow(`must arrive within ${Math.ceil(timeoutMs / 1_000)} seconds`);
    if (allocation.signal.aborted) throw tooSlow("must arrive faster while other requests wait");
    allocation.complete();
    const body = pieces.join();
    allocation.own(body);
    return body;
  } catch (error) {
    pieces.end();
    if (error instanceof ApiError) throw error;
    throw new ApiError("INVALID_REQUEST", "The body could not be read to its end", {
      details: { body: "must arrive whole" },
      cause: error,
    });
  } finally {
    stopTimer();
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** Decodes the bytes of a body. @throws {ApiError} INVALID_REQUEST when they aren't UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new ApiError("INVALID_REQUEST", "The body could not be read as UTF-8 text", {
      details: { body: "must be UTF-8" },
    });
  }
}

interface Pieces {
  /** Bytes that have arrived since the last time; null at the end, and once it was stopped. */
  readMore(): Promise<number | null>;
  /** All of it in one memory, with free memory around it. */
  join(): Uint8Array<ArrayBuffer>;
  /** Cancels the body. */
  stop(): void;
  /** The same, and frees what has arrived of it. */
  end(): void;
}

/** Reads a body into pieces of memory of our own. */
function openPieces(body: ReadableStream<Uint8Array<ArrayBuffer>>): Pieces {
  const reader = openReader(body);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  /** Where the next bytes go; the last piece is what is before it in the same memory. */
  let free = new Uint8Array(FIRST_PIECE_BYTES);
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    reader.cancel().catch(() => {});
  };
  return {
    async readMore() {
      const { done, value } = await reader.read(free);
      if (value === undefined || isStopped) return null;
      const { buffer, byteOffset, byteLength } = value;
      if (done) {
        if (byteOffset > 0) pieces.splice(-1, 1, new Uint8Array(buffer, 0, byteOffset));
        return null;
      }
      const end = byteOffset + byteLength;
      // What was read before into the same memory has gone with it into the new buffer.
      if (byteOffset > 0) pieces.pop();
      pieces.push(new Uint8Array(buffer, 0, end));
      free = buffer.byteLength - end >= MIN_FREE_BYTES
        ? new Uint8Array(buffer, end)
        : new Uint8Array(PIECE_BYTES);
      return byteLength;
    },
    join() {
      const byteCount = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
      // Most of a body is base64 that is sent on, so it gets the free memory around it that this needs.
      const memory = createBase64Memory(byteCount);
      let at = 0;
      for (const piece of pieces) {
        memory.set(piece, at);
        at += piece.byteLength;
        freeMemory(piece);
      }
      return memory;
    },
    stop,
    end() {
      stop();
      pieces.forEach(freeMemory);
    },
  };
}

interface Read {
  done: boolean;
  value?: Uint8Array<ArrayBuffer> | undefined;
}

type Reader = Pick<ReadableStreamBYOBReader, "cancel"> & {
  /** Reads into this memory, which goes over to the result, or gives memory of the body's own. */
  read(free: Uint8Array<ArrayBuffer>): Promise<Read>;
};

function openReader(body: ReadableStream<Uint8Array<ArrayBuffer>>): Reader {
  try {
    return body.getReader({ mode: "byob" }) as unknown as Reader;
  } catch {
    // A stream that is no byte stream has no such reader.
    const reader = body.getReader();
    const read = async () => {
      const { done, value } = await reader.read();
      return done ? { done, value } : { done, value: new Uint8Array(value) };
    };
    return { cancel: () => reader.cancel(), read };
  }
}

function tooSlow(problem: string): ApiError {
  return new ApiError("INVALID_REQUEST", "The body took too long to arrive", {
    details: { body: problem },
  });
}

function tooScattered(): ApiError {
  return new ApiError("INVALID_REQUEST", "The body comes in too many small parts", {
    details: { body: `must come in parts of at least ${MIN_PART_BYTES} bytes` },
  });
}

function tooLarge({ maxBytes, maxImageBytes }: ReadOptions): ApiError {
  return new ApiError(
    "IMAGE_TOO_LARGE",
    `The request is too large: a picture may have at most ${toMegabytes(maxImageBytes)}`,
    { details: { max_image_bytes: maxImageBytes, max_body_bytes: maxBytes } },
  );
}
