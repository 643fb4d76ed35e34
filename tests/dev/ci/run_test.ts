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
    return { code, lastLine: lines.at(-1) };
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
  assert.deepEqual(result, { code: 0, lastLine: "15 passed, 0 failed" });
});

Deno.test(".ci/run: a failing part does not stop the others and is counted once", async () => {
  const result = await runCi({
    check: "exit 1",
    test: 'echo "12 passed, 2 failed"; exit 1',
    "test:more": 'echo "3 passed, 1 failed"; exit 1',
  });
  assert.deepEqual(result, { code: 1, lastLine: "15 passed, 4 failed" });
});

Deno.test(".ci/run: a part that ends without its counts is a failure", async () => {
  const result = await runCi({
    check: "echo Checked",
    test: "kill -9 $$",
    "test:more": 'echo "3 passed, 0 failed"',
  });
  assert.deepEqual(result, { code: 1, lastLine: "3 passed, 1 failed" });
});
