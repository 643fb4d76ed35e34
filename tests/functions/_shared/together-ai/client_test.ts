import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createTogetherClient,
  type TogetherClientOptions,
} from "../../../../supabase/functions/_shared/together-ai/client.ts";
import type { ChatRequest } from "../../../../supabase/functions/_shared/together-ai/chat-completion.ts";
import {
  TogetherApiError,
  TogetherConnectionError,
  TogetherError,
  TogetherResponseError,
  TogetherTimeoutError,
} from "../../../../supabase/functions/_shared/together-ai/errors.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import {
  type Answer,
  completion,
  connectionRefused,
  connectionReset,
  createFakeTogether,
  cutBody,
  drip,
  endlessBody,
  json,
  refusal,
  stallBeforeHeaders,
  stallForGood,
  stallInBody,
  text,
} from "../../../support/fake-together.ts";

const IMAGE_BASE64 = "c2VjcmV0LXBpY3R1cmU=";
const API_KEY = "tgp_v1_secret";

const REQUEST: ChatRequest = {
  systemPrompt: "You describe materials.",
  userPrompt: "What is this?",
  image: { kind: "bytes", mediaType: "image/png", base64: IMAGE_BASE64 },
  temperature: 0,
  maxTokens: 200,
};

const NEVER = () => 0.999_999;

/** A call on virtual time, with the longest back-off that the jitter can draw. */
async function call(answers: Answer[], {
  models = ["a/first"],
  timeoutMs = 60_000,
  signal,
  ...options
}: Partial<TogetherClientOptions> & { timeoutMs?: number; signal?: AbortSignal } = {}) {
  const clock = createFakeClock();
  const together = createFakeTogether(clock, ...answers);
  const client = createTogetherClient({
    apiKey: API_KEY,
    baseUrl: "https://api.together.example/v1/",
    models,
    effects: { fetch: together.fetch, now: clock.now, sleep: clock.sleep, random: NEVER },
    ...options,
  });
  const startedAt = clock.now();
  let error: unknown;
  const result = await clock.run(
    client.ask(REQUEST, { timeoutMs, ...(signal && { signal }) }),
  )
    .catch((thrown) => {
      error = thrown;
      return null;
    });
  return { result, error, together, clock, elapsedMs: clock.now() - startedAt };
}

Deno.test("ask() sends the documented request", async () => {
  const { result, together } = await call([completion()]);
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
    isTruncated: false,
    usage: { promptTokens: 1000, completionTokens: 20 },
    logprobs: null,
  });
  assert.deepEqual(result?.attempts, [
    { model: "a/first", status: 200, durationMs: 0, reason: "ok", mayBeBilled: false },
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
  assert.equal(result?.completion.isTruncated, true);
});

Deno.test("ask() takes an answer without usage, as possibly billed", async () => {
  const { result } = await call([completion({ usage: null })]);
  assert.equal(result?.completion.usage, null);
  assert.equal(result?.attempts[0]?.mayBeBilled, true);
});

interface Fault {
  name: string;
  answers: Answer[];
  models?: [string, ...string[]];
  timeoutMs?: number;
  /** Model and reason of each attempt. */
  attempts: string[];
  /** Milliseconds of virtual time with the longest possible back-off. */
  elapsedMs: number;
  /** The error given up with; none where it succeeds in the end. */
  error?: abstract new (...args: never[]) => TogetherError;
  status?: number;
}

const TWO: [string, string] = ["a/first", "b/second"];
const BACKOFF = { first: 499, second: 999 };

