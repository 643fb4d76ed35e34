/** A provider that answers chat completions byte for byte as it is told. */

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body: string;
  /** Bytes of each piece of the body; default: all at once. */
  chunkBytes?: number;
}

/** One request to it. */
export interface Call {
  model: string;
  // deno-lint-ignore no-explicit-any -- tests look into it as they please
  body: any;
}

/** A running server. Disposing it ends it. */
export interface FakeProvider extends AsyncDisposable {
  url: string;
  /** Answers from now on with these, one after another, the last one again and again. */
  reply(replies: readonly Reply[]): void;
  /** Those since then. */
  calls(): Call[];
}

/** Starts it on a free port; a GET is answered with an empty list of models. */
export function startFakeProvider(): FakeProvider {
  let replies: readonly Reply[] = [];
  let calls: Call[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (request.method !== "POST") return Response.json([]);
    const body = await request.json();
    calls.push({ model: body.model, body });
    return toResponse(replies[Math.min(calls.length, replies.length) - 1]!);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    reply(given) {
      replies = given;
      calls = [];
    },
    calls: () => calls,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The response that a reply is. */
export function toResponse({ status = 200, headers = {}, body, chunkBytes }: Reply): Response {
  const init = { status, headers: { "content-type": "application/json", ...headers } };
  if (body === "") return new Response(null, init);
  const bytes = new TextEncoder().encode(body);
  if (chunkBytes === undefined) return new Response(bytes, init);
  let at = 0;
  const pieces = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += chunkBytes));
    },
  });
  return new Response(pieces, init);
}
