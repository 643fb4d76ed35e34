/**
 * `deno task test [deno test arguments]`: all tests but the live ones, on one Postgres with one
 * migrated template that every test clones. The last line is `N passed, N failed`.
 */
import { runTests } from "../stack/testing/run-tests.ts";
import { createTemplateDatabase, startTestPostgres } from "../stack/testing/template-database.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const { passed, failed } = await runWithDatabase(args).catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
  });
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function runWithDatabase(args: string[]) {
  await using server = await startTestPostgres({ onProgress: console.error });
  const templateUrl = await createTemplateDatabase(server, { onProgress: console.error });
  return await runTests(args, { TEST_DATABASE_URL: templateUrl });
}
