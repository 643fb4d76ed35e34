/** Why a credential was not taken, for the person who has to set it right. */

import { Buffer } from "node:buffer";
import { parseJson } from "../parse-json.ts";
import { ApiError } from "../http/api-error.ts";

/** What each reason is called in the error's message. */
const MESSAGES = {
  missing: "Sign in: send a user's access token as Bearer, or a project secret in apikey",
  malformed: "The access token can't be read",
  expired: "The access token has expired: refresh the session and send the new one",
  wrong_key: "The access token is not signed with a key of this project",
  legacy_secret:
    "The access token is signed with the project's legacy JWT secret: move the project to signing keys",
  third_party: "The access token is of another provider, and names no user of this project",
  no_user: "This key is the same for every client and names no user: sign in and send that token",
  deleted: "The access token is of a user who was deleted",
} as const;

/** In `details.reason` of every UNAUTHORIZED, and in the log. */
export type UnauthorizedReason = keyof typeof MESSAGES;

/** All reasons for a 401. */
export const UNAUTHORIZED_REASONS = Object.keys(MESSAGES) as readonly UnauthorizedReason[];

/** A credential that is not taken. @param cause Never sent. */
export function unauthorized(reason: UnauthorizedReason, cause?: unknown): ApiError {
  return new ApiError("UNAUTHORIZED", MESSAGES[reason], { details: { reason }, cause });
}

/** The reason of an error that `unauthorized` has made; null for every other. */
export function findUnauthorizedReason(error: unknown): UnauthorizedReason | null {
  if (!(error instanceof ApiError) || error.code !== "UNAUTHORIZED") return null;
  const reason = error.details?.reason as UnauthorizedReason;
  return UNAUTHORIZED_REASONS.includes(reason) ? reason : null;
}

/** What `verifyCredentials` tells of a token that it did not verify. */
interface VerificationError {
  /** What jose has thrown. */
  cause?: unknown;
  /** With `jwt.alg` and `jwt.kid`, where it could read the header. */
  details?: unknown;
}

/**
 * Why a token was not verified. Its claims are read without being believed: they choose between two
 * sentences and nothing else.
 */
export function toUnauthorizedReason(error: VerificationError, token: string): UnauthorizedReason {
  const { jwt } = (error.details ?? {}) as { jwt?: { alg?: string | null } };
  if (token.startsWith("sb_publishable_")) return "no_user";
  const claims = readClaims(token);
  if (jwt?.alg === "HS256") return claims.role === "anon" ? "no_user" : "legacy_secret";
  switch ((error.cause as { code?: unknown } | null | undefined)?.code) {
    case "ERR_JWT_EXPIRED":
      return "expired";
    case "ERR_JWS_SIGNATURE_VERIFICATION_FAILED":
      return "wrong_key";
    case "ERR_JWKS_NO_MATCHING_KEY":
      return isOfSupabaseAuth(claims) ? "wrong_key" : "third_party";
    default:
      return "malformed";
  }
}

/** Supabase Auth of any project; a token without an issuer may be of a local one. */
function isOfSupabaseAuth({ iss }: Record<string, unknown>): boolean {
  return typeof iss !== "string" || iss.endsWith("/auth/v1");
}

/** Of a token that was not verified; empty where they can't be read. */
function readClaims(token: string): Record<string, unknown> {
  const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
  return (parseJson(payload) ?? {}) as Record<string, unknown>;
}

/** How often credentials were not taken, by reason, in this worker since its start. */
export interface UnauthorizedCounts {
  /** The same function, with what it throws counted. */
  counting<Parameters extends unknown[], Result>(
    authenticate: (...parameters: Parameters) => Promise<Result>,
  ): (...parameters: Parameters) => Promise<Result>;
  read(): Partial<Record<UnauthorizedReason, number>>;
}

/** Counts by reason, from 0, of one worker; never of a caller. */
export function createUnauthorizedCounts(): UnauthorizedCounts {
  const counts: Partial<Record<UnauthorizedReason, number>> = {};
  return {
    counting: (authenticate) => async (...parameters) => {
      try {
        return await authenticate(...parameters);
      } catch (error) {
        const reason = findUnauthorizedReason(error);
        if (reason !== null) counts[reason] = (counts[reason] ?? 0) + 1;
        throw error;
      }
    },
    read: () => ({ ...counts }),
  };
}
