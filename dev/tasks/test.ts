/**
 * `deno task test [deno test arguments]`: all tests but the live and the long ones, on one Postgres
 * with one migrated template that every test clones. The last line is `N passed, N failed`.
 */
import { runTask, type Task } from "../run-task.ts";
import { listenForEnd, toRuns } from "../stack/testing/run-tests.ts";
import { runTestsOnPostgres } from "../stack/testing/test-run.ts";

const usage = ` [deno test arguments]

Runs all tests but the live and the long ones, or those of the files and folders that are named, on one
Postgres. What else is typed is an argument of deno test, such as --filter <text>.`;

/** `deno task test`. */
export const task: Task<Record<never, never>> = {
  name: "test",
  usage,
  options: "any",
  async run(_, args) {
    const { passed, failed } = await runTestsOnPostgres(toRuns(args), { signal: listenForEnd() });
    // On a line of its own, where a run was ended in the middle of one.
    console.log(`\n${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  },
};

if (import.meta.main) Deno.exit(await runTask(task));
