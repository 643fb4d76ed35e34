/** What every function's environment says of the requests that it takes. */

import { DEFAULT_MAX_IMAGE_BYTES } from "../body/body-limits.ts";
import { flag, integer, origins, type Values } from "./variables.ts";
import type { AllowedOrigins } from "../http/cors.ts";

/** For `parseVariables`. */
export const REQUEST_VARIABLES = {
  MAX_IMAGE_BYTES: integer(1_024, 20_971_520),
  ALLOWED_ORIGINS: origins,
  ALLOW_ANONYMOUS: flag,
};

/** How large a picture may be, and from where and by whom a function may be called. */
export interface RequestSettings {
  /** Of a picture, decoded. */
  maxImageBytes: number;
  allowedOrigins: AllowedOrigins;
  /** Entries of `ALLOWED_ORIGINS` that allow nothing, because no browser sends such an origin. */
  wrongOrigins: readonly string[];
  isAnonymousAllowed: boolean;
}

/** The settings of these variables, or their defaults. */
export function toRequestSettings(values: Values<typeof REQUEST_VARIABLES>): RequestSettings {
  return {
    maxImageBytes: values.MAX_IMAGE_BYTES ?? DEFAULT_MAX_IMAGE_BYTES,
    allowedOrigins: values.ALLOWED_ORIGINS?.allowed ?? "*",
    wrongOrigins: values.ALLOWED_ORIGINS?.wrong ?? [],
    isAnonymousAllowed: values.ALLOW_ANONYMOUS ?? true,
  };
}
