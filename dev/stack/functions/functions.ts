/** The project's functions and the environment the platform gives them. */
import { type ApiKeys, publicKeySet } from "../api/api-keys.ts";

/** A function and where its sources are. */
export interface FunctionSource {
  name: string;
  /** With its `index.ts`. */
  folder: string;
  /** Path of the import map that `config.toml` gives it; default: that of the folder's deno.json. */
  importMap?: string;
}

/** The folders with an `index.ts`, without those that start with `_` or `.`. */
export async function findFunctions(directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (!isDirectory || /^[_.]/.test(name)) continue;
    const index = `${directory}/${name}/index.ts`;
    if (await Deno.stat(index).then(() => true, () => false)) names.push(name);
  }
  return names.sort();
}

/** The variables every hosted function finds set. */
export function createHostedEnvironment(
  options: { keys: ApiKeys; apiUrl: string; databaseUrl: string },
): Record<string, string> {
  const { keys } = options;
  return {
    SUPABASE_URL: options.apiUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify(keys.publishable),
    SUPABASE_SECRET_KEYS: JSON.stringify(keys.secret),
    SUPABASE_JWKS: JSON.stringify(publicKeySet(keys)),
    SUPABASE_ANON_KEY: keys.anon,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRole,
    SUPABASE_DB_URL: options.databaseUrl,
    SB_REGION: "local",
    SB_EXECUTION_ID: crypto.randomUUID(),
  };
}
