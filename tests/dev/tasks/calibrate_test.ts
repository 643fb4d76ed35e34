/** What `deno task calibrate` says without a project. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";

async function run(args: string[], url: string) {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "dev/tasks/calibrate.ts", ...args],
    cwd: projectDirectory,
    env: { SUPABASE_URL: url, SUPABASE_SECRET_KEY: "sb_secret_x" },
  }).output();
  return { code, errors: new TextDecoder().decode(stderr) };
}

Deno.test("task calibrate: what can't be used is told in words, and nothing else is", async () => {
  const web = "https://project.example";
  const local = "http://127.0.0.1:9";
  const cases: [args: string[], url: string, expected: RegExp][] = [
    [["nowhere.jsonl"], local, /^There is no evaluation ".*nowhere\.jsonl"$/m],
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
