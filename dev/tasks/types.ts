/** `deno task types [--check]`: the database's types, its listing and its migrations' names, written or compared. */
import { runTask, type Task, type TaskValues } from "../run-task.ts";
import { checkDatabaseTypes, writeDatabaseTypes } from "../stack/schema/database-types.ts";
import { checkMigrationNames, writeMigrationNames } from "../stack/schema/migration-names.ts";
import { checkSchemaListing, writeSchemaListing } from "../stack/schema/schema-listing.ts";
import { createTemplateDatabase, startTestPostgres } from "../stack/testing/template-database.ts";

const usage = ` [--check]

Generates database.types.ts, migrations.ts and schema.txt from the migrations.

  --check   write nothing; exit with 1 when they don't match the migrations`;

const options = { check: { type: "boolean" } } as const;

/** `deno task types`. */
export const task: Task<typeof options> = { name: "types", usage, options, run };

async function run({ check }: TaskValues<typeof options>): Promise<number> {
  const progress = { onProgress: console.log };
  await using server = await startTestPostgres(progress);
  const url = await createTemplateDatabase(server, progress);
  if (!check) {
    await writeDatabaseTypes(url);
    await writeSchemaListing(url);
    await writeMigrationNames();
    console.log("Wrote database.types.ts, migrations.ts and schema.txt");
    return 0;
  }
  if (
    await checkDatabaseTypes(url) && await checkSchemaListing(url) && await checkMigrationNames()
  ) {
    console.log("database.types.ts, migrations.ts and schema.txt are up to date");
    return 0;
  }
  console.error("They don't match the migrations, run `deno task types`");
  return 1;
}

if (import.meta.main) Deno.exit(await runTask(task));
