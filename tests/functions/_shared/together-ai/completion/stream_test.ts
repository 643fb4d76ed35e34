import assert from "node:assert/strict";
import {
  TogetherConnectionError,
  TogetherEmptyAnswerError,
  TogetherError,
  TogetherResponseError,
  TogetherStreamError,
  TogetherTimeoutError,
} from "../../../../../supabase/functions/_shared/together-ai/errors.ts";
import { readCompletion } from "../../../../../supabase/functions/_shared/together-ai/completion/stream.ts";
import fc from "../../../../support/fast-check.ts";

const chunk = (content: string, rest: object = {}, choice: object = {}) =>
  `data: ${
    JSON.stringify({ choices: [{ index: 0, delta: { content }, ...choice }], ...rest })
  }\n\n`;

const USAGE = { prompt_tokens: 10, completion_tokens: 3 };
const FINISH = chunk("", { model: "local/fake", usage: USAGE }, { finish_reason: "stop" });
const DONE = "data: [DONE]\n\n";

/** Reads a stream that comes in these pieces of text, or fails where an error is among them. */
const read = (...pieces: (string | Error)[]) => readAs(false, ...pieces);

async function readAs(isShown: boolean, ...pieces: (string | Error)[]) {
  const texts: string[] = [];
  let finishes = 0;
  const rest = [...pieces];
  const next = () => {
    const piece = rest.shift() ?? null;
    return piece instanceof Error ? Promise.reject(piece) : Promise.resolve(piece);
  };
  const completion = await readCompletion({ read: next }, {
    requestedModel: "a/b",
    onText: (text) => texts.push(text),
    onFinish: () => finishes++,
    hasShown: () => isShown,
  });
  return { completion, texts, finishes };
}

/** The same from bytes, decoded as the client decodes them. */
async function readBytes(chunks: Uint8Array[]) {
  const decoder = new TextDecoder();
  const pieces = chunks.map((bytes) => decoder.decode(bytes, { stream: true }));
  return await read(...pieces.filter((piece) => piece !== ""));
}

Deno.test("readCompletion() puts the pieces together and tells each as it comes", async () => {
  const { completion, texts } = await read(
    chunk("Oak "),
    chunk("with "),
    chunk("grain"),
    FINISH,
    DONE,
  );
  assert.deepEqual(texts, ["Oak ", "with ", "grain"]);
  assert.deepEqual(completion, {
    text: "Oak with grain",
    model: "local/fake",
    end: "complete",
    usage: { promptTokens: 10, completionTokens: 3 },
    logprobs: null,
  });
});

Deno.test("readCompletion() takes usage in a last chunk without choices", async () => {
  const usage = `data: ${
    JSON.stringify({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } })
  }\n\n`;
  const { completion } = await read(
    chunk("a"),
    chunk("", {}, { finish_reason: "eos" }),
    usage,
    DONE,
  );
  assert.deepEqual(completion.usage, { promptTokens: 1, completionTokens: 2 });
});

Deno.test("readCompletion() takes a finish reason without [DONE], and [DONE] without one", async () => {
  for (const end of [FINISH, DONE]) {
    assert.equal((await read(chunk("a"), end)).completion.text, "a");
  }
});

Deno.test("readCompletion() marks an answer that was cut at max_tokens", async () => {
  const { completion } = await read(chunk("a", {}, { finish_reason: "length" }));
  assert.equal(completion.end, "truncated");
});

Deno.test("readCompletion() reads \\r\\n, comments, other fields and data over several lines", async () => {
  const { completion } = await read(
    ": hello\r\n\r\nid: 1\r\nevent: message\r\nretry: 5\r\n",
    'data: {"choices":[{"delta":\r\ndata: {"content":"a"}}]}\r\n\r\n',
    DONE.replaceAll("\n", "\r\n"),
  );
  assert.equal(completion.text, "a");
});

Deno.test("readCompletion() ignores what comes after [DONE]", async () => {
  assert.deepEqual((await read(chunk("a") + DONE + chunk("b"))).texts, ["a"]);
});

Deno.test("readCompletion() takes a last event that has no blank line after it", async () => {
  for (const end of [FINISH.trimEnd(), FINISH.slice(0, -1), "data: [DONE]"]) {
    const { completion } = await read(chunk("a"), end);
    assert.equal(completion.text, "a", end);
  }
});

