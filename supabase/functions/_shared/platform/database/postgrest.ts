import { PostgrestClient } from "@supabase/postgrest-js";
import { toKeyHeaders } from "../auth/key-headers.ts";
import type { Database } from "./database.types.ts";

/**
 * The database as supabase-js reaches it, and by the same package of its makers, without sessions, channels
 * and Storage: these are four fifths of supabase-js, and a worker would load them before its first answer.
 */
export type Postgrest = PostgrestClient<Database>;

/** The database with a publishable key or a secret. */
export function createPostgrest(
  url: string,
  key: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Postgrest {
  return new PostgrestClient<Database>(new URL("/rest/v1", url).href, {
    headers: toKeyHeaders(key),
    fetch,
  });
}
