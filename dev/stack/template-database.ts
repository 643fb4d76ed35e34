/** The migrated database that tests clone. */
import { createDatabase, type DatabaseHost } from "./databases.ts";
import { applyMigrations } from "./migrations.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";

const templateName = "template_migrated";

/** Starts a server for one test run; nothing it stores outlives a crash, and it's the faster for it. */
export function startTestPostgres(
  options: { onProgress?: (message: string) => void } = {},
): Promise<PostgresServer> {
  return startPostgres({ ...options, settings: { fsync: "off", max_connections: "300" } });
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
