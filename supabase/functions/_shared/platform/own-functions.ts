import { FunctionsClient } from "@supabase/functions-js";
import { toKeyHeaders } from "./auth/key-headers.ts";
import type { Platform } from "./settings/platform-variables.ts";

/** The project's own functions, called with its own secret; the part of a supabase-js client that calls need. */
export interface OwnFunctions {
  functions: FunctionsClient;
}

/** A client with the database key of a project, for calls in the project's own name. */
export function createOwnFunctions(
  { supabaseUrl, databaseKey }: Pick<Platform, "supabaseUrl" | "databaseKey">,
): OwnFunctions {
  const url = new URL("/functions/v1", supabaseUrl).href;
  return { functions: new FunctionsClient(url, { headers: toKeyHeaders(databaseKey) }) };
}
