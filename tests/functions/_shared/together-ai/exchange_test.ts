/** What the runtime says of connections that fail, on real sockets. */
import assert from "node:assert/strict";
import { TogetherConnectionError } from "../../../../supabase/functions/_shared/together-ai/errors.ts";
import {
  exchange,
  toEffects,
} from "../../../../supabase/functions/_shared/together-ai/exchange.ts";

const post = (url: string) =>
  exchange(url, { method: "POST", body: "x" }, (_, body) => body.readAll(), {
    timeoutMs: 10_000,
    effects: toEffects(),
  }).then(() => null, (error) => error);

/** A port on which each connection is treated so. */
async function withListener(
  treat: (connection: Deno.Conn) => void | Promise<void>,
  run: (port: number) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = (async () => {
    for await (const connection of listener) await treat(connection);
  })();
  await run(listener.addr.port);
  listener.close();
  await accepting;
}

async function readThenClose(connection: Deno.Conn, reply = ""): Promise<void> {
  await connection.read(new Uint8Array(1024));
  await connection.write(new TextEncoder().encode(reply));
  connection.close();
}

Deno.test("exchange(): a host that refuses, isn't known or has no TLS was never reached, so nothing is billed", async () => {
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr;
  closed.close();
  await withListener(
    (connection) => readThenClose(connection, "HTTP/1.1 400 Bad Request\r\n\r\n"),
    async (plainPort) => {
      for (
        const url of [
          `http://127.0.0.1:${port}/`,
          "http://no-such-host.invalid/",
          `https://127.0.0.1:${plainPort}/`,
        ]
      ) {
        const error = await post(url);
        assert.ok(error instanceof TogetherConnectionError, url);
        assert.equal(error.isUnreachable, true, url);
        assert.equal(error.mayBeBilled, false, url);
        assert.equal(error.concerns, "provider", url);
      }
    },
  );
});

Deno.test("exchange(): a connection that is lost after the request was sent may be billed", async () => {
  const replies = ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"];
  for (const reply of replies) {
    await withListener((connection) => readThenClose(connection, reply), async (port) => {
      const error = await post(`http://127.0.0.1:${port}/`);
      assert.ok(error instanceof TogetherConnectionError);
      assert.equal(error.isUnreachable, false, reply);
      assert.equal(error.mayBeBilled, true, reply);
    });
  }
});

Deno.test("exchange() leaves nothing behind on its signal, whatever becomes of it", async () => {
  const outcomes = [
    () => Promise.resolve(new Response("x")),
    () => Promise.reject(new TypeError("lost")),
  ];
  for (const fetch of outcomes) {
    const { signal } = new AbortController();
    let listenerCount = 0;
    const [add, remove] = [signal.addEventListener, signal.removeEventListener];
    signal.addEventListener = (
      ...args: unknown[]
    ) => (listenerCount++, add.apply(signal, args as never));
    signal.removeEventListener = (
      ...args: unknown[]
    ) => (listenerCount--, remove.apply(signal, args as never));
    const exchanged = exchange("https://example.com/", {}, (_, body) => body.readAll(), {
      timeoutMs: 10_000,
      signal,
      effects: toEffects({ fetch }),
    });
    await exchanged.catch(() => {});
    assert.equal(listenerCount, 0);
  }
});
