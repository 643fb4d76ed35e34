import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "./database.types.ts";

/** supabase-js with the project's own rights, over which RLS has no say. */
export type ServiceDatabase = SupabaseClient<Database>;

/**
 * @param secretKey `sb_secret_…`, which travels in `apikey` alone, or the legacy service_role key, which
 *   is a token as well.
 */
export function createServiceDatabase(
  url: string,
  secretKey: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): ServiceDatabase {
  return createClient<Database>(url, secretKey, {
    // One client serves every request of the worker: it holds no session, and there is none to look
    // for with each call, which takes a lock. An empty token is one that is not sent.
    accessToken: () => Promise.resolve(isNewKey(secretKey) ? "" : secretKey),
    global: { fetch },
  });
}

/** These are no tokens; where a token is wanted they are refused. */
function isNewKey(key: string): boolean {
  return key.startsWith("sb_");
}
