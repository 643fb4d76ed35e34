import assert from "node:assert/strict";
import { runTask } from "../../../dev/run-task.ts";
import { task } from "../../../dev/tasks/catalogue.ts";

/** What is complained of, and the exit code; the arguments are such that no project is asked. */
async function complain(...args: string[]): Promise<[code: number, complaint: string]> {
  let complaint = "";
  const code = await runTask(task, args, {
    print: () => {},
    complain: (text) => complaint = text.split(";")[0]!,
  });
  return [code, complaint];
}

Deno.test("task catalogue: an option that a command has no use for is refused, for the command would do it to all", async () => {
  assert.deepEqual(await complain("retry-failed", "--limit", "10"), [
    2,
    '"retry-failed" takes no --limit',
  ]);
  assert.deepEqual(await complain("pause", "--only", "category=wood"), [
    2,
    '"pause" takes no --only',
  ]);
  assert.deepEqual(await complain("quote", "--budget", "5"), [2, '"quote" takes no --budget']);
  assert.deepEqual(await complain("--colors", "run"), [2, "--colors takes no command"]);
  assert.deepEqual(await complain("--colors", "--yes"), [2, '"colors" takes no --yes']);
});
