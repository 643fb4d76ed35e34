/** One run of tests on one Postgres, whose migrated template every test clones. */
import type { PostgresMajor } from "../postgres/postgres-binaries.ts";
import { runTests, type TestCounts } from "./run-tests.ts";
import { createTemplateDatabase, startTestPostgres } from "./template-database.ts";

/**
 * Starts the server, runs `deno test` with these arguments and stops the server. A server that
 * doesn't start, or a migration that fails, counts one failure.
 */
export async function runTestsOnPostgres(
  args: readonly string[],
  options: { signal: AbortSignal; major?: PostgresMajor },
): Promise<TestCounts> {
  try {
    const onProgress = console.error;
    const { signal, ...version } = options;
    await using server = await startTestPostgres({ ...version, onProgress });
    const templateUrl = await createTemplateDatabase(server, { onProgress });
    return await runTests(args, { TEST_DATABASE_URL: templateUrl }, signal);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
  }
}
