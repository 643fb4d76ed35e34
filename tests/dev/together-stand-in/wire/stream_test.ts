import assert from "node:assert/strict";
import type { FaultInput } from "../../../../dev/together-stand-in/faults/faults.ts";
import { sampleUrl } from "../../../../dev/samples/samples.ts";
import { toDataUri } from "../pictures.ts";
import {
  createChatRequest,
  createMessages,
  createQuietStandIn,
  readCompletion,
  readStream,
  type StreamReading,
} from "../requests.ts";

const WOOD = createMessages(toDataUri(await Deno.readFile(sampleUrl("wood"))));

async function stream(
  body: Record<string, unknown> = {},
  fault?: FaultInput,
): Promise<StreamReading> {
  const standIn = createQuietStandIn({ faults: fault === undefined ? [] : [fault] });
  return await readStream(await standIn.fetch(createChatRequest({ stream: true, ...body })));
}

/** The text and the error of a stream that breaks off. */
async function readBroken(response: Response): Promise<{ text: string; error: Error }> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const piece of response.body!) text += decoder.decode(piece, { stream: true });
  } catch (error) {
    return { text, error: error as Error };
  }
  throw new Error("Ended properly");
}

Deno.test("a stream has Together's shape", async () => {
  const standIn = createQuietStandIn({ createId: () => "id-1", now: () => 1_790_000_000_123 });
  const response = await standIn.fetch(createChatRequest({ stream: true, max_tokens: 1 }));
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(response.headers.get("x-request-id"), "id-1");
  const { chunks, data } = await readStream(response);
  const choice = {
    index: 0,
    text: "Looks",
    logprobs: null,
    finish_reason: null,
    seed: null,
    delta: { role: "assistant", content: "Looks", tool_calls: null },
  };
  const chunk = {
    id: "id-1",
    object: "chat.completion.chunk",
    created: 1_790_000_000,
    choices: [choice],
    model: "local/pixel-analyst",
    usage: null,
  };
  assert.deepEqual(chunks, [chunk, {
    ...chunk,
    choices: [{
      ...choice,
      text: "",
      finish_reason: "length",
      delta: { ...choice.delta, content: "" },
    }],
    usage: { prompt_tokens: 1604, completion_tokens: 1, total_tokens: 1605 },
  }]);
  assert.equal(data.at(-1), "[DONE]");
});

Deno.test("a stream says what the whole answer says, a token a chunk", async () => {
  const whole = await readCompletion(
    await createQuietStandIn().fetch(createChatRequest({ messages: WOOD })),
  );
  const { chunks, text } = await stream({ messages: WOOD });
  assert.equal(text, whole.choices[0]?.message.content);
  assert.equal(chunks.length, whole.usage!.completion_tokens + 1);
  assert.deepEqual(chunks.at(-1)?.usage, whole.usage);
  assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, "stop");
});

Deno.test("a stream tears events and characters of several bytes", async () => {
  const { pieces, wire } = await stream({ messages: WOOD });
  assert.match(wire, /°/);
  const texts = pieces.map((piece) => new TextDecoder().decode(piece));
  assert.ok(texts.some((text) => text.endsWith("\ufffd")));
  assert.ok(texts.some((text) => !text.endsWith("\n\n") && !text.endsWith("\ufffd")));
});

Deno.test("a stream tells its usage apart where that is asked for", async () => {
  const { chunks } = await stream({ stream_options: { include_usage: true } });
  assert.deepEqual(chunks.at(-1)?.choices, []);
  assert.ok(chunks.at(-1)?.usage);
  assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, "stop");
  assert.ok(chunks.slice(0, -1).every(({ usage }) => usage === null));
});

Deno.test("a stream has log probabilities in the shape they were asked for", async () => {
  const logprobsOf = async (body: Record<string, unknown>, fault?: FaultInput) =>
    (await stream({ messages: WOOD, ...body }, fault)).chunks.map(({ choices }) =>
      // deno-lint-ignore no-explicit-any
      choices[0]?.logprobs as any
    );
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const numbers = await logprobsOf({ logprobs: 1 });
  assert.equal(numbers.at(-1), null);
  const content = await logprobsOf({ logprobs: true, top_logprobs: 2 });
  const asTold = await logprobsOf({ logprobs: 1 }, { kind: "logprobs", shape: "tokens" });
  assert.equal(Math.exp(sum(numbers)).toFixed(2), "0.76");
  assert.equal(sum(content.map((value) => value?.content[0].logprob ?? 0)), sum(numbers));
  assert.equal(sum(asTold.map((value) => value?.token_logprobs[0] ?? 0)), sum(numbers));
  const absent = await logprobsOf({ logprobs: 1 }, { kind: "logprobs", shape: "absent" });
  assert.ok(absent.every((value) => value === null));
});

Deno.test("a stream ends when its reader leaves", async () => {
  const response = await createQuietStandIn().fetch(createChatRequest({ stream: true }));
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  assert.equal((await reader.read()).done, true);
});

Deno.test("a stream ends when the server stops", async () => {
  const standIn = createQuietStandIn();
  const response = await standIn.fetch(createChatRequest({ stream: true }));
  const reader = response.body!.getReader();
  await reader.read();
  standIn.stop();
  await assert.rejects(reader.read(), /cut by a fault/);
});

Deno.test("faults before the first byte are the same for a stream", async () => {
  const standIn = createQuietStandIn({
    faults: [{ kind: "status", status: 503 }, { kind: "retired" }, { kind: "html" }],
  });
  const statuses: [number, string | null][] = [];
  for (let request = 0; request < 3; request++) {
    const response = await standIn.fetch(createChatRequest({ stream: true }));
    statuses.push([response.status, response.headers.get("content-type")]);
    await response.body?.cancel();
  }
  assert.deepEqual(statuses, [
    [503, "application/json"],
    [400, "application/json"],
    [200, "text/html; charset=utf-8"],
  ]);
});

