/** The breaker through the whole client: whose failures close what, and what each kind counts. */
import assert from "node:assert/strict";
import { type TogetherClientOptions } from "../../../../supabase/functions/_shared/together-ai/client.ts";
import type { ChatRequest } from "../../../../supabase/functions/_shared/together-ai/chat-request.ts";
import {
  TogetherApiError,
  TogetherConnectionError,
  TogetherTimeoutError,
  TogetherUnavailableError,
} from "../../../../supabase/functions/_shared/together-ai/errors.ts";
import {
  boundNanoUsd,
  createSpending,
} from "../../../../supabase/functions/_shared/together-ai/spending.ts";
import {
  type Answer,
  chunk,
  completion,
  connectionRefused,
  json,
  refusal,
  stallBeforeHeaders,
  stallInBody,
  streaming,
  text,
} from "../../../support/fake-together.ts";
import { createClient, REQUEST } from "./test-client.ts";

const TWO: [string, string] = ["a/first", "b/second"];

Deno.test("a model that keeps failing is left alone, and the caller told at once", async () => {
  const { client, clock, together } = createClient([refusal(502)]);
  const ask = () => clock.run(client.ask(REQUEST, { timeoutMs: 60_000 }).catch((error) => error));
  assert.ok(await ask() instanceof TogetherApiError);
  assert.ok(await ask() instanceof TogetherApiError);
  assert.equal(together.requests.length, 5);
  const error = await ask();
  assert.ok(error instanceof TogetherUnavailableError);
  assert.equal(error.retryAfterMs, 30_000);
  assert.equal(together.requests.length, 5);
});

Deno.test("after its time one probe finds out whether the model is back", async () => {
  const bad = Array(6).fill(refusal(502));
  const { client, clock, together } = createClient([...bad, completion()]);
  const ask = () => clock.run(client.ask(REQUEST, { timeoutMs: 60_000 }).catch((error) => error));
  await ask();
  await ask();
  await clock.run(clock.sleep(30_000));
  assert.ok(await ask() instanceof TogetherApiError, "the probe");
  assert.equal(together.requests.length, 6);
  assert.ok(await ask() instanceof TogetherUnavailableError);
  await clock.run(clock.sleep(30_000));
  assert.equal((await ask()).completion.text, "Oak with a matt finish.");
  assert.equal((await ask()).completion.text, "Oak with a matt finish.");
});

Deno.test("a model found gone is not asked again for a while", async () => {
  const { client, clock, together } = createClient([refusal(404), completion()], TWO);
  for (let i = 0; i < 3; i++) {
    const { askedModel } = await clock.run(client.ask(REQUEST, { timeoutMs: 60_000 }));
    assert.equal(askedModel, "b/second");
  }
  assert.deepEqual(together.models(), ["a/first", "b/second", "b/second", "b/second"]);
});

/** Whether a model is left alone after this has happened in five calls. */
async function isLeftAloneAfter(
  answer: Answer,
  { timeoutMs = 60_000, isStreamed = false, request = REQUEST, ...times }:
    & { timeoutMs?: number; isStreamed?: boolean; request?: ChatRequest }
    & Pick<TogetherClientOptions, "attemptTimeoutMs" | "slowAttemptMs"> = {},
): Promise<boolean> {
  const { client, clock } = createClient([...Array(5).fill(answer), completion()], TWO, times);
  for (let i = 0; i < 5; i++) {
    // A spending of this much ends the call after one attempt.
    const spending = createSpending(boundNanoUsd(request, "a/first"));
    const createReader = () => ({
      push: () => true,
      end: () => ({ judgement: "answer" as const, reading: null }),
    });
    const options = { timeoutMs, spending, ...(isStreamed && { isStreamed, createReader }) };
    await clock.run(client.ask(request, options).catch(() => {}));
  }
  const { askedModel } = await clock.run(client.ask(REQUEST, { timeoutMs: 60_000 }));
  return askedModel === "b/second";
}

