import { createPostgrest, type Postgrest } from "./postgrest.ts";

/** The database with the project's own rights, over which RLS has no say. */
export type ServiceDatabase = Postgrest;

/** @param secretKey `sb_secret_…`, or the legacy service_role key. */
export function createServiceDatabase(
  url: string,
  secretKey: string,
  fetch?: typeof globalThis.fetch,
): ServiceDatabase {
  return createPostgrest(url, secretKey, fetch);
}
