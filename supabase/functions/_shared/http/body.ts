import { ApiError } from "./api-error.ts";

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

  const decoder = new TextDecoder("utf-8", { fatal: true });
  const parts: string[] = [];
  let byteCount = 0;
  try {
    for await (const chunk of request.body) {
      byteCount += chunk.byteLength;
      if (byteCount > maxBytes) throw tooLarge(maxBytes);
      parts.push(decoder.decode(chunk, { stream: true }));
    }
    parts.push(decoder.decode());
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError("INVALID_REQUEST", "The body could not be read as UTF-8 text", {
      cause: error,
    });
  }
  return parts.join("");
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError("IMAGE_TOO_LARGE", `The body is larger than "${maxBytes}" bytes`, {
    details: { max_body_bytes: maxBytes },
  });
}
