/** What Supabase itself puts into the environment of a function. */

import type { ProjectKeys } from "../auth/authenticate.ts";
import { isObject, parseJson } from "../parse-json.ts";
import type { Variables } from "./variables.ts";

/** What the platform tells a function about its project. */
export interface Platform extends ProjectKeys {
  /** The key the function itself uses for the database. */
  databaseKey: string;
}

/**
 * Parses the variables that Supabase sets itself: `SUPABASE_URL`, `SUPABASE_SECRET_KEYS`,
 * `SUPABASE_JWKS`, and the legacy `SUPABASE_SERVICE_ROLE_KEY`.
 *
 * @returns null when a variable without which nothing works is missing or can't be used.
 */
export function parsePlatform(variables: Variables): Platform | null {
  const supabaseUrl = variables.SUPABASE_URL;
  const legacyKey = variables.SUPABASE_SERVICE_ROLE_KEY;
  const namedKeys = parseKeys(variables.SUPABASE_SECRET_KEYS);
  const databaseKey = namedKeys.default ?? Object.values(namedKeys)[0] ?? legacyKey;
  if (!supabaseUrl || !URL.canParse(supabaseUrl) || !databaseKey) return null;
  return {
    supabaseUrl,
    databaseKey,
    secretKeys: { ...namedKeys, ...(legacyKey && { service_role: legacyKey }) },
    jwks: parseJwks(variables.SUPABASE_JWKS) ??
      new URL("/auth/v1/.well-known/jwks.json", supabaseUrl),
  };
}

/**
 * The key that reaches the database with the rights of a user's token beside it, from
 * `SUPABASE_PUBLISHABLE_KEYS` or the legacy `SUPABASE_ANON_KEY`; null when there is neither.
 */
export function parsePublishableKey(variables: Variables): string | null {
  const keys = parseKeys(variables.SUPABASE_PUBLISHABLE_KEYS);
  return keys.default ?? Object.values(keys)[0] ?? (variables.SUPABASE_ANON_KEY || null);
}

/** Keys by name, of JSON; none of them empty, and none at all where one is no text. */
function parseKeys(json = ""): Record<string, string> {
  const keys = parseJson(json);
  if (!isObject(keys)) return {};
  const entries = Object.entries(keys);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === "string")) return {};
  return Object.fromEntries(entries.filter(([, key]) => key !== ""));
}

/** A JSON Web Key Set, or its keys alone; null for anything else. */
function parseJwks(json = ""): { keys: JsonWebKey[] } | null {
  const set = parseJson(json);
  const keys = isObject(set) ? set.keys : set;
  return Array.isArray(keys) && keys.every(isObject) ? { keys } : null;
}
