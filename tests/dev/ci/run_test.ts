/** `.ci/run`, with an `npx` that only prints what a task would. */
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";

/** What the fake `npx` does instead of a task: lines of shell by the task's name. */
async function runCi(tasks: Record<string, string>) {
  const folder = await Deno.makeTempDir();
  try {
    const cases = Object.entries(tasks).map(([task, script]) => `"${task}") ${script} ;;`);
    const npx = `#!/bin/sh\n# -y deno@… task <name>\ncase "$4" in\n${cases.join("\n")}\nesac\n`;
    for (const [name, text] of [["npx", npx], ["chromium", "#!/bin/sh\n"]] as const) {
      await Deno.writeTextFile(`${folder}/${name}`, text, { mode: 0o755 });
    }
    const { code, stdout } = await new Deno.Command(`${projectDirectory}/.ci/run`, {
      env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
      stderr: "null",
    }).output();
    const lines = stripVTControlCharacters(new TextDecoder().decode(stdout)).trim().split("\n");
    const told = lines.slice(lines.findLastIndex((line) => line.startsWith("$ deno task")) + 1);
    return { code, lastLine: lines.at(-1), told: told.slice(0, -1) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test(".ci/run: adds the counts of both test tasks in its last line", async () => {
  const result = await runCi({
    check: "echo Checked",
    test: 'echo "12 passed, 0 failed"',
    "test:more": 'echo "3 passed, 0 failed"',
  });
  assert.deepEqual(result, {
    code: 0,
    lastLine: "15 passed, 0 failed",
    told: ["3 passed, 0 failed"],
  });
});

Deno.test(".ci/run: a failing part does not stop the others and is counted once", async () => {
  const { code, lastLine } = await runCi({
    check: "exit 1",
    test: 'echo "12 passed, 2 failed"; exit 1',
    "test:more": 'echo "3 passed, 1 failed"; exit 1',
  });
  assert.deepEqual({ code, lastLine }, { code: 1, lastLine: "15 passed, 4 failed" });
});

Deno.test(".ci/run: a part that ends without its counts is a failure", async () => {
  const { code, lastLine } = await runCi({
    check: "echo Checked",
    test: "kill -9 $$",
    "test:more": 'echo "3 passed, 0 failed"',
  });
  assert.deepEqual({ code, lastLine }, { code: 1, lastLine: "3 passed, 1 failed" });
});

/** What `deno test` prints of two tests, one of which fails with a message of so many lines. */
function printFailedRun(name: string, messageLines: number): string {
  const at = `${name} => ./tests/some_test.ts:7:6`;
  const printed = [
    "\\033[0;38;5;245m./tests/some_test.ts => \\033[0mone that passes ... ok (1ms)",
    `./tests/some_test.ts => ${name} ... FAILED (1ms)`,
    ...["", " ERRORS ", "", at, "error: AssertionError: not equal"],
    ...Array.from({ length: messageLines }, (_, index) => `+ line ${index}`),
    "    at file:///project/tests/some_test.ts:9:10",
    "    at async innerWrapped (ext:cli/40_test.js:300:5)",
    ...[
      "",
      " FAILURES ",
      "",
      at,
      "",
      "FAILED | 1 passed | 1 failed (2ms)",
      "",
      "error: Test failed",
    ],
    ...["", "1 passed, 1 failed"],
  ];
  return `printf '${printed.join("\\n")}\\n'; exit 1`;
}

Deno.test(".ci/run: what failed is told again at the end, task by task", async () => {
  const { told } = await runCi({
    check: "echo Check x_test.ts; echo 'error: Found 1 not formatted file'; exit 1",
    test: printFailedRun("unit: condition, outcome", 2),
    "test:more": 'echo "3 passed, 0 failed"',
  });
  assert.deepEqual(told, [
    "3 passed, 0 failed",
    "",
    "What failed in deno task check:",
    "",
    "error: Found 1 not formatted file",
    "deno task check failed (exit code 1)",
    "",
    "",
    "What failed in deno task test:",
    "",
    "unit: condition, outcome => ./tests/some_test.ts:7:6",
    "error: AssertionError: not equal",
    "+ line 0",
    "+ line 1",
    "    at file:///project/tests/some_test.ts:9:10",
    "",
    "unit: condition, outcome => ./tests/some_test.ts:7:6",
    "",
  ]);
});

Deno.test(".ci/run: what is told at the end is less than 12,000 characters, every task's names in it", async () => {
  const { told } = await runCi({
    check:
      `for each in $(seq 1000); do echo "error: $each of them, and then some more"; done; exit 1`,
    test: printFailedRun("a long message", 5_000),
    "test:more": printFailedRun("another", 5_000),
  });
  const text = told.slice(told.indexOf("What failed in deno task check:")).join("\n");
  assert.ok(text.length < 12_000, String(text.length));
  assert.match(text, /\n\na long message => \.\/tests\/some_test\.ts:7:6\n/);
  assert.match(text, /\n\nanother => \.\/tests\/some_test\.ts:7:6\n/);
});

Deno.test(".ci/run: of a run that was ended before its summary the failed tests are told", async () => {
  const { told } = await runCi({
    check: "echo Checked",
    test: "echo 'unit: condition, outcome ... FAILED (1ms)'; kill -9 $$",
    "test:more": 'echo "3 passed, 0 failed"',
  });
  assert.ok(
    told.slice(told.indexOf("What failed in deno task test:"))
      .includes("unit: condition, outcome ... FAILED (1ms)"),
  );
});
