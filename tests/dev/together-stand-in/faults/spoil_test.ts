import assert from "node:assert/strict";
import type { FaultInput } from "../../../../dev/together-stand-in/faults/faults.ts";
import {
  createChatRequest,
  createQuietStandIn,
  createRequest,
  readCompletion,
} from "../requests.ts";

async function ask(fault: FaultInput, body: Record<string, unknown> = {}): Promise<Response> {
  return await createQuietStandIn({ faults: [fault] }).fetch(createChatRequest(body));
}

Deno.test("a status fault answers with an error of Together's", async () => {
  for (
    const status of [400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 524, 529]
  ) {
    const response = await ask({ kind: "status", status });
    assert.equal(response.status, status);
    const { error } = await response.json();
    assert.deepEqual(Object.keys(error), ["message", "type", "param", "code"]);
    assert.ok(error.message.length > 5 && !error.message.startsWith("Answered"));
  }
});

Deno.test("a 429 tells when to come back", async () => {
  const response = await ask({ kind: "status", status: 429 });
  assert.equal(response.headers.get("x-ratelimit-reset"), "1");
  assert.equal(response.headers.get("x-ratelimit-remaining"), "0");
});

Deno.test("a status fault takes its own body and headers", async () => {
  const headers = { "x-ratelimit-reset": "9", "retry-after": "3" };
  const json = await ask({ kind: "status", status: 429, body: { error: "text" }, headers });
  assert.deepEqual(await json.json(), { error: "text" });
  assert.equal(json.headers.get("x-ratelimit-reset"), "9");
  assert.equal(json.headers.get("retry-after"), "3");
  const text = await ask({ kind: "status", status: 502, body: "<h1>Bad gateway</h1>" });
  assert.equal(await text.text(), "<h1>Bad gateway</h1>");
  assert.equal((await ask({ kind: "status", status: 204 })).body, null);
});

Deno.test("a retired model answers as Together does", async () => {
  const response = await ask({ kind: "retired" });
  assert.equal(response.status, 400);
  const { error } = await response.json();
  assert.equal(error.code, "model_not_available");
  assert.match(error.message, /some\/model/);
});

Deno.test("a fault for one model leaves the others alone", async () => {
  const standIn = createQuietStandIn({
    faults: [{ kind: "retired", model: "old/model", times: "always" }],
  });
  for (const [model, status] of [["old/model", 400], ["new/model", 200], ["old/model", 400]]) {
    assert.equal((await standIn.fetch(createChatRequest({ model }))).status, status);
  }
});

Deno.test("a model that is not found answers 404", async () => {
  const response = await ask({ kind: "not_found" });
  assert.equal(response.status, 404);
  assert.equal((await response.json()).error.code, "model_not_found");
});

Deno.test("a delayed answer is the proper answer", async () => {
  const delays: number[] = [];
  const standIn = createQuietStandIn({
    faults: [{ kind: "delay", delayMs: 1500 }],
    sleep: (ms) => {
      delays.push(ms);
      return Promise.resolve();
    },
  });
  assert.equal((await standIn.fetch(createChatRequest())).status, 200);
  assert.deepEqual(delays, [1500]);
});

Deno.test("a stall before the headers ends when the client leaves", async () => {
  const client = new AbortController();
  const standIn = createQuietStandIn({ faults: [{ kind: "stall_before_headers" }] });
  let isAnswered = false;
  const answer = standIn.fetch(createChatRequest({}, { signal: client.signal }))
    .finally(() => isAnswered = true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(isAnswered, false);
  client.abort();
  assert.equal((await answer).status, 503);
});

Deno.test("a stall before the headers ends when the server stops", async () => {
  const standIn = createQuietStandIn({ faults: [{ kind: "stall_before_headers" }] });
  const answer = standIn.fetch(createChatRequest());
  standIn.stop();
  assert.equal((await answer).status, 503);
});

Deno.test("a stall in the body comes after half of it and ends when the server stops", async () => {
  const standIn = createQuietStandIn({ faults: [{ kind: "stall_in_body" }] });
  const response = await standIn.fetch(createChatRequest());
  assert.equal(response.status, 200);
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  const declared = Number(response.headers.get("content-length"));
  assert.equal(value?.byteLength, Math.ceil(declared / 2));
  const rest = reader.read();
  standIn.stop();
  await assert.rejects(rest);
});

Deno.test("a stall in the body ends when the reader leaves", async () => {
  const response = await ask({ kind: "stall_in_body" });
  const reader = response.body!.getReader();
  await reader.read();
  const rest = reader.read();
  await reader.cancel();
  assert.equal((await rest).done, true);
});

Deno.test("a dripping body comes byte by byte and is right in the end", async () => {
  const delays: number[] = [];
  const standIn = createQuietStandIn({
    faults: [{ kind: "drip", intervalMs: 7 }],
    sleep: (ms) => {
      delays.push(ms);
      return Promise.resolve();
    },
  });
  const response = await standIn.fetch(createChatRequest());
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body!) chunks.push(chunk);
  assert.ok(chunks.every((chunk) => chunk.byteLength === 1));
  const text = new TextDecoder().decode(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])));
  assert.equal(JSON.parse(text).object, "chat.completion");
  assert.deepEqual(delays, Array(chunks.length - 1).fill(7));
});