Deno.test("readCompletion() passes over what is no chunk: heartbeats, named pings, empty choices", async () => {
  for (
    const event of [
      "data: \n\n",
      "data:\n\n",
      "data\n\n",
      ": ping\n\n",
      "event: ping\n\n",
      "event: ping\ndata: ping\n\n",
      'event: ping\ndata: {"type":"ping"}\n\n',
      "event: keep-alive\ndata: \n\n",
      'data: {"type":"ping"}\n\n',
      'data: {"choices":null}\n\n',
      'data: {"choices":[]}\n\n',
      'data: {"choices":[null]}\n\n',
      'data: {"choices":[{"delta":null}]}\n\n',
      'data: {"choices":[{"index":1,"delta":{"content":"other"}}]}\n\n',
      'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n',
      "data: null\n\n",
      "data: {}\n\n",
    ]
  ) {
    const { completion } = await read(event, chunk("a"), event, chunk("b"), event, FINISH, DONE);
    assert.equal(completion.text, "ab", event);
    assert.equal(completion.usage?.promptTokens, 10, event);
  }
});

Deno.test("readCompletion() takes events of any name, and content as parts", async () => {
  const named = (name: string, text: string) => `event: ${name}\n${text}`;
  const parts = { delta: { content: [{ type: "text", text: "b" }] } };
  const { completion } = await read(
    named("message", chunk("a")),
    named("completion.chunk", chunk("", {}, parts)),
    FINISH,
  );
  assert.equal(completion.text, "ab");
});

Deno.test("readCompletion() doesn't take a whole message after its pieces for the next piece", async () => {
  const whole = `data: ${JSON.stringify({ choices: [{ message: { content: "ab" } }] })}\n\n`;
  assert.equal((await read(chunk("a"), chunk("b"), whole, FINISH)).completion.text, "ab");
  assert.equal((await read(whole, FINISH)).completion.text, "ab");
});

Deno.test("readCompletion() decides by the first bytes whether it reads events or a whole", async () => {
  const whole = JSON.stringify({ choices: [{ message: { content: "Oak." } }] });
  assert.equal((await read(whole)).completion.text, "Oak.");
  assert.equal((await read("\n ", whole.slice(0, 3), whole.slice(3))).completion.text, "Oak.");
  for (const first of [": hi\n\n", "id: 1\n", "event: x\n", "retry: 5\n\n", "\n\n", "d"]) {
    const rest = first === "d" ? chunk("Oak.").slice(1) : chunk("Oak.");
    assert.equal((await read(first, rest, FINISH)).completion.text, "Oak.", first);
  }
});

Deno.test("readCompletion() takes a finish reason that is no end for a failure, or for a break once text was shown", async () => {
  for (const finish_reason of ["error", "abort", "whatever"]) {
    const end = chunk("", { usage: { prompt_tokens: 7, completion_tokens: 2 } }, { finish_reason });
    await assert.rejects(
      read(chunk("a"), end, DONE),
      (error) => error instanceof TogetherStreamError && error.usage?.promptTokens === 7,
    );
    const { completion } = await readAs(true, chunk("a"), end, DONE);
    assert.equal(completion.end, "broken");
    assert.equal(completion.text, "a");
  }
});

