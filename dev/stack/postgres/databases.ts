/** Databases of one server: made as Supabase hands them out, cloned from a template, dropped. */
import type postgres from "postgres";
import { createPlatformSchemas } from "./bootstrap.ts";
import { connect } from "./connect.ts";
import type { PostgresServer } from "./postgres.ts";

/** What is needed of a server to make databases in it. */
export type DatabaseHost = Pick<PostgresServer, "url">;

/**
 * Creates a database owned by `postgres`: with nothing but the platform's schemas, or as a copy of
 * a template without connections (milliseconds).
 */
export async function createDatabase(
  server: DatabaseHost,
  name: string,
  options: { template?: string } = {},
): Promise<void> {
  const { template } = options;
  await administer(server, async (sql) => {
    // Copying files beats replaying them through the log for small databases.
    await sql`create database ${sql(name)} template ${sql(template ?? "template1")}
      owner postgres strategy file_copy`;
  });
  if (!template) await createPlatformSchemas(server.url(name));
}

/** Drops a database, ending its connections. */
export async function dropDatabase(server: DatabaseHost, name: string): Promise<void> {
  await administer(server, async (sql) => {
    await sql`drop database if exists ${sql(name)} with (force)`;
  });
}

async function administer(
  server: DatabaseHost,
  work: (sql: postgres.Sql) => Promise<void>,
): Promise<void> {
  const sql = connect(server.url());
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}
