import { ApiError } from "./api-error.ts";

/** Room for a body that doesn't announce its length; it doubles as needed. */
const INITIAL_BYTES = 64 * 1024;

/**
 * Reads a body of at most `maxBytes` as text (UTF-8). A larger `Content-Length` is refused before a
 * byte is read; a body that is longer than announced, or announced nothing, is cut off while reading.
 *
 * @throws {ApiError} IMAGE_TOO_LARGE, or INVALID_REQUEST when it isn't UTF-8 or ends too soon.
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const announcedBytes = Number(request.headers.get("content-length") ?? 0);
  if (announcedBytes > maxBytes) throw tooLarge(maxBytes);
  if (request.body === null) return "";

  // One buffer of the announced size and one decoding: cheaper than joining a text of many chunks.
  let bytes: Uint8Array = new Uint8Array(announcedBytes > 0 ? announcedBytes : INITIAL_BYTES);
  let byteCount = 0;
  try {
    for await (const chunk of request.body) {
      const newCount = byteCount + chunk.byteLength;
      if (newCount > maxBytes) throw tooLarge(maxBytes);
      if (newCount > bytes.byteLength) bytes = grow(bytes, newCount, maxBytes);
      bytes.set(chunk, byteCount);
      byteCount = newCount;
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, byteCount));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError("INVALID_REQUEST", "The body could not be read as UTF-8 text", {
      cause: error,
    });
  }
}

function grow(bytes: Uint8Array, neededBytes: number, maxBytes: number): Uint8Array {
  const larger = new Uint8Array(Math.min(maxBytes, Math.max(neededBytes, 2 * bytes.byteLength)));
  larger.set(bytes);
  return larger;
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError("IMAGE_TOO_LARGE", `The body is larger than "${maxBytes}" bytes`, {
    details: { max_body_bytes: maxBytes },
  });
}
