/** What every function's environment says of the requests that it takes. */

import type { Caller } from "./auth.ts";
import { toBase64Length } from "./base64/base64.ts";
import { flag, integer, origins, type Values } from "./env.ts";
import type { AllowedOrigins } from "./http/cors.ts";

const DEFAULT_MAX_IMAGE_BYTES = 6 * 1024 * 1024;

/** For `parseVariables`. */
export const REQUEST_VARIABLES = {
  MAX_IMAGE_BYTES: integer(1_024, 20_971_520),
  ALLOWED_ORIGINS: origins,
  ALLOW_ANONYMOUS: flag,
};

export interface RequestSettings {
  /** Of a picture, decoded. */
  maxImageBytes: number;
  allowedOrigins: AllowedOrigins;
  isAnonymousAllowed: boolean;
}

/** The settings of these variables, or their defaults. */
export function toRequestSettings(values: Values<typeof REQUEST_VARIABLES>): RequestSettings {
  return {
    maxImageBytes: values.MAX_IMAGE_BYTES ?? DEFAULT_MAX_IMAGE_BYTES,
    allowedOrigins: values.ALLOWED_ORIGINS ?? "*",
    isAnonymousAllowed: values.ALLOW_ANONYMOUS ?? true,
  };
}

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
