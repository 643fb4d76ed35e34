/** The project's migrations and sample data, applied by the real `supabase db push`. */
import type postgres from "postgres";
import { countOf } from "../../../supabase/functions/_shared/client/count-of.ts";
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
  options.onProgress?.(`Applying ${countOf(missing.length, "migration")} with the Supabase CLI`);
  const seedFlags = includeSeed ? ["--include-seed"] : [];
  await runSupabaseCli(["db", "push", `--remote=${url}`, "--yes", ...seedFlags]);
}

/**
 * Whether a database was migrated by files that are not the project's first ones: some were renamed,
 * taken out or put between since, and `supabase db push` would refuse to go on from there.
 *
 * @param url of the database, as the role `postgres`
 */
export async function hasOtherMigrations(url: string): Promise<boolean> {
  const names = await readMigrationNames();
  const sql = connect(url);
  try {
    if ((await readColumn(sql, "schema_migrations", "version")).length === 0) return false;
    const applied = await sql<{ name: string }[]>`
      select version || '_' || name || '.sql' as name
      from supabase_migrations.schema_migrations order by version`;
    return applied.some(({ name }, index) => name !== names[index]);
  } finally {
    await sql.end();
  }
}

async function readMigrationVersions(): Promise<string[]> {
  return (await readMigrationNames()).map((name) => name.slice(0, name.indexOf("_")));
}

/** File names in the order in which they are applied. */
async function readMigrationNames(): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(`${projectDirectory}/supabase/migrations`));
    return entries.map(({ name }) => name).filter((name) => /^\d+_.*\.sql$/.test(name)).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
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
