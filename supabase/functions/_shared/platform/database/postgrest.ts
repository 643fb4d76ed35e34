import { PostgrestClient } from "@supabase/postgrest-js";
import { toKeyHeaders } from "../auth/key-headers.ts";
import type { Database } from "./database.types.ts";

/**
 * The database as supabase-js reaches it, and by the same package of its makers, without sessions, channels
 * and Storage: these are four fifths of supabase-js, and a worker would load them before its first answer.
 */
export type Postgrest = PostgrestClient<Database>;

/** The same with the project's own rights, over which RLS has no say. */
export type ServiceDatabase = Postgrest;

/**
 * Names the schema of a call. Without it PostgREST takes the first of those that the project exposes, which
 * need not be this one.
 */
export const PUBLIC_SCHEMA_HEADERS = { "Content-Profile": "public" };

/** @param key A publishable key, a secret `sb_secret_…`, or a legacy key, which is a token. */
export function createPostgrest(
  url: string,
  key: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Postgrest {
  return new PostgrestClient<Database>(new URL("/rest/v1", url).href, {
    headers: toKeyHeaders(key),
    schema: "public",
    fetch,
  });
}
