import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "./database.types.ts";

/** supabase-js with the project's own rights, over which RLS has no say. */
export type ServiceDatabase = SupabaseClient<Database>;

/** @param secretKey `sb_secret_…`, or the legacy service_role key. */
export function createServiceDatabase(
  url: string,
  secretKey: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): ServiceDatabase {
  return createClient<Database>(url, secretKey, {
    // One client serves every request of the worker: it must hold no session.
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch },
  });
}
