/** The README's first command. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";

async function runDemo(...pictures: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "dev/tasks/demo.ts", ...pictures],
    cwd: projectDirectory,
    env: { TOGETHER_API_KEY: "", TOGETHER_BASE_URL: "" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout), errors: decode(stderr) };
}

Deno.test("the demo analyses the samples, searches, shows the limit refusing one too many, and stops", async () => {
  const { code, output, errors } = await runDemo();
  assert.equal(code, 0, errors);
  const samples = ["brick", "brushed-metal", "granite", "marble", "wood", "woven-cloth"];
  for (const name of samples) assert.ok(output.includes(`${name}.jpg`), name);
  assert.match(output, /Looks most like wood/);
  assert.match(output, /#[0-9a-f]{6} \d+ %/);
  assert.match(output, /left {8}1 of 7 now, 1 of 7 today/);
  assert.match(output, /searched with woven-cloth\.jpg\n {2}1\. Blue woven upholstery/);
  const requestId = /request {5}([0-9a-f-]{36})/.exec(output)?.[1];
  assert.ok(requestId);
  assert.match(output, /log {9}visual-search 200/);
  assert.match(output, /log {9}semantic-analysis 200 in \d+ ms, there [0-9a-f-]{36}/);
  assert.match(output, /One request too many: 429 RATE_LIMITED/);
  assert.match(output, /Retry-After: \d+ s/);
});

Deno.test("the demo analyses a picture of one's own", async () => {
  const { code, output, errors } = await runDemo("dev/samples/marble.jpg");
  assert.equal(code, 0, errors);
  assert.match(output, /Looks most like stone/);
  assert.match(output, /429 RATE_LIMITED/);
});

Deno.test("the demo fails at once, and says why, without the picture", async () => {
  const { code, output, errors } = await runDemo("no-such-picture.jpg");
  assert.equal(code, 1);
  assert.match(errors, /Cannot read the picture "no-such-picture.jpg"/);
  assert.ok(!output.includes("Starting"), "something was started");
});

Deno.test("the demo fails on a file that is no picture", async () => {
  const { code, errors } = await runDemo("deno.json");
  assert.equal(code, 1);
  assert.match(errors, /"deno.json" is not a picture/);
});
