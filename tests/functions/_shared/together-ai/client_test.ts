import assert from "node:assert/strict";
import { createTogetherClient } from "../../../../supabase/functions/_shared/together-ai/client.ts";
import { TogetherError } from "../../../../supabase/functions/_shared/together-ai/errors.ts";
import { createSpending } from "../../../../supabase/functions/_shared/together-ai/spending.ts";
import {
  API_KEY,
  assertHoldsNoSecret,
  call,
  IMAGE_BASE64,
  REQUEST,
} from "../../../support/client-call.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import {
  type Answer,
  completion,
  connectionRefused,
  connectionReset,
  createFakeTogether,
  cutBody,
  drip,
  json,
  refusal,
  stallBeforeHeaders,
  stallForGood,
  stallInBody,
  text,
} from "../../../support/fake-together.ts";
import fc from "../../../support/fast-check.ts";

const TWO: [string, string] = ["a/first", "b/second"];

Deno.test("ask() sends the documented request", async () => {
  const { result, attempts, together } = await call([completion()]);
  const { url, headers, body } = together.requests[0]!;
  assert.equal(url, "https://api.together.example/v1/chat/completions");
  assert.equal(headers.get("authorization"), `Bearer ${API_KEY}`);
  assert.equal(headers.get("content-type"), "application/json");
  assert.deepEqual(body, {
    model: "a/first",
    messages: [
      { role: "system", content: "You describe materials." },
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${IMAGE_BASE64}` } },
        ],
      },
    ],
    temperature: 0,
    max_tokens: 200,
  });
  assert.deepEqual(result?.completion, {
    text: "Oak with a matt finish.",
    model: "local/fake",
    end: "complete",
    usage: { promptTokens: 1000, completionTokens: 20 },
    logprobs: null,
  });
  assert.deepEqual(attempts, [
    {
      model: "a/first",
      status: 200,
      durationMs: 0,
      reason: "ok",
      mayBeBilled: false,
      // An unknown model counts at the dearest prices.
      costNanoUsd: 1000 * 1_200 + 20 * 1_500,
      usage: { promptTokens: 1000, completionTokens: 20 },
    },
  ]);
});

Deno.test("ask() switches reasoning off only where the model has it", async () => {
  const { together } = await call([refusal(404), completion()], {
    models: ["meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo", "Qwen/Qwen3.5-9B"],
  });
  assert.equal("reasoning" in together.requests[0]!.body, false);
  assert.deepEqual(together.requests[1]!.body.reasoning, { enabled: false });
});

Deno.test("ask() marks an answer that was cut at max_tokens", async () => {
  const { result } = await call([
    completion({ choices: [{ finish_reason: "length", message: { content: "Oak with" } }] }),
  ]);
  assert.equal(result?.completion.end, "truncated");
});

Deno.test("ask() takes an answer without usage, as possibly billed", async () => {
  const { result, attempts } = await call([completion({ usage: null })]);
  assert.equal(result?.completion.usage, null);
  assert.equal(attempts[0]?.mayBeBilled, true);
});

Deno.test("each attempt is recorded with what may have been billed for it", async () => {
  const mayBeBilled = async (answer: Answer) => {
    return (await call([answer])).attempts[0]?.mayBeBilled;
  };
  assert.equal(await mayBeBilled(completion()), false, "usage is known");
  assert.equal(await mayBeBilled(refusal(500)), false);
  assert.equal(await mayBeBilled(refusal(429)), false);
  assert.equal(await mayBeBilled(connectionRefused), false);
  assert.equal(await mayBeBilled(connectionReset), true);
  assert.equal(await mayBeBilled(cutBody), true);
  assert.equal(await mayBeBilled(stallBeforeHeaders), true);
  assert.equal(await mayBeBilled(text(200, "<html>", "text/html")), true);
});

Deno.test("a caller's abort surfaces as its own reason, at once, in every phase", async () => {
  for (const answer of [stallBeforeHeaders, stallForGood, stallInBody, drip]) {
    const clock = createFakeClock();
    const together = createFakeTogether(clock, answer);
    const client = createTogetherClient({
      apiKey: API_KEY,
      baseUrl: "https://api.together.example/v1",
      models: TWO,
      effects: { ...clock, fetch: together.fetch },
    });
    const caller = new AbortController();
    const reason = new Error("the user closed the page");
    const pending = client.ask(REQUEST, { timeoutMs: 60_000, signal: caller.signal });
    clock.sleep(5_000).then(() => caller.abort(reason));
    const startedAt = clock.now();
    await assert.rejects(clock.run(pending), (error) => error === reason);
    assert.equal(clock.now() - startedAt, 5_000);
    assert.equal(together.requests.length, 1);
    await clock.run(Promise.resolve());
    assert.equal(together.openBodies(), 0);
    assert.equal(clock.pendingTimers(), 0);
  }
});

Deno.test("a caller's abort ends a back-off", async () => {
  const caller = new AbortController();
  const clock = createFakeClock();
  const together = createFakeTogether(clock, refusal(429, undefined, { "x-ratelimit-reset": "9" }));
  const client = createTogetherClient({
    apiKey: API_KEY,
    baseUrl: "https://api.together.example/v1",
    models: TWO,
    effects: { ...clock, fetch: together.fetch },
  });
  clock.sleep(1_000).then(() => caller.abort("gone"));
  const pending = client.ask(REQUEST, { timeoutMs: 60_000, signal: caller.signal });
  await assert.rejects(clock.run(pending), (error) => error === "gone");
  assert.equal(clock.pendingTimers(), 0);
});

Deno.test("an already aborted signal sends nothing", async () => {
  const { error, together } = await call([completion()], { signal: AbortSignal.abort("early") });
  assert.equal(error, "early");
  assert.equal(together.requests.length, 0);
});

Deno.test("an attempt that an abort kept from being sent is not recorded, and costs nothing", async () => {
  const spending = createSpending();
  await call([completion()], { signal: AbortSignal.abort("early"), spending });
  assert.deepEqual(spending.attempts, []);
});

Deno.test("createTogetherClient() refuses options that make no sense", () => {
  const options = { apiKey: "k", baseUrl: "https://x.example", models: ["a"] as [string] };
  assert.throws(() => createTogetherClient({ ...options, apiKey: "" }), TypeError);
  assert.throws(() => createTogetherClient({ ...options, models: [] as never }), TypeError);
  assert.throws(() => createTogetherClient({ ...options, slowAttemptMs: 30_001 }), TypeError);
});

Deno.test("listModels() takes Together's bare array and OpenAI's object", async () => {
  for (const body of [[{ id: "a/b" }], { data: [{ id: "a/b" }] }]) {
    const clock = createFakeClock();
    const together = createFakeTogether(clock, json(200, body));
    const client = createTogetherClient({
      apiKey: API_KEY,
      baseUrl: "https://api.together.example/v1",
      models: ["a/b"],
      effects: { ...clock, fetch: together.fetch },
    });
    assert.deepEqual(await clock.run(client.listModels({ timeoutMs: 5_000 })), ["a/b"]);
    assert.equal(together.requests[0]!.url, "https://api.together.example/v1/models");
  }
});

Deno.test("any status and any bytes end in a completion or a TogetherError, and leave nothing behind", async () => {
  const answer = fc.record({
    status: fc.constantFrom(200, 200, 201, 204, 302, 400, 404, 408, 418, 429, 500, 503, 599),
    body: fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc.constant(new TextEncoder().encode('{"choices":[{"message":{"content":"Oak"}}]}')),
    ),
    headers: fc.dictionary(
      fc.constantFrom("retry-after", "x-ratelimit-reset", "content-type", "content-encoding-x"),
      fc.string({ unit: "grapheme-ascii" }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 4 }), async (answers) => {
      const { result, error, clock } = await call(
        answers.map(({ status, body, headers }) => () =>
          new Response(status === 204 ? null : body, { status, headers })
        ),
        { models: ["a/first", "b/second"] },
      );
      assert.ok(result !== null || error instanceof TogetherError, String(error));
      if (error) assertHoldsNoSecret(error);
      assert.equal(clock.pendingTimers(), 0);
    }),
    { numRuns: 50 },
  );
});
