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
 * Bodies that all requests of a worker may hold at a time: three with the largest picture, two of one
 * user. Each byte takes up to five of memory while it is read, sent and kept, of 256 MB that a worker has.
 */
export const BYTES_IN_FLIGHT = {
  maxBytes: 3 * toMaxJsonBytes(DEFAULT_MAX_IMAGE_BYTES),
  maxBytesPerOwner: 2 * toMaxJsonBytes(DEFAULT_MAX_IMAGE_BYTES),
};

/** Whose share of that a request takes; the project's own code has no other bound than the whole. */
export function toBytesOwner({ subject, hasSecret }: Caller): string | undefined {
  return hasSecret ? undefined : subject;
}
