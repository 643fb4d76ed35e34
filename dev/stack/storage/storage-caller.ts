/** Who calls Storage, as Postgres sees it. */
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";

/** A caller: the claims of its token, or none and the role `anon`. */
export interface StorageCaller {
  role: string;
  claims: JWTPayload;
  /** The user's id; undefined for an API key. */
  ownerId: string | undefined;
  /** Undefined with a good token; else what is wrong with it. */
  problem: string | undefined;
}

/** The caller that may all, as Storage itself when it asks without regard to row level security. */
export const storageItself: StorageCaller = {
  role: "service_role",
  claims: { role: "service_role" },
  ownerId: undefined,
  problem: undefined,
};

/** Makes the function that reads `Authorization`; it never throws, a bad token is `anon`'s. */
export function createCallerReader(
  keySet: JSONWebKeySet,
): (headers: Headers) => Promise<StorageCaller> {
  const keys = createLocalJWKSet(keySet);
  return async (headers) => {
    const token = (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");
    try {
      const { payload } = await jwtVerify(token, keys);
      const role = typeof payload.role === "string" ? payload.role : "anon";
      return { role, claims: payload, ownerId: payload.sub, problem: undefined };
    } catch (error) {
      const problem = token ? (error as Error).message : "headers must have required property " +
        "'authorization'";
      return { role: "anon", claims: { role: "anon" }, ownerId: undefined, problem };
    }
  };
}
