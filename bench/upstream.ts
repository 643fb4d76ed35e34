/** Answers at once in place of Together, whatever it is asked. */

/** A running stand-in for the provider. */
export interface Upstream extends AsyncDisposable {
  /** What goes in `TOGETHER_BASE_URL`. */
  readonly baseUrl: string;
  /** From now on it waits for this time before it answers. */
  delayMs: number;
}

const ANSWER = JSON.stringify({
  id: "bench",
  object: "chat.completion",
  model: "local/bench",
  choices: [{
    index: 0,
    finish_reason: "stop",
    message: { role: "assistant", content: "Oak with a matt finish and a straight grain." },
  }],
  usage: { prompt_tokens: 1_700, completion_tokens: 12, total_tokens: 1_712 },
});

/** Starts it on a free port of 127.0.0.1. */
export function startUpstream(): Upstream {
  const state = { delayMs: 0 };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    await request.arrayBuffer();
    if (state.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, state.delayMs));
    return new Response(ANSWER, { headers: { "Content-Type": "application/json" } });
  });
  return Object.assign(state, {
    baseUrl: `http://127.0.0.1:${server.addr.port}/v1`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}
