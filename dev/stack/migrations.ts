/** The project's migrations, applied by the real `supabase db push`. */
import { connect } from "./connect.ts";
import { projectDirectory } from "./project-paths.ts";
import { runSupabaseCli } from "./supabase-cli.ts";

/**
 * Brings a database up to the migrations of `supabase/migrations`.
 *
 * The CLI takes seconds to start, so it is asked only when a migration isn't recorded as applied.
 *
 * @param url of the database, as the role `postgres`
 * @returns how many were applied
 * @throws {Error} with the CLI's words when one fails
 */
export async function applyMigrations(
  url: string,
  onProgress?: (message: string) => void,
): Promise<number> {
  const [wanted, applied] = await Promise.all([readMigrationVersions(), readAppliedVersions(url)]);
  const missing = wanted.filter((version) => !applied.has(version));
  if (missing.length > 0) {
    onProgress?.(`Applying ${missing.length} migrations with the Supabase CLI`);
    await runSupabaseCli(["db", "push", `--remote=${url}`, "--yes"]);
  }
  return missing.length;
}

async function readMigrationVersions(): Promise<string[]> {
  const versions: string[] = [];
  try {
    for await (const { name } of Deno.readDir(`${projectDirectory}/supabase/migrations`)) {
      const version = /^(\d+)_.*\.sql$/.exec(name)?.[1];
      if (version) versions.push(version);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return versions;
}

async function readAppliedVersions(url: string): Promise<Set<string>> {
  const sql = connect(url);
  try {
    const [table] = await sql<{ known: boolean }[]>`
      select to_regclass('supabase_migrations.schema_migrations') is not null as known`;
    if (!table?.known) return new Set();
    const rows = await sql<{ version: string }[]>`
      select version from supabase_migrations.schema_migrations`;
    return new Set(rows.map((row) => row.version));
  } finally {
    await sql.end();
  }
}
