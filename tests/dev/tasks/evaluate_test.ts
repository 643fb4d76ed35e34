/** What `deno task evaluate` says without a project. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";

async function run(args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "dev/tasks/evaluate.ts", ...args],
    cwd: projectDirectory,
    env: { SUPABASE_URL: "http://127.0.0.1:9", SUPABASE_SECRET_KEY: "sb_secret_x" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout), errors: decode(stderr) };
}

Deno.test("task evaluate: what can't be used is told in words, and nothing else is", async () => {
  const cases: [args: string[], expected: RegExp][] = [
    [["nowhere.csv"], /^There is no folder or CSV ".*nowhere\.csv"\n$/],
    [["dev/samples", "--limit", "0"], /^--limit is "0", not a number that it can be\n$/],
  ];
  await Promise.all(cases.map(async ([args, expected]) => {
    const { code, errors } = await run(args);
    assert.equal(code, 1);
    assert.match(errors, expected);
    assert.doesNotMatch(errors, /\n {4}at /);
  }));
});

Deno.test("task evaluate: --help tells the options", async () => {
  const { code, output } = await run(["--help"]);
  assert.equal(code, 0);
  assert.match(output, /^Usage: deno task evaluate <folder \| labels\.csv>/);
});