Deno.test("a dripping body stops when the reader leaves", async () => {
  const { promise: sleeping, resolve: reportSleeping } = Promise.withResolvers<AbortSignal>();
  const standIn = createQuietStandIn({
    faults: [{ kind: "drip" }],
    sleep: (_, signal) => {
      reportSleeping(signal);
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
    },
  });
  const reader = (await standIn.fetch(createChatRequest())).body!.getReader();
  await reader.read();
  const rest = reader.read();
  const signal = await sleeping;
  await reader.cancel();
  assert.equal((await rest).done, true);
  assert.equal(signal.aborted, true);
});

Deno.test("a cut body breaks off with an error", async () => {
  const response = await ask({ kind: "cut_body" });
  assert.equal(response.status, 200);
  await assert.rejects(response.text(), /cut by a fault/);
});

Deno.test("garbage is labelled JSON and is none", async () => {
  const response = await ask({ kind: "garbage" });
  assert.equal(response.headers.get("content-type"), "application/json");
  const bytes = await response.bytes();
  assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes));
});

Deno.test("a web page comes with status 200", async () => {
  const response = await ask({ kind: "html" });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
  assert.match(await response.text(), /^<!doctype html>/);
});

Deno.test("truncated JSON is a complete response with half an answer", async () => {
  const text = await (await ask({ kind: "truncated_json" })).text();
  assert.match(text, /^\{"id":/);
  assert.throws(() => JSON.parse(text), SyntaxError);
});

Deno.test("empty choices, no usage and empty content are otherwise proper answers", async () => {
  const noChoices = await readCompletion(await ask({ kind: "empty_choices" }));
  assert.deepEqual(noChoices.choices, []);
  assert.ok(noChoices.usage);
  const noUsage = await readCompletion(await ask({ kind: "null_usage" }));
  assert.equal(noUsage.usage, null);
  assert.match(noUsage.choices[0]?.message.content ?? "", /Red/);
  const noContent = await readCompletion(await ask({ kind: "empty_content" }, { logprobs: 1 }));
  assert.deepEqual(noContent.choices[0], {
    index: 0,
    finish_reason: "stop",
    message: { role: "assistant", content: "" },
  });
});

Deno.test("a redirect points where it was told", async () => {
  const response = await ask({ kind: "redirect", location: "http://127.0.0.1:9/elsewhere" });
  assert.equal(response.status, 307);
  assert.equal(response.headers.get("location"), "http://127.0.0.1:9/elsewhere");
});

Deno.test("a reset gives no body at all", async () => {
  await assert.rejects((await ask({ kind: "reset" })).bytes());
});

Deno.test("an answer can go by another model name", async () => {
  const completion = await readCompletion(await ask({ kind: "model_name", answerModel: "a/b" }));
  assert.equal(completion.model, "a/b");
});

Deno.test("an answer can be told, and then has no log probabilities", async () => {
  const fault = { kind: "content", content: '{"family": "wood"}' } as const;
  const { choices } = await readCompletion(await ask(fault, { logprobs: 1 }));
  assert.equal(choices[0]?.message.content, '{"family": "wood"}');
  assert.equal(choices[0]?.logprobs, undefined);
  const cut = await readCompletion(await ask(fault, { max_tokens: 3 }));
  assert.equal(cut.choices[0]?.finish_reason, "length");
});

Deno.test("a refused request uses up no fault", async () => {
  const standIn = createQuietStandIn({ faults: [{ kind: "status", status: 500 }] });
  assert.equal((await standIn.fetch(createChatRequest({ max_tokens: 0 }))).status, 422);
  assert.equal((await standIn.fetch(createChatRequest({}, { headers: {} }))).status, 401);
  assert.equal((await standIn.fetch(createChatRequest())).status, 500);
});

Deno.test("a fault for the list of models leaves chat alone", async () => {
  const standIn = createQuietStandIn({
    faults: [{ kind: "status", status: 401, route: "models" }, {
      kind: "truncated_json",
      route: "models",
    }],
  });
  assert.equal((await standIn.fetch(createChatRequest())).status, 200);
  assert.equal((await standIn.fetch(createRequest("GET", "/v1/models"))).status, 401);
  await assert.rejects((await standIn.fetch(createRequest("GET", "/v1/models"))).json());
  assert.equal((await standIn.fetch(createRequest("GET", "/v1/models"))).status, 200);
});

Deno.test("an answer can claim another end", async () => {
  const cut = await readCompletion(
    await ask({ kind: "finish_reason", finishReason: "length" }),
  );
  assert.equal(cut.choices[0]?.finish_reason, "length");
  const fault = { kind: "content", content: '{"family":', finishReason: "stop" } as const;
  const told = await readCompletion(await ask(fault, { max_tokens: 2 }));
  assert.equal(told.choices[0]?.finish_reason, "stop");
});

Deno.test("log probabilities can come in another shape or not at all, if they were asked for", async () => {
  const fieldsOf = async (shape: "content" | "tokens" | "null" | "absent", logprobs?: number) => {
    const response = await ask({ kind: "logprobs", shape }, { logprobs });
    const [choice] = (await readCompletion(response)).choices;
    return choice?.logprobs === null ? null : choice?.logprobs && Object.keys(choice.logprobs);
  };
  assert.deepEqual(await fieldsOf("content", 0), ["content", "refusal"]);
  assert.deepEqual(await fieldsOf("tokens", 0), ["tokens", "token_logprobs"]);
  assert.equal(await fieldsOf("null", 0), null);
  assert.equal(await fieldsOf("absent", 0), undefined);
  assert.equal(await fieldsOf("content"), undefined);
});