Deno.test("readCompletion() takes the largest of the usages that a stream tells", async () => {
  const usage = (prompt_tokens: number, completion_tokens: number) =>
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens, completion_tokens } })}\n\n`;
  const { completion } = await read(
    chunk("a"),
    usage(10, 1),
    usage(10, 5),
    chunk("", {}, { finish_reason: "stop" }),
    usage(0, 0),
    'data: {"choices":[],"usage":null}\n\n',
  );
  assert.deepEqual(completion.usage, { promptTokens: 10, completionTokens: 5 });
});

Deno.test("readCompletion() knows a stream that was cut", async () => {
  await assert.rejects(read(), TogetherStreamError);
  await assert.rejects(read(chunk("a")), TogetherStreamError);
  await assert.rejects(read(chunk("a"), chunk("b").slice(0, -20)), TogetherStreamError);
});

const FINISH_ONLY = chunk("", {}, { finish_reason: "stop" });

Deno.test("readCompletion() has a complete answer once it was told a finish reason, whatever comes then", async () => {
  const failures = [
    new TogetherTimeoutError(2_000),
    new TogetherConnectionError(new TypeError("reset"), { isUnreachable: false }),
  ];
  for (const failure of failures) {
    const { completion } = await read(chunk("a"), FINISH_ONLY, failure);
    assert.equal(completion.text, "a");
    assert.equal(completion.usage, null);
    assert.equal((await read(chunk("a"), FINISH, failure)).completion.usage?.promptTokens, 10);
    await assert.rejects(read(chunk("a"), failure), (error) => error === failure);
    await assert.rejects(read(FINISH_ONLY, failure), TogetherEmptyAnswerError);
  }
  for (const event of ['data: {"error":{}}\n\n', "data: <html>\n\n", 'data: {"choices":5}\n\n']) {
    assert.equal((await read(chunk("a"), FINISH_ONLY, event)).completion.text, "a");
  }
});

Deno.test("readCompletion() tells of the finish reason once, and fails with a caller who has gone", async () => {
  const { finishes } = await read(chunk("a"), FINISH_ONLY, FINISH, DONE);
  assert.equal(finishes, 1);
  const gone = new DOMException("gone", "AbortError");
  await assert.rejects(read(chunk("a"), FINISH_ONLY, gone), (error) => error === gone);
});

Deno.test("readCompletion() knows an error in mid-stream", async () => {
  for (
    const failure of [
      'data: {"error":{"message":"secret","type":"server_error"}}\n\n',
      'data: {"error":"secret"}\n\n',
      'data: {"object":"error","message":"secret","code":500}\n\n',
      'data: {"type":"error","error":{"message":"secret"}}\n\n',
      'data: {"message":"secret","code":500}\n\n',
      'data: {"choices":[{"delta":{},"error":{"message":"secret","code":502}}]}\n\n',
      'event: error\ndata: {"message":"secret"}\n\n',
      "event: error\ndata: secret\n\n",
    ]
  ) {
    await assert.rejects(
      readAs(true, chunk("a"), failure, DONE),
      (error) => error instanceof TogetherStreamError && !Deno.inspect(error).includes("secret"),
      failure,
    );
  }
});

Deno.test("readCompletion() refuses what is no chunk, and an answer without text", async () => {
  await assert.rejects(read("data: <html>\n\n"), TogetherResponseError);
  await assert.rejects(read('data: {"choices":5}\n\n'), TogetherStreamError);
  await assert.rejects(read(chunk(" "), FINISH, DONE), TogetherResponseError);
});

Deno.test("readCompletion() collects the tokens' probabilities, or none if one is missing", async () => {
  const logprobs = (token: string) => ({
    logprobs: { tokens: [token], token_logprobs: [-0.5] },
  });
  const all = await read(chunk("a", {}, logprobs("a")), chunk("b", {}, logprobs("b")), FINISH);
  assert.deepEqual(all.completion.logprobs, [
    { token: "a", logprob: -0.5 },
    { token: "b", logprob: -0.5 },
  ]);
  const some = await read(chunk("a", {}, logprobs("a")), chunk("b"), FINISH);
  assert.equal(some.completion.logprobs, null);
});

Deno.test("readCompletion() gives the same for any chunking of the bytes", async () => {
  const stream = chunk("Ahorn – ") + ": ping\n\n" + chunk("楓 🍁 \u2028") + chunk('"\\\n') +
    FINISH + DONE;
  const bytes = new TextEncoder().encode(stream);
  const whole = await readBytes([bytes]);
  assert.equal(whole.completion.text, 'Ahorn – 楓 🍁 \u2028"\\\n');
  await fc.assert(fc.asyncProperty(
    fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 40 }),
    async (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const parts = edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
      assert.deepEqual(await readBytes(parts), whole);
    },
  ));
});

Deno.test("readCompletion() ends in a completion or a TogetherError for any bytes", async () => {
  const noise = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(chunk("a"), FINISH, DONE, "data: {}\n\n", "data:", "\n\n", '{"error":1}')
        .map((text) => new TextEncoder().encode(text)),
    ),
    { maxLength: 12 },
  );
  await fc.assert(fc.asyncProperty(noise, async (chunks) => {
    try {
      const { completion, texts } = await readBytes(chunks);
      assert.equal(texts.join(""), completion.text);
    } catch (error) {
      assert.ok(error instanceof TogetherError, String(error));
    }
  }));
});