const FAULTS: Fault[] = [
  {
    name: "400 is final",
    answers: [refusal(400)],
    models: TWO,
    attempts: ["a/first status_400"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 400,
  },
  {
    name: "401 is final",
    answers: [refusal(401)],
    models: TWO,
    attempts: ["a/first status_401"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 401,
  },
  {
    name: "402 is final",
    answers: [refusal(402)],
    models: TWO,
    attempts: ["a/first status_402"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 402,
  },
  {
    name: "403 (context overflow) goes to the next model",
    answers: [refusal(403), completion()],
    models: TWO,
    attempts: ["a/first status_403", "b/second ok"],
    elapsedMs: 0,
  },
  {
    name: "404 goes to the next model",
    answers: [refusal(404), completion()],
    models: TWO,
    attempts: ["a/first model_unavailable", "b/second ok"],
    elapsedMs: 0,
  },
  {
    name: "a retired model goes to the next model",
    answers: [refusal(400, "model_not_available"), completion()],
    models: TWO,
    attempts: ["a/first model_unavailable", "b/second ok"],
    elapsedMs: 0,
  },
  {
    name: "a chain of retired models ends with that",
    answers: [refusal(400, "model_not_available")],
    models: TWO,
    attempts: ["a/first model_unavailable", "b/second model_unavailable"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 400,
  },
  {
    name: "the failure of a model that exists says more than that another is gone",
    answers: [refusal(503), refusal(404)],
    models: TWO,
    attempts: ["a/first status_503", "b/second model_unavailable"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 503,
  },
  {
    name: "413 is final",
    answers: [refusal(413)],
    attempts: ["a/first status_413"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 413,
  },
  {
    name: "422 is final",
    answers: [refusal(422)],
    attempts: ["a/first status_422"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 422,
  },
  ...[408, 502, 504, 524, 529].map((status): Fault => ({
    name: `${status} is retried twice`,
    answers: [refusal(status)],
    attempts: [1, 2, 3].map(() => `a/first status_${status}`),
    elapsedMs: BACKOFF.first + BACKOFF.second,
    error: TogetherApiError,
    status,
  })),
  {
    name: "500 is retried once",
    answers: [refusal(500)],
    attempts: ["a/first status_500", "a/first status_500"],
    elapsedMs: BACKOFF.first,
    error: TogetherApiError,
    status: 500,
  },
  {
    name: "503 goes to the next model at once",
    answers: [refusal(503), completion()],
    models: TWO,
    attempts: ["a/first status_503", "b/second ok"],
    elapsedMs: 0,
  },
  {
    name: "503 of the last model is retried",
    answers: [refusal(503), refusal(503), completion()],
    attempts: ["a/first status_503", "a/first status_503", "a/first ok"],
    elapsedMs: BACKOFF.first + BACKOFF.second,
  },
  {
    name: "429 waits as long as x-ratelimit-reset says, whatever Retry-After says",
    answers: [
      refusal(429, undefined, { "x-ratelimit-reset": "3", "retry-after": "60" }),
      completion(),
    ],
    attempts: ["a/first status_429", "a/first ok"],
    elapsedMs: 3_000,
  },
  {
    name: "429 waits as long as Retry-After says where that is all there is",
    answers: [refusal(429, undefined, { "retry-after": "2" }), completion()],
    attempts: ["a/first status_429", "a/first ok"],
    elapsedMs: 2_000,
  },
  {
    name: "429 with a long reset goes to the next model",
    answers: [refusal(429, undefined, { "x-ratelimit-reset": "30" }), completion()],
    models: TWO,
    attempts: ["a/first status_429", "b/second ok"],
    elapsedMs: 0,
  },
  {
    name: "429 with a long reset and no other model is final",
    answers: [refusal(429, undefined, { "x-ratelimit-reset": "30" })],
    attempts: ["a/first status_429"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 429,
  },
  {
    name: "a wait that would pass the deadline is not begun",
    answers: [refusal(429, undefined, { "x-ratelimit-reset": "5" })],
    timeoutMs: 5_500,
    attempts: ["a/first status_429"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 429,
  },
  {
    name: "a refused connection is retried, and no other model tried",
    answers: [connectionRefused],
    models: TWO,
    attempts: [1, 2, 3].map(() => "a/first connection"),
    elapsedMs: BACKOFF.first + BACKOFF.second,
    error: TogetherConnectionError,
  },
  {
    name: "a reset connection is retried",
    answers: [connectionReset, completion()],
    attempts: ["a/first connection", "a/first ok"],
    elapsedMs: BACKOFF.first,
  },
  {
    name: "a body that is cut off is retried",
    answers: [cutBody, completion()],
    attempts: ["a/first connection", "a/first ok"],
    elapsedMs: BACKOFF.first,
  },
  {
    name: "a body without end is given up",
    answers: [endlessBody, completion()],
    attempts: ["a/first connection", "a/first ok"],
    elapsedMs: BACKOFF.first,
  },
  ...[["before the headers", stallBeforeHeaders], ["for good", stallForGood], [
    "after the headers",
    stallInBody,
  ], ["in a drip", drip]].map(([where, answer]): Fault => ({
    name: `a stall ${where} uses up an attempt, then the deadline`,
    answers: [answer as Answer],
    timeoutMs: 50_000,
    attempts: ["a/first timeout", "a/first timeout"],
    elapsedMs: 50_000,
    error: TogetherTimeoutError,
  })),
  {
    name: "after a stall the next model has the rest of the time",
    answers: [stallInBody, completion()],
    models: TWO,
    attempts: ["a/first timeout", "b/second ok"],
    elapsedMs: 30_000,
  },
  {
    name: "with no useful time at all nothing is sent",
    answers: [completion()],
    timeoutMs: 999,
    attempts: [],
    elapsedMs: 0,
    error: TogetherTimeoutError,
  },
  {
    name: "HTML with status 200 is retried once",
    answers: [text(200, "<html>", "text/html")],
    attempts: ["a/first invalid_response", "a/first invalid_response"],
    elapsedMs: BACKOFF.first,
    error: TogetherResponseError,
  },
  {
    name: "truncated JSON is retried once",
    answers: [text(200, '{"choices":[{"mess', "application/json"), completion()],
    attempts: ["a/first invalid_response", "a/first ok"],
    elapsedMs: BACKOFF.first,
  },
  {
    name: "empty choices are retried once, then the next model asked",
    answers: [json(200, { choices: [] }), json(200, { choices: [] }), completion()],
    models: TWO,
    attempts: ["a/first invalid_response", "a/first invalid_response", "b/second ok"],
    elapsedMs: BACKOFF.first,
  },
  {
    name: "an answer of white space is no answer",
    answers: [completion({ choices: [{ message: { content: " \n " } }] }), completion()],
    attempts: ["a/first invalid_response", "a/first ok"],
    elapsedMs: BACKOFF.first,
  },
  {
    name: "a redirect is not followed and is final",
    answers: [
      () => new Response(null, { status: 307, headers: { location: "https://evil.example" } }),
    ],
    attempts: ["a/first status_307"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 307,
  },
];

for (const fault of FAULTS) {
  Deno.test(`ask(): ${fault.name}`, async () => {
    const { result, error, clock, together, elapsedMs } = await call(fault.answers, {
      ...(fault.models && { models: fault.models }),
      ...(fault.timeoutMs && { timeoutMs: fault.timeoutMs }),
    });
    const attempts = result?.attempts ?? (error as TogetherError).attempts;
    assert.deepEqual(
      attempts.map(({ model, reason }) => `${model} ${reason}`),
      fault.attempts,
    );
    assert.equal(elapsedMs, fault.elapsedMs);
    if (fault.error) {
      assert.ok(error instanceof fault.error, String(error));
      assert.equal((error as TogetherApiError).status, fault.status);
      assertHoldsNoSecret(error);
    } else {
      assert.equal(error, undefined);
    }
    assert.equal(clock.pendingTimers(), 0, "a timer was left behind");
    assert.equal(together.openBodies(), 0, "a body was left open");
  });
}

Deno.test("what may have been billed is recorded for each attempt", async () => {
  const mayBeBilled = async (answer: Answer) => {
    const { result, error } = await call([answer]);
    return (result?.attempts ?? (error as TogetherError).attempts)[0]?.mayBeBilled;
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
      effects: { fetch: together.fetch, now: clock.now, sleep: clock.sleep },
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
    effects: { fetch: together.fetch, now: clock.now, sleep: clock.sleep },
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

Deno.test("createTogetherClient() refuses options that make no sense", () => {
  const options = { apiKey: "k", baseUrl: "https://x.example", models: ["a"] as [string] };
  assert.throws(() => createTogetherClient({ ...options, apiKey: "" }), TypeError);
  assert.throws(() => createTogetherClient({ ...options, models: [] as never }), TypeError);
});

Deno.test("listModels() takes Together's bare array and OpenAI's object", async () => {
  for (const body of [[{ id: "a/b" }], { data: [{ id: "a/b" }] }]) {
    const clock = createFakeClock();
    const together = createFakeTogether(clock, json(200, body));
    const client = createTogetherClient({
      apiKey: API_KEY,
      baseUrl: "https://api.together.example/v1",
      models: ["a/b"],
      effects: { fetch: together.fetch, now: clock.now, sleep: clock.sleep },
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

function assertHoldsNoSecret(error: unknown) {
  for (let at = error; at instanceof Error; at = at.cause) {
    const everything = `${at.stack} ${Deno.inspect(at, { depth: 10 })} ${JSON.stringify(at)}`;
    assert.ok(!everything.includes(API_KEY), "the key is in the error");
    assert.ok(!everything.includes(IMAGE_BASE64), "the image is in the error");
  }
}
