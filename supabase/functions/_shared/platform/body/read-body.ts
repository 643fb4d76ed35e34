import { ApiError } from "../http/api-error.ts";
import { keepFreedMemory } from "./freed-memory.ts";
import { pause } from "../http/pause.ts";

/** Room for a body that doesn't announce its length; it doubles as needed. */
const INITIAL_BYTES = 64 * 1024;

/** A body that takes longer is not waited for: it holds the memory of others. */
const READ_TIMEOUT_MS = 30_000;

/** What is smaller may lie in a pool that others use as well, and is not worth it. */
const MIN_DISCARDED_BYTES = 64 * 1024;

/**
 * The body's length by its `Content-Length`; null when it announces none that counts. Where there is
 * a transfer coding, the length means nothing (RFC 9112 §6.3).
 */
export function announcedBytes({ headers }: Request): number | null {
  const length = headers.get("content-length") ?? "";
  return /^\d{1,15}$/.test(length) && !headers.has("transfer-encoding") ? Number(length) : null;
}

export interface ReadOptions {
  /** Default 30,000. */
  timeoutMs?: number;
  /** Resolves after `ms`, or when the signal aborts. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Reads a body of at most `maxBytes`. A larger `Content-Length` is refused before a byte is read.
 * With a smaller one the platform reads, which holds a body to its announced length and is the
 * cheapest way there is; without one the bytes are counted as they come.
 *
 * @throws {ApiError} IMAGE_TOO_LARGE, or INVALID_REQUEST when the body ends too soon or takes longer
 *   than the timeout.
 */
export async function readBytes(
  request: Request,
  maxBytes: number,
  { timeoutMs = READ_TIMEOUT_MS, sleep = pause }: ReadOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = announcedBytes(request);
  if (announced !== null && announced > maxBytes) throw tooLarge(maxBytes);
  if (request.body === null) return new Uint8Array();
  keepFreedMemory();
  const ended = new AbortController();
  const timeIsUp = async (): Promise<Uint8Array<ArrayBuffer>> => {
    await sleep(timeoutMs, ended.signal);
    // Nobody waits for it any more; an error gathers its stack.
    if (ended.signal.aborted) return new Uint8Array();
    throw new ApiError("INVALID_REQUEST", "The body took too long to arrive", {
      details: { body: `must arrive within ${timeoutMs} ms` },
    });
  };
  try {
    const read = announced === null
      ? readCounting(request.body, maxBytes, ended.signal)
      : request.arrayBuffer().then((buffer) => new Uint8Array(buffer));
    const bytes = await Promise.race([read, timeIsUp()]);
    if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
    return bytes;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError("INVALID_REQUEST", "The body could not be read to its end", {
      details: { body: "must arrive whole" },
      cause: error,
    });
  } finally {
    // With no reason given, it would be an exception, whose stack is gathered for nobody.
    ended.abort("ended");
  }
}

/** Decodes the bytes of a body. @throws {ApiError} INVALID_REQUEST when they aren't UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ApiError("INVALID_REQUEST", "The body could not be read as UTF-8 text", {
      details: { body: "must be UTF-8" },
    });
  }
}

/**
 * Gives the memory of bytes that nobody will look at again back at once. The garbage collector sees
 * only the small object in front of them and would let several bodies pile up.
 */
export function discard({ buffer, byteLength }: Uint8Array): void {
  const isWhole = byteLength === buffer.byteLength && byteLength >= MIN_DISCARDED_BYTES;
  if (isWhole && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Counts while it reads. Stops, and tells the sender so, once the signal aborts. */
async function readCounting(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  signal.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
  let bytes = new Uint8Array(Math.min(INITIAL_BYTES, maxBytes));
  let byteCount = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (done) return bytes.subarray(0, byteCount);
    const newCount = byteCount + value.byteLength;
    if (newCount > maxBytes) throw tooLarge(maxBytes);
    if (newCount > bytes.byteLength) bytes = grow(bytes, newCount, maxBytes);
    bytes.set(value, byteCount);
    byteCount = newCount;
  }
}

function grow(
  bytes: Uint8Array<ArrayBuffer>,
  neededBytes: number,
  maxBytes: number,
): Uint8Array<ArrayBuffer> {
  const length = Math.min(maxBytes, Math.max(neededBytes, 2 * bytes.byteLength));
  return new Uint8Array(bytes.buffer.transfer(length));
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError("IMAGE_TOO_LARGE", `The body is larger than "${maxBytes}" bytes`, {
    details: { max_body_bytes: maxBytes },
  });
}
