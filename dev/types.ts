/** `deno task types [--check]`: generates the database's types from the migrations, or compares. */
import { parseArgs } from "node:util";
import { checkDatabaseTypes, writeDatabaseTypes } from "./stack/database-types.ts";
import { createTemplateDatabase, startTestPostgres } from "./stack/template-database.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { check: { type: "boolean" } } });
  const options = { onProgress: console.log };
  await using server = await startTestPostgres(options);
  const url = await createTemplateDatabase(server, options);
  if (!values.check) {
    await writeDatabaseTypes(url);
    console.log("Wrote database.types.ts");
    return 0;
  }
  if (await checkDatabaseTypes(url)) {
    console.log("database.types.ts is up to date");
    return 0;
  }
  console.error("database.types.ts doesn't match the migrations, run `deno task types`");
  return 1;
}
