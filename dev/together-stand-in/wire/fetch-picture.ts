import { TogetherError } from "./errors.ts";
import { readBounded } from "./read-bounded.ts";

/** Bounds and outside effects of {@linkcode fetchPicture}. */
export interface FetchPictureOptions {
  /** Used for http(s) URLs. */
  fetch: typeof fetch;
  maxPictureBytes: number;
  /** Over connect, headers and body. */
  pictureTimeoutMs: number;
  /** Ends the download. */
  signal: AbortSignal;
}

/**
 * Gets the bytes of a picture from a base64 `data:` URI or, as Together does, from an http(s) URL.
 *
 * @throws {TogetherError} 400 if there is nothing to be had there; the message holds no image data
 */
export async function fetchPicture(url: string, options: FetchPictureOptions): Promise<Uint8Array> {
  if (url.startsWith("data:")) return decodeDataUri(url);
  if (!/^https?:\/\//i.test(url)) {
    throw refuse("The image URL is neither a data URI nor an http(s) URL");
  }
  return await download(url, options);
}

function decodeDataUri(uri: string): Uint8Array {
  const comma = uri.indexOf(",");
  if (comma === -1 || !uri.slice(0, comma).endsWith(";base64")) {
    throw refuse("The image's data URI is not base64");
  }
  try {
    return Uint8Array.fromBase64(uri.slice(comma + 1));
  } catch {
    throw refuse("The image's data URI holds invalid base64");
  }
}

async function download(
  url: string,
  { fetch, maxPictureBytes, pictureTimeoutMs, signal }: FetchPictureOptions,
): Promise<Uint8Array> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), pictureTimeoutMs);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, timeout.signal]) });
    if (!response.ok) {
      await response.body?.cancel();
      throw refuse(`The image URL answered with status "${response.status}"`);
    }
    const bytes = await readBounded(response, maxPictureBytes);
    if (bytes === null) throw refuse(`The image is larger than "${maxPictureBytes}" bytes`);
    return bytes;
  } catch (error) {
    if (error instanceof TogetherError) throw error;
    throw refuse(
      timeout.signal.aborted
        ? `The image was not downloaded within "${pictureTimeoutMs}" ms`
        : "The image URL cannot be fetched",
    );
  } finally {
    clearTimeout(timer);
  }
}

function refuse(message: string): TogetherError {
  return new TogetherError(400, message, { param: "messages" });
}
