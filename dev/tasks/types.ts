/** `deno task types [--check]`: the database's types and its listing, written or compared. */
import { parseArgs } from "node:util";
import { checkDatabaseTypes, writeDatabaseTypes } from "../stack/schema/database-types.ts";
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
    console.log("Wrote database.types.ts and schema.txt");
    return 0;
  }
  if (await checkDatabaseTypes(url) && await checkSchemaListing(url)) {
    console.log("database.types.ts and schema.txt are up to date");
    return 0;
  }
  console.error("They don't match the migrations, run `deno task types`");
  return 1;
}