Deno.test("a timeout counts against a model only after a whole attempt's time", async () => {
  const stall = stallBeforeHeaders;
  assert.equal(await isLeftAloneAfter(stall, { timeoutMs: 60_000 }), true);
  assert.equal(await isLeftAloneAfter(stall, { timeoutMs: 30_000 }), true);
  assert.equal(await isLeftAloneAfter(stall, { timeoutMs: 29_999 }), false);
  assert.equal(await isLeftAloneAfter(stall, { timeoutMs: 1_500 }), false);
  const short = { attemptTimeoutMs: 5_000 };
  assert.equal(await isLeftAloneAfter(stall, { timeoutMs: 5_000, ...short }), true);
  assert.equal(await isLeftAloneAfter(stall, { timeoutMs: 4_999, ...short }), false);
});

Deno.test("less than a whole attempt's time can be called slow", async () => {
  const slow = { slowAttemptMs: 20_000 };
  assert.equal(await isLeftAloneAfter(stallInBody, { timeoutMs: 20_000, ...slow }), true);
  assert.equal(await isLeftAloneAfter(stallInBody, { timeoutMs: 19_999, ...slow }), false);
});

Deno.test("a stream that falls silent counts against a model only after the whole silence", async () => {
  const silent = streaming([chunk("Oak")], "stall");
  assert.equal(await isLeftAloneAfter(silent, { timeoutMs: 15_000, isStreamed: true }), true);
  assert.equal(await isLeftAloneAfter(silent, { timeoutMs: 14_999, isStreamed: true }), false);
});

Deno.test("an answer of nothing doesn't count against a model, nonsense does", async () => {
  const saying = (content: unknown) => completion({ choices: [{ message: { content } }] });
  for (const content of ["", " \n ", null, undefined]) {
    assert.equal(await isLeftAloneAfter(saying(content), { timeoutMs: 60_000 }), false);
  }
  const empty = streaming([]);
  assert.equal(await isLeftAloneAfter(empty, { timeoutMs: 60_000, isStreamed: true }), false);
  for (const nonsense of [text(200, "<html>", "text/html"), json(200, { choices: [] })]) {
    assert.equal(await isLeftAloneAfter(nonsense, { timeoutMs: 60_000 }), true);
  }
});

Deno.test("a probe that was given too little time lets the next one out", async () => {
  const bad = Array(5).fill(refusal(502));
  const { client, clock, together } = createClient([...bad, stallInBody, completion()]);
  const ask = (timeoutMs = 60_000) =>
    clock.run(client.ask(REQUEST, { timeoutMs }).catch((error) => error));
  await ask();
  await ask();
  await clock.run(clock.sleep(30_000));
  assert.ok(await ask(1_500) instanceof TogetherTimeoutError);
  assert.equal((await ask()).completion.text, "Oak with a matt finish.");
  assert.equal(together.requests.length, 7);
});

Deno.test("with every model left alone, the shortest wait is told", async () => {
  const far = refusal(429, undefined, { "x-ratelimit-reset": "40" });
  const { client, clock } = createClient([refusal(404), far], TWO);
  const ask = () => clock.run(client.ask(REQUEST, { timeoutMs: 60_000 }).catch((error) => error));
  assert.equal((await ask()).status, 429);
  const error = await ask();
  assert.ok(error instanceof TogetherUnavailableError);
  assert.equal(error.retryAfterMs, 40_000);
});

Deno.test("each model is held to the form as far as it can be", async () => {
  const models: [string, ...string[]] = [
    "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo",
    "Qwen/Qwen3.8-Flash",
    "Qwen/Qwen3.5-9B",
  ];
  const { client, clock, together } = createClient(
    [refusal(404), refusal(404), completion()],
    models,
  );
  const schema = { type: "object", properties: {} };
  const request = { ...REQUEST, responseSchema: { name: "x", schema }, wantsLogprobs: true };
  await clock.run(client.ask(request, { timeoutMs: 60_000 }));
  const [prompt, object, strict] = together.requests.map(({ body }) => body);
  assert.equal("response_format" in prompt, false);
  assert.equal("logprobs" in prompt, false);
  assert.deepEqual(object.response_format, { type: "json_object" });
  assert.deepEqual(strict.response_format, {
    type: "json_schema",
    json_schema: { name: "x", schema, strict: true },
  });
  assert.equal(strict.logprobs, 5);
});

