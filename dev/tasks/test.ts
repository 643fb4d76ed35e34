/**
 * `deno task test [deno test arguments]`: all tests but the live and the long ones, on one Postgres
 * with one migrated template that every test clones. The last line is `N passed, N failed`.
 */
import { listenForEnd, toRuns } from "../stack/testing/run-tests.ts";
import { runTestsOnPostgres } from "../stack/testing/test-run.ts";

if (import.meta.main) {
  const { passed, failed } = await runTestsOnPostgres(toRuns(Deno.args), {
    signal: listenForEnd(),
  });
  // On a line of its own, where a run was ended in the middle of one.
  console.log(`\n${passed} passed, ${failed} failed`);
  Deno.exit(failed === 0 ? 0 : 1);
}
