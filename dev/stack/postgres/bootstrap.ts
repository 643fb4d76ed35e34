/** Makes a plain Postgres look like a Supabase project's. The SQL may run again and again. */
import { connect } from "./connect.ts";

/** Creates the platform's roles, which belong to the whole server. */
export async function createRoles(superuserUrl: string): Promise<void> {
  await runFile(superuserUrl, "cluster.sql");
}

/** Creates the platform's schemas in one database. */
export async function createPlatformSchemas(superuserUrl: string): Promise<void> {
  await runFile(superuserUrl, "database.sql");
  await runFile(superuserUrl, "../storage/database.sql");
}

async function runFile(url: string, file: string): Promise<void> {
  const text = await Deno.readTextFile(new URL(file, import.meta.url));
  const sql = connect(url);
  try {
    await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}
