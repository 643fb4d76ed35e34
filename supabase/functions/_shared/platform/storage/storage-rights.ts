import { type Caller, readBearer } from "../auth/authenticate.ts";
import { toKeyHeaders } from "../auth/key-headers.ts";

/** With what Storage is asked in a caller's stead. */
export interface StorageRights {
  headers: Record<string, string>;
  /** The only user whose objects may be read; null where row level security decides. */
  ownerId: string | null;
}

/**
 * A user has the rights of their token, a service those of the project's secret. A user who is only named
 * has no token that row level security could decide by, and is shown their own objects alone.
 *
 * @param projectKeys `databaseKey` is what this function itself reads with; `secretKeys` by name.
 */
export function toStorageRights(
  caller: Pick<Caller, "userId">,
  headers: Headers,
  { databaseKey, secretKeys }: { databaseKey: string; secretKeys: Record<string, string> },
): StorageRights {
  const bearer = readBearer(headers);
  const isToken = bearer !== null && !Object.values(secretKeys).includes(bearer);
  if (caller.userId !== null && isToken) {
    return {
      headers: { apikey: databaseKey, Authorization: `Bearer ${bearer}` },
      ownerId: null,
    };
  }
  return { headers: toKeyHeaders(databaseKey), ownerId: caller.userId };
}
