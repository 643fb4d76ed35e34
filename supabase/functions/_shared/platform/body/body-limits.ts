/** How much of a body a worker takes, and of all bodies at a time. */

import type { Caller } from "../auth/authenticate.ts";
import { toBase64Length } from "../base64/base64.ts";

/** Of a picture, decoded, where `MAX_IMAGE_BYTES` says nothing. */
export const DEFAULT_MAX_IMAGE_BYTES = 6 * 1024 * 1024;

/** Room for everything in a body that is not the picture. */
export const OTHER_FIELDS_BYTES = 64 * 1024;

/** The largest body of JSON with a picture in it. */
export function toMaxJsonBytes(maxImageBytes: number): number {
  return toBase64Length(maxImageBytes) + OTHER_FIELDS_BYTES;
}

/**
 * Bytes that all bodies of a worker may hold at a time: three with the largest picture. Each byte takes up
 * to five of memory while it is read, sent and kept, of 256 MB that a worker has.
 */
const MAX_BYTES_IN_FLIGHT = 3 * toMaxJsonBytes(DEFAULT_MAX_IMAGE_BYTES);

/**
 * The bounds of a worker's byte semaphore. A user holds no more than one largest body at a time.
 *
 * @param maxImageBytes Of a picture, decoded.
 */
export function toByteBounds(
  maxImageBytes = DEFAULT_MAX_IMAGE_BYTES,
): { maxBytes: number; maxBytesPerOwner: number } {
  return { maxBytes: MAX_BYTES_IN_FLIGHT, maxBytesPerOwner: toMaxJsonBytes(maxImageBytes) };
}

/** Whose share of that a request takes; the project's own code has no other bound than the whole. */
export function toBytesOwner({ subject, hasSecret }: Caller): string | undefined {
  return hasSecret ? undefined : subject;
}
