import { createHash, timingSafeEqual } from "node:crypto";
import type { Authenticate, Caller } from "../../_shared/platform/auth/authenticate.ts";
import { readBearer } from "../../_shared/platform/auth/authenticate.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";

/** A holder of one of the static keys. They are in front-end code, so it may be any browser. */
const KEY_CALLER: Caller = {
  subject: "service:mivaa",
  kind: "service",
  userId: null,
  hasSecret: false,
};

/**
 * Lets in the callers that `authenticate` does, and holders of a static key as Bearer. The latter share one
 * subject's limits and can't name a user.
 *
 * @returns a function that throws {ApiError} FORBIDDEN, and what `authenticate` throws.
 */
export function createGatewayAuthenticate(
  authenticate: Authenticate,
  gatewayKeys: readonly string[],
): Authenticate {
  const keyDigests = gatewayKeys.map(toDigest);
  return async (headers) => {
    const bearer = readBearer(headers);
    if (bearer === null || !isOneOf(toDigest(bearer), keyDigests)) {
      return await authenticate(headers);
    }
    if (headers.has("x-user-id")) {
      throw new ApiError("FORBIDDEN", "This key may not act for a user");
    }
    return KEY_CALLER;
  };
}

/** Compares with every one of them, so that the time tells neither which nor how much was right. */
function isOneOf(digest: Uint8Array, digests: readonly Uint8Array[]): boolean {
  return digests.filter((other) => timingSafeEqual(other, digest)).length > 0;
}

/** Of one length, whatever the key's. */
function toDigest(key: string): Uint8Array {
  return createHash("sha256").update(key).digest();
}
