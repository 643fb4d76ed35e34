/** The migrated database that tests clone. */
import { createDatabase, type DatabaseHost } from "../postgres/databases.ts";
import { applyMigrations } from "../schema/migrations.ts";
import { type PostgresOptions, type PostgresServer, startPostgres } from "../postgres/postgres.ts";

const testSettings = {
  fsync: "off",
  max_connections: "300",
  max_wal_size: "256MB",
  // It would change a table's statistics, and with them plans, at any moment of a test.
  autovacuum: "off",
};
const templateName = "template_migrated";

/**
 * Starts a server for one test run. What it stores would not outlive a crash: a database is some 300
 * files, and cloning one takes 12 ms in memory where it may take 300 on a disk.
 */
export function startTestPostgres(
  options: Pick<PostgresOptions, "major" | "onProgress"> = {},
): Promise<PostgresServer> {
  return startPostgres({ ...options, inMemory: true, settings: testSettings });
}

/** Creates the template with the real CLI. Returns its connection string, as the superuser. */
export async function createTemplateDatabase(
  server: DatabaseHost,
  options: { onProgress?: (message: string) => void } = {},
): Promise<string> {
  await createDatabase(server, templateName);
  await applyMigrations(server.url(templateName, "postgres"), options);
  return server.url(templateName);
}
