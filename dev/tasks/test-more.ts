/**
 * `deno task test:more`: what takes minutes. The tests of `tests/more/`, and those of the database on
 * the other versions of Postgres that Supabase's projects run on. The last line is
 * `N passed, N failed`.
 */
import { runTask, type Task } from "../run-task.ts";
import { olderMajors } from "../stack/postgres/postgres-binaries.ts";
import { addCounts, listenForEnd, type TestCounts } from "../stack/testing/run-tests.ts";
import { runTestsOnPostgres } from "../stack/testing/test-run.ts";

const usage = `

Runs the tests that take minutes: those of tests/more, and those of the database on the other versions
of Postgres that Supabase's projects run on.`;

/** `deno task test:more`. */
export const task: Task<Record<never, never>> = {
  name: "test:more",
  usage,
  async run() {
    const signal = listenForEnd();
    const counts: TestCounts[] = [];
    for (const major of olderMajors) {
      console.log(`\nThe database on Postgres ${major}`);
      counts.push(await runTestsOnPostgres([["--parallel", "tests/database/"]], { signal, major }));
      if (signal.aborted) break;
    }
    if (!signal.aborted) {
      counts.push(await runTestsOnPostgres([["--parallel", "tests/more/"]], { signal }));
    }
    const { passed, failed } = addCounts(counts);
    // On a line of its own, where a run was ended in the middle of one.
    console.log(`\n${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  },
};

if (import.meta.main) Deno.exit(await runTask(task));
