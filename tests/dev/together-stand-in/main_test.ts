import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { FaultInput } from "../../../dev/together-stand-in/faults/faults.ts";
import { createStandIn } from "../../../dev/together-stand-in/server.ts";
import { createChatRequest } from "./requests.ts";

const MAIN = fileURLToPath(
  new URL("../../../dev/together-stand-in/main.ts", import.meta.url),
);

/** Sends a chat completion request over a socket. */
async function send(
  baseUrl: string,
  signal?: AbortSignal,
  body: Record<string, unknown> = {},
): Promise<Response> {
  const request = createChatRequest(body);
  return await fetch(`${baseUrl}/chat/completions`, {
    method: "POST",
    headers: request.headers,
    body: await request.text(),
    redirect: "manual",
    ...(signal === undefined ? {} : { signal }),
  });
}

/**
 * Serves a stand-in on a free port while `use` runs.
 *
 * The socket closes only when every request has ended: `stop` ends those that stall, without it their
 * clients must have left.
 */
async function withServer(
  faults: FaultInput[],
  use: (baseUrl: string) => Promise<void>,
  { stop = true } = {},
): Promise<void> {
  const standIn = createStandIn({ faults, sleep: () => Promise.resolve() });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    standIn.fetch,
  );
  try {
    await use(`http://127.0.0.1:${server.addr.port}/v1`);
  } finally {
    if (stop) standIn.stop();
    await server.shutdown();
  }
}

Deno.test("main.ts tells where it listens, answers there and ends on SIGTERM", async () => {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, "--port", "0"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await stdout.read();
  assert.match(value, /^listening on http:\/\/127\.0\.0\.1:\d+\/v1\n$/);
  const response = await send(value.slice("listening on ".length).trim());
  assert.equal(response.status, 200);
  assert.equal((await response.json()).model, "local/pixel-analyst");
  process.kill("SIGTERM");
  const [{ code }, stderr, rest] = await Promise.all([
    process.status,
    new Response(process.stderr).text(),
    stdout.read(),
  ]);
  assert.equal(code, 0);
  assert.match(stderr, /^POST \/v1\/chat\/completions some\/model 200 \d+ ms\n$/);
  assert.equal(rest.done, true);
});

Deno.test("main.ts refuses arguments that it doesn't know", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, "--port", "99999"],
  }).output();
  assert.equal(code, 2);
  assert.match(new TextDecoder().decode(stderr), /Cannot use the arguments "--port 99999"/);
});

Deno.test("over a socket a cut body is a connection error", async () => {
  await withServer([{ kind: "cut_body" }, { kind: "reset" }], async (baseUrl) => {
    for (let request = 0; request < 2; request++) {
      const response = await send(baseUrl);
      await assert.rejects(response.text(), TypeError);
    }
  });
});

Deno.test("over a socket a dripping body arrives whole", async () => {
  await withServer([{ kind: "drip" }], async (baseUrl) => {
    const response = await send(baseUrl);
    assert.equal((await response.json()).object, "chat.completion");
  });
});

Deno.test("over a socket a stall before the headers outlasts the client and ends with the server", async () => {
  await withServer([{ kind: "stall_before_headers" }], async (baseUrl) => {
    const client = new AbortController();
    const stalled = assert.rejects(send(baseUrl, client.signal), { name: "AbortError" });
    // Once no fault is left the request is where it stalls.
    const faultsUrl = new URL("/__faults", baseUrl);
    while ((await (await fetch(faultsUrl)).json()).length > 0);
    client.abort();
    await stalled;
  });
});

Deno.test("over a socket a stall in the body ends when the client leaves", async () => {
  await withServer([{ kind: "stall_in_body" }], async (baseUrl) => {
    const client = new AbortController();
    const response = await send(baseUrl, client.signal);
    const reader = response.body!.getReader();
    await reader.read();
    client.abort();
    await assert.rejects(reader.read(), { name: "AbortError" });
  }, { stop: false });
});

Deno.test("over a socket a stream ends when the client leaves", async () => {
  await withServer([{ kind: "stream_stall", chunks: 2 }], async (baseUrl) => {
    const client = new AbortController();
    const response = await send(baseUrl, client.signal, { stream: true });
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const reader = response.body!.getReader();
    await reader.read();
    client.abort();
    await assert.rejects(async () => {
      while (!(await reader.read()).done);
    }, { name: "AbortError" });
  }, { stop: false });
});

Deno.test("stopping the server ends what still stalls", async () => {
  let pending: Promise<unknown> = Promise.resolve();
  await withServer([{ kind: "stall_in_body" }], async (baseUrl) => {
    const response = await send(baseUrl);
    pending = assert.rejects(response.text());
  });
  await pending;
});
