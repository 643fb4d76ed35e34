import assert from "node:assert/strict";
import { countTests, toRuns, withFolders } from "../../../../dev/stack/testing/run-tests.ts";
import { projectDirectory } from "../../../../dev/stack/process/project-paths.ts";

Deno.test("countTests() reads the last summary line", () => {
  const printed = "ok | 1 passed | 0 failed (1ms)\n\nok | 5 passed (2 steps) | 0 failed (12ms)\n";
  assert.deepEqual(countTests(printed, true), { passed: 5, failed: 0 });
});

Deno.test("countTests() reads colours, ignored and failed steps", () => {
  const printed =
    "\x1b[0m\x1b[31mFAILED\x1b[0m | 3 passed (32 steps) | 2 failed (1 step) | 1 ignored (2s)\n";
  assert.deepEqual(countTests(printed, false), { passed: 3, failed: 2 });
});

Deno.test("countTests() counts a failure when no test ran", () => {
  assert.deepEqual(countTests("ok | 0 passed | 0 failed (0ms)\n", true), { passed: 0, failed: 1 });
});

Deno.test("countTests() counts a failure when there is no summary", () => {
  assert.deepEqual(countTests("error: No test modules found\n", false), { passed: 0, failed: 1 });
});

Deno.test("countTests() counts a failure when the run failed without a failed test", () => {
  const printed = "ok | 4 passed | 0 failed (1ms)\n";
  assert.deepEqual(countTests(printed, false), { passed: 4, failed: 1 });
});

Deno.test("withFolders() leaves out the live and the long tests unless they are named", () => {
  assert.deepEqual(withFolders([]), ["--ignore=tests/live,tests/more", "tests/"]);
  assert.deepEqual(withFolders(["tests/live/"]), ["--ignore=tests/more", "tests/live/"]);
});

Deno.test("toRuns() runs all in two runs, what runs alone in the second, and what is named in one", () => {
  const [together, alone] = toRuns([]);
  assert.deepEqual(together, ["--parallel", `--ignore=${alone!.join(",")}`]);
  for (const path of alone!) assert.ok(Deno.statSync(`${projectDirectory}/${path}`), path);
  assert.deepEqual(toRuns(["--filter=a"]), [["--filter=a"]]);
});

Deno.test("countTests() counts the tests' own lines of a run that was ended", () => {
  const printed = "one ... ok (1ms)\n  a step ... ok (1ms)\ntwo ... FAILED (1ms)\nthree ...";
  assert.deepEqual(countTests(printed, false), { passed: 1, failed: 1 });
});
