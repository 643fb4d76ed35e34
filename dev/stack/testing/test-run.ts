/** Runs of tests on one Postgres, whose migrated template every test clones. */
import { findPostgrest } from "../api/postgrest.ts";
import { findHostedDeno } from "../functions/hosted-deno.ts";
import type { PostgresMajor } from "../postgres/postgres-binaries.ts";
import { findSupabaseCli } from "../schema/supabase-cli.ts";
import { addCounts, runTests, type TestCounts } from "./run-tests.ts";
import { createTemplateDatabase, startTestPostgres } from "./template-database.ts";

/**
 * Starts the server, runs `deno test` with each of these arguments and stops the server. A server that
 * doesn't start, or a migration that fails, counts one failure.
 */
export async function runTestsOnPostgres(
  runs: readonly (readonly string[])[],
  options: { signal: AbortSignal; major?: PostgresMajor },
): Promise<TestCounts> {
  try {
    const onProgress = console.error;
    const { signal, ...version } = options;
    await using server = await startTestPostgres({ ...version, onProgress });
    const templateUrl = await createTemplateDatabase(server, { onProgress });
    const environment = {
      TEST_DATABASE_URL: templateUrl,
      SUPABASE_CLI_BIN: await findSupabaseCli(),
      HOSTED_DENO_BIN: await findHostedDeno(),
      POSTGREST_BIN: await findPostgrest(onProgress),
    };
    const counts: TestCounts[] = [];
    for (const args of runs) counts.push(await runTests(args, environment, signal));
    return addCounts(counts);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    return { passed: 0, failed: 1 };
  }
}
