/**
 * Verifies the caller. Credentials are checked by `@supabase/server`; what they entitle to is decided
 * here, and in one place.
 */

import { verifyCredentials } from "@supabase/server/core";
import { ApiError } from "../http/api-error.ts";
import { toUnauthorizedReason, unauthorized } from "./unauthorized.ts";
import { createVerifiedTokens, type VerifiedTokens } from "./verified-tokens.ts";

/** A verified caller. */
export interface Caller {
  /** Whose limits are used: `user:<uuid>`, or `service:` with the secret's name or the one it gives. */
  subject: string;
  kind: "user" | "anonymous" | "service";
  /** The user that calls or is called for; null for a service on its own account. */
  userId: string | null;
  /** A project secret was presented and is good: this is code of the project. */
  hasSecret: boolean;
}

/** What credentials of a project are checked against. */
export interface ProjectKeys {
  /** e.g. `https://<ref>.supabase.co` */
  supabaseUrl: string;
  /** `sb_secret_…` by name, the legacy service_role key among them. */
  secretKeys: Record<string, string>;
  /** The project's public signing keys, or where to get them; null when neither is known. */
  jwks: { keys: JsonWebKey[] } | URL | null;
}

/** A project's keys, and whom it admits. */
export interface AuthenticateOptions extends ProjectKeys {
  /** Anonymous sign-ins count as users. */
  isAnonymousAllowed: boolean;
  /** Milliseconds since 1970, for tokens that were verified before. Default `Date.now`. */
  now?: () => number;
}

/**
 * Verifies who sent a request, by its headers.
 *
 * @throws {ApiError} as `createAuthenticate` lists them, and nothing else
 */
export type Authenticate = (headers: Headers) => Promise<Caller>;

type User = Omit<Caller, "hasSecret">;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SERVICE_NAME = /^[a-z0-9_-]{1,64}$/;

/**
 * Verifies a request's headers: a user's token in `Authorization`, a project secret in `apikey`
 * (the legacy service_role key also as Bearer), and with a secret, `x-user-id` naming the user it
 * acts for, or `x-service-name` the service whose limits it uses. The latter names a service's limits and
 * no other's, so beside a user it is an error rather than ignored. A token that was verified before
 * need not be verified again while it has not expired.
 *
 * @returns a function that throws {ApiError} UNAUTHORIZED with its reason, FORBIDDEN (two users, or a user and a
 *   service), INVALID_REQUEST (an `x-user-id` that is no UUID, an `x-service-name` that is no name) or
 *   NOT_CONFIGURED (no signing keys).
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { now = Date.now } = options;
  const verifiedUsers = createVerifiedTokens<User>(now);
  return async (headers) => {
    const apikey = headers.get("apikey");
    const bearer = readBearer(headers);
    const apikeySecret = await findSecretName(apikey, options);
    // A client without a session may send its key in both places.
    const bearerSecret = bearer === apikey ? apikeySecret : await findSecretName(bearer, options);
    const secretName = apikeySecret ?? bearerSecret;
    const token = bearerSecret === null && bearer !== apikey ? bearer : null;
    const namedUserId = headers.get("x-user-id");
    const namedService = headers.get("x-service-name");

    if (token !== null) {
      const user = verifiedUsers.find(token) ?? await verifyUser(token, options, verifiedUsers);
      if (namedUserId !== null && namedUserId.toLowerCase() !== user.userId) {
        throw new ApiError("FORBIDDEN", "The token and x-user-id name different users");
      }
      // Without a secret the header means nothing, and a browser's user can't know better.
      if (secretName !== null && namedService !== null) throw userAndService();
      return { ...user, hasSecret: secretName !== null };
    }
    if (secretName === null) {
      throw unauthorized(apikey || bearer ? "no_user" : "missing");
    }
    if (namedUserId === null) {
      const name = parseServiceName(namedService) ?? secretName;
      return { subject: `service:${name}`, kind: "service", userId: null, hasSecret: true };
    }
    if (namedService !== null) throw userAndService();
    if (!UUID.test(namedUserId)) {
      throw new ApiError("INVALID_REQUEST", "x-user-id is not a UUID", {
        details: { "x-user-id": "must be a UUID" },
      });
    }
    const userId = namedUserId.toLowerCase();
    return { subject: `user:${userId}`, kind: "user", userId, hasSecret: true };
  };
}

/** @throws {ApiError} INVALID_REQUEST */
function parseServiceName(name: string | null): string | null {
  if (name === null || SERVICE_NAME.test(name)) return name;
  throw new ApiError("INVALID_REQUEST", "x-service-name is not the name of a service", {
    details: { "x-service-name": "must be 1 to 64 of a-z, 0-9, _ and -" },
  });
}

function userAndService(): ApiError {
  return new ApiError("FORBIDDEN", "A request is for a user or for a service, not for both");
}

/**
 * Compares in constant time with every secret of the same length. The length of a key is no secret, and
 * users' tokens, which are most of what comes, are then compared with nothing.
 */
async function findSecretName(
  key: string | null,
  { supabaseUrl, secretKeys }: ProjectKeys,
): Promise<string | null> {
  if (key === null) return null;
  const ofItsLength = Object.entries(secretKeys).filter(([, secret]) =>
    secret.length === key.length
  );
  if (ofItsLength.length === 0) return null;
  const { data } = await verifyCredentials({ apikey: key, token: null }, {
    auth: "secret:*",
    env: {
      url: supabaseUrl,
      publishableKeys: {},
      secretKeys: Object.fromEntries(ofItsLength),
      jwks: null,
    },
  });
  return data?.keyName ?? null;
}

async function verifyUser(
  token: string,
  { supabaseUrl, jwks, isAnonymousAllowed }: AuthenticateOptions,
  verifiedUsers: VerifiedTokens<User>,
): Promise<User> {
  if (jwks === null) throw new ApiError("NOT_CONFIGURED", "The project's signing keys are unknown");
  const { data, error } = await verifyCredentials({ apikey: null, token }, {
    auth: "user",
    env: { url: supabaseUrl, publishableKeys: {}, secretKeys: {}, jwks },
  });
  // No token is wrong because the keys could not be had.
  if (error && error.status >= 500) {
    throw new ApiError("NOT_CONFIGURED", "The project's signing keys could not be read", {
      cause: error,
    });
  }
  const claims = data?.jwtClaims;
  if (error || !claims) {
    throw unauthorized(error ? toUnauthorizedReason(error, token) : "malformed", error);
  }
  // The anon key is a good token too, but every client of the project has it.
  if (claims.role !== "authenticated") throw unauthorized("no_user");
  if (typeof claims.sub !== "string" || !UUID.test(claims.sub)) throw unauthorized("third_party");
  const isAnonymous = claims["is_anonymous"] === true;
  if (isAnonymous && !isAnonymousAllowed) {
    throw new ApiError("FORBIDDEN", "Anonymous users may not use this function: sign in");
  }
  const userId = claims.sub.toLowerCase();
  const user: User = {
    subject: `user:${userId}`,
    kind: isAnonymous ? "anonymous" : "user",
    userId,
  };
  if (typeof claims.exp === "number") verifiedUsers.keep(token, user, claims.exp);
  return user;
}

/**
 * What `Authorization` says behind the scheme `Bearer`, whatever it is, so that a malformed token is
 * an error and not taken for none; null without the scheme.
 */
export function readBearer(headers: Headers): string | null {
  return /^bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}
