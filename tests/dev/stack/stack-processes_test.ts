import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startTestStack } from "../../../dev/stack/testing/test-database.ts";

const functionsDirectory = fileURLToPath(new URL("./fixtures", import.meta.url));
const options = { functionsDirectory, standIn: false };

Deno.test("a process that ends unasked ends the stack", async () => {
  await using stack = await startTestStack(options);
  const pids = stack.processNames().map((name) => stack.processPid(name));
  assert.ok(pids.length >= 2);
  Deno.kill(stack.processPid("postgrest"), "SIGKILL");
  const crash = await stack.finished;
  assert.equal(crash?.name, "postgrest");
  assert.equal(crash.status.signal, "SIGKILL");
  assert.deepEqual(stack.processNames(), []);
  await assert.rejects(fetch(stack.apiUrl), TypeError);
});
