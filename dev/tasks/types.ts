/** `deno task types [--check]`: the database's types, its listing and its migrations' names, written or compared. */
import { parseArgs } from "node:util";
import { checkDatabaseTypes, writeDatabaseTypes } from "../stack/schema/database-types.ts";
import { checkMigrationNames, writeMigrationNames } from "../stack/schema/migration-names.ts";
import { checkSchemaListing, writeSchemaListing } from "../stack/schema/schema-listing.ts";
import { createTemplateDatabase, startTestPostgres } from "../stack/testing/template-database.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { check: { type: "boolean" } } });
  const options = { onProgress: console.log };
  await using server = await startTestPostgres(options);
  const url = await createTemplateDatabase(server, options);
  if (!values.check) {
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
