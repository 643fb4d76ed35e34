/**
 * `deno task test:more`: what takes minutes. The tests of `tests/more/`, and those of the database on
 * the other versions of Postgres that Supabase's projects run on. The last line is
 * `N passed, N failed`.
 */
import { olderMajors } from "../stack/postgres/postgres-binaries.ts";
import { addCounts, type TestCounts } from "../stack/testing/run-tests.ts";
import { runTestsOnPostgres } from "../stack/testing/test-run.ts";

if (import.meta.main) {
  const counts: TestCounts[] = [await runTestsOnPostgres(["tests/more/"])];
  for (const major of olderMajors) {
    console.log(`\nThe database on Postgres ${major}`);
    counts.push(await runTestsOnPostgres(["tests/database/"], { major }));
  }
  const { passed, failed } = addCounts(counts);
  console.log(`${passed} passed, ${failed} failed`);
  Deno.exit(failed === 0 ? 0 : 1);
}
