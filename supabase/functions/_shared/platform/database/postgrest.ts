import { PostgrestClient } from "@supabase/postgrest-js";
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

/** A publishable or secret key travels in `apikey` alone; a legacy one is a token as well. */
export function toKeyHeaders(key: string): Record<string, string> {
  // Where a token is wanted, the new keys are refused.
  return { apikey: key, ...(!key.startsWith("sb_") && { Authorization: `Bearer ${key}` }) };
}
