/** What `deno task evaluate` says without a project. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";

async function run(args: string[]) {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "dev/tasks/evaluate.ts", ...args],
    cwd: projectDirectory,
    env: { SUPABASE_URL: "http://127.0.0.1:9", SUPABASE_SECRET_KEY: "sb_secret_x" },
  }).output();
  return { code, errors: new TextDecoder().decode(stderr) };
}

Deno.test("task evaluate: what can't be used is told in words, and nothing else is", async () => {
  const cases: [args: string[], code: number, expected: RegExp][] = [
    [["nowhere.csv"], 1, /^There is no folder or CSV ".*nowhere\.csv"\n$/],
    [["dev/samples", "--limit", "0"], 2, /^--limit is "0", not a whole number from 1 on; .*\n$/],
  ];
  await Promise.all(cases.map(async ([args, expectedCode, expected]) => {
    const { code, errors } = await run(args);
    assert.equal(code, expectedCode);
    assert.match(errors, expected);
    assert.doesNotMatch(errors, /\n {4}at /);
  }));
});
