import type { Caller } from "../../_shared/platform/auth/authenticate.ts";
import { readBearer } from "../../_shared/platform/auth/authenticate.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";

/** With what a caller's reads are made, and on whose account its pictures are analysed. */
export type CallerRights =
  | { kind: "user"; userId: string; token: string }
  | { kind: "service"; name: string; secret: string };

/**
 * A user has the rights of their token, a service those of its secret.
 *
 * @throws {ApiError} FORBIDDEN for a user who is only named: row level security knows tokens, and with
 *   the secret's rights the user would see everything.
 */
export function toCallerRights(
  caller: Caller,
  headers: Headers,
  secrets: readonly string[],
): CallerRights {
  const apikey = headers.get("apikey");
  const bearer = readBearer(headers);
  const isSecret = (key: string | null) => key !== null && secrets.includes(key);
  if (caller.userId === null) {
    const secret = isSecret(apikey) ? apikey : bearer;
    return { kind: "service", name: caller.subject.slice("service:".length), secret: secret! };
  }
  if (bearer === null || isSecret(bearer)) {
    throw new ApiError(
      "FORBIDDEN",
      "A search for a user needs the user's own access token beside the secret",
    );
  }
  return { kind: "user", userId: caller.userId, token: bearer };
}
