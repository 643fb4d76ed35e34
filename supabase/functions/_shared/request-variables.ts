/** What every function's environment says of the requests that it takes. */

import { toBase64Length } from "./base64/base64.ts";
import { flag, integer, origins, type Values } from "./env.ts";
import type { AllowedOrigins } from "./http/cors.ts";

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
    maxImageBytes: values.MAX_IMAGE_BYTES ?? 6 * 1024 * 1024,
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
 * Base64 that all requests of a worker may hold at a time: three of the largest pictures. Each byte of
 * it takes up to five of memory while it is read, sent and kept, of 256 MB that a worker has.
 */
export const MAX_BYTES_IN_FLIGHT = 24 * 1024 * 1024;