Deno.test("a URL's failure counts against no model: the provider may not have reached it", async () => {
  const request: ChatRequest = {
    ...REQUEST,
    picture: { kind: "url", url: "https://slow.example.com/a.jpg" },
  };
  for (const answer of [stallBeforeHeaders, json(200, { choices: [] })]) {
    assert.equal(await isLeftAloneAfter(answer), true);
    assert.equal(await isLeftAloneAfter(answer, { request }), false);
  }
});

Deno.test("a timeout of a long answer counts against no model", async () => {
  for (const [maxTokens, isLeftAlone] of [[1_000, true], [1_001, false], [4_096, false]] as const) {
    const request = { ...REQUEST, maxTokens };
    assert.equal(await isLeftAloneAfter(stallInBody, { request }), isLeftAlone, String(maxTokens));
  }
});

Deno.test("a lone service with a dead provider stops asking after five failures", async () => {
  for (const answer of [refusal(502), stallBeforeHeaders, json(200, { choices: [] })]) {
    const { client, clock, together } = createClient([answer]);
    const ask = (pictureKey: string) => {
      const spending = createSpending(boundNanoUsd(REQUEST, "a/first"));
      const options = { timeoutMs: 30_000, callerKey: "service:catalogue", pictureKey, spending };
      return clock.run(client.ask(REQUEST, options).catch((error) => error));
    };
    for (let picture = 0; picture < 20; picture++) await ask(`picture ${picture}`);
    assert.ok(together.requests.length <= 7, String(together.requests.length));
    const error = await ask("another");
    assert.ok(error instanceof TogetherUnavailableError);
    assert.ok(error.retryAfterMs! > 0);
  }
});

Deno.test("a caller with bad pictures closes no model for others", async () => {
  const bad = Array(40).fill(refusal(500));
  const { client, clock, together } = createClient([...bad, completion()]);
  const ask = (callerKey: string, pictureKey: string) =>
    clock.run(
      client.ask(REQUEST, { timeoutMs: 60_000, callerKey, pictureKey }).catch((error) => error),
    );
  for (let picture = 0; picture < 30; picture++) await ask("user:attacker", String(picture));
  const sent = together.requests.length;
  assert.ok(sent < 10, String(sent));
  assert.ok(await ask("user:attacker", "31") instanceof TogetherUnavailableError);
  assert.equal(together.requests.length, sent);
  await ask("user:honest", "a");
  assert.ok(together.requests.length > sent, "the honest caller's model is asked");
});

Deno.test("a provider that can't be reached is left alone for all, once a call has given it up", async () => {
  const { client, clock, together } = createClient([connectionRefused], TWO);
  const ask = (callerKey: string) =>
    clock.run(client.ask(REQUEST, { timeoutMs: 60_000, callerKey }).catch((error) => error));
  assert.ok(await ask("user:a") instanceof TogetherConnectionError);
  assert.equal(together.requests.length, 3);
  const error = await ask("user:b");
  assert.ok(error instanceof TogetherUnavailableError);
  assert.ok(error.retryAfterMs! <= 5_000);
  assert.equal(together.requests.length, 3);
});

Deno.test("pictures that are too large for a proxy, or that a filter blocks, close no model", async () => {
  const blocked = { choices: [{ finish_reason: "content_filter", message: { content: "" } }] };
  for (const answer of [text(413, "<html>413", "text/html"), completion(blocked)]) {
    const { client, clock } = createClient([...Array(20).fill(answer), completion()]);
    const ask = (caller: number) => {
      const options = { timeoutMs: 60_000, callerKey: `user:${caller}`, pictureKey: `${caller}` };
      return clock.run(client.ask(REQUEST, options).catch((error) => error));
    };
    for (let caller = 0; caller < 10; caller++) {
      assert.ok(!(await ask(caller) instanceof TogetherUnavailableError), `caller ${caller}`);
    }
  }
});
