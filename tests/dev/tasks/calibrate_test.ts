/** What `deno task calibrate` says without a project. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";

async function run(args: string[], url: string) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "dev/tasks/calibrate.ts", ...args],
    cwd: projectDirectory,
    env: { SUPABASE_URL: url, SUPABASE_SECRET_KEY: "sb_secret_x" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout), errors: decode(stderr) };
}

Deno.test("task calibrate: what can't be used is told in words, and nothing else is", async () => {
  const web = "https://project.example";
  const local = "http://127.0.0.1:9";
  const cases: [args: string[], url: string, expected: RegExp][] = [
    [["nowhere.jsonl"], local, /^Can't read the evaluation ".*nowhere\.jsonl": /],
    [["--accept", "everything"], local, /^"everything" is not a request's id, <id>=right/],
    [["--review"], local, /^"http:\/\/127\.0\.0\.1:9" answered read_feedback with: /],
    // Evaluations of the stand-in never calibrate a real project.
    [[], web, /^Name the evaluations of this project: /],
  ];
  await Promise.all(cases.map(async ([args, url, expected]) => {
    const { code, errors } = await run(args, url);
    assert.equal(code, 1, errors);
    assert.match(errors, expected);
    assert.doesNotMatch(errors, /\n {4}at /);
  }));
});

Deno.test("task calibrate: --help tells the options", async () => {
  const { code, output } = await run(["--help"], "http://127.0.0.1:9");
  assert.equal(code, 0);
  assert.match(output, /^Usage: deno task calibrate \[<evaluation\.jsonl> …\]/);
});
