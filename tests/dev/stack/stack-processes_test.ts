import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type AnyProcess, createStackProcesses } from "../../../dev/stack/stack-processes.ts";
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

Deno.test("restart() ends a process that runs before it starts it anew, and starts one that doesn't", async () => {
  const events: string[] = [];
  const crashes: string[] = [];
  let startedCount = 0;
  const processes = createStackProcesses(({ name }) => crashes.push(name));
  const start = () => {
    const id = ++startedCount;
    const { promise: exited, resolve } = Promise.withResolvers<Deno.CommandStatus>();
    const end = (how: string) => {
      events.push(`${how} ${id}`);
      resolve({ success: true, code: 0, signal: null });
    };
    events.push(`start ${id}`);
    const process = {
      exited,
      stop: () => Promise.resolve(end("stop")),
      kill: () => end("kill"),
      lastLines: () => [],
    } as unknown as AnyProcess;
    return Promise.resolve({ process });
  };
  await processes.start("postgres", start);
  await processes.restart("postgres");
  await processes.kill("postgres");
  await processes.restart("postgres");
  await processes.stop("postgres");
  assert.deepEqual(events, ["start 1", "stop 1", "start 2", "kill 2", "start 3", "stop 3"]);
  assert.deepEqual([processes.names(), crashes], [[], []]);
  await assert.rejects(processes.restart("auth"), /There is no process "auth"/);
});
