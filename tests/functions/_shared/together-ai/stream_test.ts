import assert from "node:assert/strict";
import fc from "fast-check";
import {
  TogetherConnectionError,
  TogetherError,
  TogetherResponseError,
  TogetherStreamError,
  TogetherTimeoutError,
} from "../../../../supabase/functions/_shared/together-ai/errors.ts";
import { readStream } from "../../../../supabase/functions/_shared/together-ai/stream.ts";

const chunk = (content: string, rest: object = {}, choice: object = {}) =>
  `data: ${
    JSON.stringify({ choices: [{ index: 0, delta: { content }, ...choice }], ...rest })
  }\n\n`;

const FINISH = chunk("", {
  model: "local/fake",
  usage: { prompt_tokens: 10, completion_tokens: 3 },
}, { finish_reason: "stop" });
const DONE = "data: [DONE]\n\n";

/** Reads a stream that comes in these pieces of text, or fails where an error is among them. */
async function read(...pieces: (string | Error)[]) {
  const texts: string[] = [];
  let finishes = 0;
  const rest = [...pieces];
  const next = () => {
    const piece = rest.shift() ?? null;
    return piece instanceof Error ? Promise.reject(piece) : Promise.resolve(piece);
  };
  const completion = await readStream({ read: next }, {
    requestedModel: "a/b",
    onText: (text) => texts.push(text),
    onFinish: () => finishes++,
  });
  return { completion, texts, finishes };
}

/** The same from bytes, decoded as the client decodes them. */
async function readBytes(chunks: Uint8Array[]) {
  const decoder = new TextDecoder();
  const pieces = chunks.map((bytes) => decoder.decode(bytes, { stream: true }));
  return await read(...pieces.filter((piece) => piece !== ""));
}

Deno.test("readStream() puts the pieces together and tells each as it comes", async () => {
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
    isTruncated: false,
    usage: { promptTokens: 10, completionTokens: 3 },
    logprobs: null,
  });
});

Deno.test("readStream() takes usage in a last chunk without choices", async () => {
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

Deno.test("readStream() takes a finish reason without [DONE], and [DONE] without one", async () => {
  assert.equal((await read(chunk("a"), FINISH)).completion.text, "a");
  assert.equal((await read(chunk("a"), DONE)).completion.text, "a");
});

Deno.test("readStream() marks an answer that was cut at max_tokens", async () => {
  const { completion } = await read(chunk("a", {}, { finish_reason: "length" }), DONE);
  assert.equal(completion.isTruncated, true);
});

Deno.test("readStream() reads \\r\\n, comments, other fields and data over several lines", async () => {
  const { completion } = await read(
    ": hello\r\n\r\nid: 1\r\nevent: message\r\nretry: 5\r\n",
    'data: {"choices":[{"delta":\r\ndata: {"content":"a"}}]}\r\n\r\n',
    DONE.replaceAll("\n", "\r\n"),
  );
  assert.equal(completion.text, "a");
});

Deno.test("readStream() ignores what comes after [DONE]", async () => {
  const { completion, texts } = await read(chunk("a") + DONE + chunk("b"));
  assert.equal(completion.text, "a");
  assert.deepEqual(texts, ["a"]);
});

Deno.test("readStream() discards an unterminated last event", async () => {
  const { completion } = await read(chunk("a"), FINISH, chunk("b").trimEnd());
  assert.equal(completion.text, "a");
});

Deno.test("readStream() knows a stream that was cut", async () => {
  await assert.rejects(read(), TogetherStreamError);
  await assert.rejects(read(chunk("a")), TogetherStreamError);
  await assert.rejects(read(chunk("a"), FINISH.trimEnd()), TogetherStreamError);
});

const FINISH_ONLY = chunk("", {}, { finish_reason: "stop" });

Deno.test("readStream() has a complete answer once it was told a finish reason, whatever comes then", async () => {
  const failures = [
    new TogetherTimeoutError(2_000),
    new TogetherConnectionError(new TypeError("reset"), { mayBeBilled: true }),
  ];
  for (const failure of failures) {
    const { completion } = await read(chunk("a"), FINISH_ONLY, failure);
    assert.equal(completion.text, "a");
    assert.equal(completion.usage, null);
    assert.equal((await read(chunk("a"), FINISH, failure)).completion.usage?.promptTokens, 10);
    await assert.rejects(read(chunk("a"), failure), (error) => error === failure);
    await assert.rejects(read(FINISH_ONLY, failure), TogetherResponseError);
  }
  for (const event of ['data: {"error":{}}\n\n', "data: <html>\n\n", 'data: {"choices":5}\n\n']) {
    assert.equal((await read(chunk("a"), FINISH_ONLY, event)).completion.text, "a");
  }
});

Deno.test("readStream() tells of the finish reason once, and fails with a caller who has gone", async () => {
  const { finishes } = await read(chunk("a"), FINISH_ONLY, FINISH, DONE);
  assert.equal(finishes, 1);
  const gone = new DOMException("gone", "AbortError");
  await assert.rejects(read(chunk("a"), FINISH_ONLY, gone), (error) => error === gone);
});

Deno.test("readStream() knows an error in mid-stream", async () => {
  const failure = 'data: {"error":{"message":"secret","type":"server_error"}}\n\n';
  await assert.rejects(
    read(chunk("a"), failure),
    (error) => error instanceof TogetherStreamError && !String(error).includes("secret"),
  );
});

Deno.test("readStream() refuses what is no chunk, and an answer without text", async () => {
  await assert.rejects(read("data: <html>\n\n"), TogetherResponseError);
  await assert.rejects(read('data: {"choices":5}\n\n'), TogetherResponseError);
  await assert.rejects(read(chunk(" "), FINISH, DONE), TogetherResponseError);
});

Deno.test("readStream() collects the tokens' probabilities, or none if one is missing", async () => {
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

Deno.test("readStream() gives the same for any chunking of the bytes", async () => {
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

Deno.test("readStream() ends in a completion or a TogetherError for any bytes", async () => {
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