Deno.test("a cut body breaks a stream off in the middle of an event", async () => {
  const standIn = createQuietStandIn({ faults: [{ kind: "cut_body" }] });
  const response = await standIn.fetch(createChatRequest({ stream: true }));
  assert.match((await readBroken(response)).error.message, /cut by a fault/);
});

Deno.test("a cut stream breaks off after the chunks it was told", async () => {
  const standIn = createQuietStandIn({ faults: [{ kind: "stream_cut", chunks: 4 }] });
  const response = await standIn.fetch(createChatRequest({ stream: true }));
  const { text, error } = await readBroken(response);
  assert.match(error.message, /cut by a fault/);
  assert.equal(text.match(/data: .*\n\n/g)?.length, 4);
  assert.ok(text.endsWith("\n\n"));
});

Deno.test("a stream can be cut before its first chunk", async () => {
  const standIn = createQuietStandIn({ faults: [{ kind: "stream_cut", chunks: 0 }] });
  const response = await standIn.fetch(createChatRequest({ stream: true }));
  assert.equal(response.status, 200);
  assert.equal((await readBroken(response)).text, "");
});

Deno.test("a stalled stream sends nothing more until the caller or the server stops", async () => {
  const standIn = createQuietStandIn({ faults: [{ kind: "stream_stall", chunks: 1 }] });
  const response = await standIn.fetch(createChatRequest({ stream: true }));
  const reader = response.body!.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /"content":"Looks"/);
  let isOver = false;
  const rest = reader.read().finally(() => isOver = true);
  await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(isOver, false);
  standIn.stop();
  await assert.rejects(rest, /cut by a fault/);
});

Deno.test("a dripping stream waits between its pieces", async () => {
  const delays: number[] = [];
  const standIn = createQuietStandIn({
    faults: [{ kind: "stream_drip", intervalMs: 7 }],
    sleep: (ms) => {
      delays.push(ms);
      return Promise.resolve();
    },
  });
  const { data, pieces } = await readStream(
    await standIn.fetch(createChatRequest({ stream: true })),
  );
  assert.equal(data.at(-1), "[DONE]");
  assert.deepEqual(delays, Array(pieces.length - 1).fill(7));
});

Deno.test("a failing stream reports an error in the middle and ends", async () => {
  const fault = { kind: "stream_error", chunks: 2, message: "Lost" } as const;
  const { data } = await stream({}, fault);
  assert.equal(data.length, 3);
  const { error } = JSON.parse(data[2]!);
  assert.deepEqual(error, { message: "Lost", type: "overloaded_error", param: null, code: null });
});

Deno.test("a stream can end without a finish reason, usage or [DONE]", async () => {
  const { chunks, data, text } = await stream({}, { kind: "stream_no_done" });
  assert.notEqual(data.at(-1), "[DONE]");
  assert.match(text, /not seen\.$/);
  assert.ok(
    chunks.every(({ choices, usage }) => choices[0]?.finish_reason === null && usage === null),
  );
});

Deno.test("a stream can hold data that is not JSON", async () => {
  const { data } = await stream({}, { kind: "stream_garbage", chunks: 1 });
  assert.throws(() => JSON.parse(data[1]!), SyntaxError);
  assert.ok(JSON.parse(data[2]!));
  assert.equal(data.at(-1), "[DONE]");
});

Deno.test("a stream can be written with all that the standard allows", async () => {
  const { wire } = await stream({ max_tokens: 2 }, { kind: "stream_crlf" });
  assert.ok(!/[^\r]\n/.test(wire));
  const events = wire.split("\r\n\r\n").map((event) =>
    event.split("\r\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5))
      .join("\n")
  ).filter((data) => data !== "");
  assert.equal(events.at(-1), "[DONE]");
  const contents = events.slice(0, -1).map((data) => JSON.parse(data).choices[0].delta.content);
  assert.deepEqual(contents, ["Looks", " most", ""]);
  assert.ok(events[0]?.includes("\n"));
});

Deno.test("a stream can leave its last event unterminated", async () => {
  assert.match((await stream({}, { kind: "stream_unterminated" })).wire, /\n\ndata: \[DONE\]$/);
});

Deno.test("a fault that changes what a completion says works in a stream too", async () => {
  const told = await stream({ logprobs: 1 }, {
    kind: "content",
    content: '{"family": "wo\\n",',
    finishReason: "eos",
  });
  assert.equal(told.text, '{"family": "wo\\n",');
  assert.equal(told.chunks.at(-1)?.choices[0]?.finish_reason, "eos");
  assert.ok(told.chunks.every(({ choices }) => choices[0]?.logprobs === null));
  const ended = await stream({}, { kind: "finish_reason", finishReason: "length" });
  assert.equal(ended.chunks.at(-1)?.choices[0]?.finish_reason, "length");
  const empty = await stream({}, { kind: "empty_choices" });
  assert.deepEqual(empty.chunks.map(({ choices }) => choices), [[]]);
  const free = await stream({}, { kind: "null_usage" });
  assert.equal(free.chunks.at(-1)?.usage, null);
});

Deno.test("the faults of streams leave whole answers alone", async () => {
  const standIn = createQuietStandIn({ faults: [{ kind: "stream_cut" }] });
  const whole = await readCompletion(await standIn.fetch(createChatRequest()));
  assert.equal(whole.choices[0]?.finish_reason, "stop");
  await readBroken(await standIn.fetch(createChatRequest({ stream: true })));
});
