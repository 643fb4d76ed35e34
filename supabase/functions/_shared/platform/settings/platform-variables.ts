/** What Supabase itself puts into the environment of a function. */

import * as z from "zod/mini";
import type { ProjectKeys } from "../auth/authenticate.ts";
import { parseJson } from "../parse-json.ts";
import type { Variables } from "./variables.ts";

/** What the platform tells a function about its project. */
export interface Platform extends ProjectKeys {
  /** The key the function itself uses for the database. */
  databaseKey: string;
}

const keysSchema = () => z.record(z.string(), z.string());
const jwksSchema = () =>
  z.union([
    z.object({ keys: z.array(z.looseObject({})) }),
    z.pipe(z.array(z.looseObject({})), z.transform((keys) => ({ keys }))),
  ]);

/**
 * Parses the variables that Supabase sets itself: `SUPABASE_URL`, `SUPABASE_SECRET_KEYS`,
 * `SUPABASE_JWKS`, and the legacy `SUPABASE_SERVICE_ROLE_KEY`.
 *
 * @returns null when a variable without which nothing works is missing or can't be used.
 */
export function parsePlatform(variables: Variables): Platform | null {
  const supabaseUrl = variables.SUPABASE_URL;
  const legacyKey = variables.SUPABASE_SERVICE_ROLE_KEY;
  const namedKeys = withoutEmpty(parseVariable(keysSchema(), variables.SUPABASE_SECRET_KEYS) ?? {});
  const databaseKey = namedKeys.default ?? Object.values(namedKeys)[0] ?? legacyKey;
  if (!supabaseUrl || !URL.canParse(supabaseUrl) || !databaseKey) return null;
  return {
    supabaseUrl,
    databaseKey,
    secretKeys: { ...namedKeys, ...(legacyKey && { service_role: legacyKey }) },
    jwks: parseVariable(jwksSchema(), variables.SUPABASE_JWKS) as Platform["jwks"] ??
      new URL("/auth/v1/.well-known/jwks.json", supabaseUrl),
  };
}

/**
 * The key that reaches the database with the rights of a user's token beside it, from
 * `SUPABASE_PUBLISHABLE_KEYS` or the legacy `SUPABASE_ANON_KEY`; null when there is neither.
 */
export function parsePublishableKey(variables: Variables): string | null {
  const keys = withoutEmpty(parseVariable(keysSchema(), variables.SUPABASE_PUBLISHABLE_KEYS) ?? {});
  return keys.default ?? Object.values(keys)[0] ?? (variables.SUPABASE_ANON_KEY || null);
}

function withoutEmpty(keys: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(keys).filter(([, key]) => key !== ""));
}

function parseVariable<T>(schema: z.ZodMiniType<T>, text = ""): T | null {
  return schema.safeParse(parseJson(text)).data ?? null;
}
