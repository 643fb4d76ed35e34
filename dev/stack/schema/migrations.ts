/** The project's migrations and sample data, applied by the real `supabase db push`. */
import type postgres from "postgres";
import { connect } from "../postgres/connect.ts";
import { projectDirectory } from "../process/project-paths.ts";
import { runSupabaseCli } from "./supabase-cli.ts";

/** What to apply besides the migrations. */
export interface ApplyMigrationsOptions {
  /** The sample data of `supabase/seed.sql` too; default false. */
  includeSeed?: boolean;
  onProgress?: (message: string) => void;
}

/**
 * Brings a database up to the migrations of `supabase/migrations`.
 *
 * The CLI takes seconds to start, so it is asked only when something isn't recorded as applied. Like
 * the CLI it goes by versions: an applied migration that was edited is not applied again.
 *
 * @param url of the database, as the role `postgres`
 * @throws {Error} with the CLI's words when one fails
 */
export async function applyMigrations(
  url: string,
  options: ApplyMigrationsOptions = {},
): Promise<void> {
  const wanted = await readMigrationVersions();
  const includeSeed = (options.includeSeed ?? false) && await hasSeed();
  const applied = await readApplied(url);
  const missing = wanted.filter((version) => !applied.versions.has(version));
  if (missing.length === 0 && (!includeSeed || applied.isSeeded)) return;
  options.onProgress?.(`Applying ${missing.length} migration(s) with the Supabase CLI`);
  const seedFlags = includeSeed ? ["--include-seed"] : [];
  await runSupabaseCli(["db", "push", `--remote=${url}`, "--yes", ...seedFlags]);
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

function hasSeed(): Promise<boolean> {
  return Deno.stat(`${projectDirectory}/supabase/seed.sql`).then(() => true, () => false);
}

async function readApplied(url: string) {
  const sql = connect(url);
  try {
    const versions = await readColumn(sql, "schema_migrations", "version");
    const seeds = await readColumn(sql, "seed_files", "path");
    return { versions: new Set(versions), isSeeded: seeds.length > 0 };
  } finally {
    await sql.end();
  }
}

/** A column of one of the CLI's own tables, which aren't there before its first run. */
async function readColumn(sql: postgres.Sql, table: string, column: string): Promise<string[]> {
  const [found] = await sql`
    select to_regclass(${`supabase_migrations.${table}`}) is not null as exists`;
  if (!found?.exists) return [];
  const rows = await sql<{ value: string }[]>`
    select ${sql(column)} as value from ${sql(`supabase_migrations.${table}`)}`;
  return rows.map((row) => row.value);
}
