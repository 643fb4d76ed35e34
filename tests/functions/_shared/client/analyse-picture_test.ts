import assert from "node:assert/strict";
import { analysePicture } from "../../../../supabase/functions/_shared/client/analyse-picture.ts";
import type { AnalysePictureOptions } from "../../../../supabase/functions/_shared/client/call/call-options.ts";
import { SemanticAnalysisError } from "../../../../supabase/functions/_shared/client/errors.ts";
import {
  ANALYSIS,
  type Answer,
  createFakeClient,
  neverAnswer,
  refuse,
} from "../../../support/analysis-client.ts";

const PICTURE = "c2VjcmV0LXBpY3R1cmU=";

/** Asserts that the call fails with this code, and gives the error and what was sent. */
async function assertFails(answer: Answer, code: string, options: AnalysePictureOptions = {}) {
  const { client, requests } = createFakeClient(answer);
  let error: unknown;
  await analysePicture(client, { image_data: PICTURE }, options).catch((thrown) => error = thrown);
  assert.ok(error instanceof SemanticAnalysisError, Deno.inspect(error));
  assert.equal(error.code, code, Deno.inspect(error));
  assert.ok(!Deno.inspect(error, { depth: 20 }).includes(PICTURE), "the picture is in the error");
  return { error, requests };
}

Deno.test("analysePicture() gives the function's answer, asked once and not streamed", async () => {
  const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
  const request = { image_data: PICTURE, options: { temperature: 0, stream: true } };
  assert.deepEqual(await analysePicture(client, request), ANALYSIS);
  assert.equal(requests.length, 1);
  assert.match(requests[0]!.url, /\/functions\/v1\/semantic-analysis$/);
  assert.equal(requests[0]!.method, "POST");
  assert.deepEqual(await requests[0]!.json(), {
    image_data: PICTURE,
    options: { temperature: 0, stream: false },
  });
});

Deno.test("analysePicture() names a picture in Storage, and prepares nothing", async () => {
  const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
  const image = { bucket: "photos", path: "a.jpg" };
  await analysePicture(client, { image }, { prepare: true });
  assert.deepEqual(await requests[0]!.json(), { image });
});

Deno.test("analysePicture() sends who it is for, its deadline, its id and its trace", async () => {
  const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
  await analysePicture(client, { image_data: PICTURE }, {
    userToken: "token-of-ada",
    userId: "3f2b1c54-6f0e-4d56-9f6e-0c1a2b3c4d5e",
    serviceName: "mivaa",
    timeoutMs: 29_000.7,
    requestId: "request-of-the-caller",
    traceHeaders: new Headers({ traceparent: "00-abc", baggage: "a=b", cookie: "secret" }),
  });
  const { headers } = requests[0]!;
  assert.equal(headers.get("authorization"), "Bearer token-of-ada");
  assert.equal(headers.get("apikey"), "sb_secret_default");
  assert.equal(headers.get("x-user-id"), "3f2b1c54-6f0e-4d56-9f6e-0c1a2b3c4d5e");
  assert.equal(headers.get("x-service-name"), "mivaa");
  assert.equal(headers.get("x-deadline-ms"), "29000");
  assert.equal(headers.get("x-request-id"), "request-of-the-caller");
  assert.equal(headers.get("traceparent"), "00-abc");
  assert.equal(headers.get("baggage"), "a=b");
  assert.ok(!headers.has("tracestate") && !headers.has("cookie"));
});

Deno.test("analysePicture() sends nothing that it wasn't told", async () => {
  const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
  await analysePicture(client, { image_data: PICTURE });
  for (const name of ["x-user-id", "x-service-name", "x-deadline-ms", "x-request-id"]) {
    assert.ok(!requests[0]!.headers.has(name), name);
  }
});

Deno.test("analysePicture() tells the headers of an answer", async () => {
  const headers = { RateLimit: '"minute";r=19;t=3', "X-Cache": "hit" };
  const { client } = createFakeClient(() =>
    Response.json({ ...ANALYSIS, cached: true }, { headers })
  );
  let told: Headers | undefined;
  const onHeaders = (headers: Headers) => told = headers;
  const answer = await analysePicture(client, { image_data: PICTURE }, { onHeaders });
  assert.equal(answer.cached, true);
  assert.equal(told?.get("ratelimit"), '"minute";r=19;t=3');
  assert.equal(told?.get("x-cache"), "hit");
});

Deno.test("analysePicture() keeps everything that a refusal says", async () => {
  const headers = { "Retry-After": "3", RateLimit: '"minute";r=0;t=3', "X-Request-Id": "r" };
  const details = { limit: "minute", retry_after_ms: 2_500 };
  const { error, requests } = await assertFails(
    () => refuse(429, "RATE_LIMITED", { details, headers }),
    "RATE_LIMITED",
  );
  assert.equal(error.status, 429);
  assert.equal(error.message, "Refused with RATE_LIMITED");
  assert.equal(error.requestId, "request-1");
  assert.equal(error.retryAfterMs, 2_500);
  assert.deepEqual(error.details, details);
  assert.equal(error.headers?.get("retry-after"), "3");
  assert.equal(error.headers?.get("ratelimit"), '"minute";r=0;t=3');
  assert.equal(requests.length, 1, "what was refused is not tried again");
});

Deno.test("analysePicture() reads the wait of a 503 from its header", async () => {
  const { error } = await assertFails(
    () => refuse(503, "UPSTREAM_UNAVAILABLE", { headers: { "Retry-After": "10" } }),
    "UPSTREAM_UNAVAILABLE",
  );
  assert.equal(error.retryAfterMs, 10_000);
  assert.equal(error.details, null);
});

const PLATFORM_ANSWERS: Record<string, [number, string]> = {
  "a worker that was killed": [546, '{"code":"WORKER_LIMIT","message":"Worker ran out"}'],
  "a gateway's timeout": [504, "<html><h1>504 Gateway Time-out</h1></html>"],
  "an empty answer": [502, ""],
  "a function that is not deployed": [404, '{"code":"NOT_FOUND","message":"Not found"}'],
  "an error of another shape": [500, '{"error":"boom"}'],
  "an error that is no object": [500, '{"error":null}'],
  "JSON that is no object": [500, "[]"],
};

for (const [name, [status, body]] of Object.entries(PLATFORM_ANSWERS)) {
  Deno.test(`analysePicture() tells ${name} from an answer of the function`, async () => {
    const { error } = await assertFails(() => new Response(body, { status }), "PLATFORM_ERROR");
    assert.equal(error.status, status);
    assert.equal(error.requestId, null);
  });
}

Deno.test("analysePicture() knows an error of the platform's relay", async () => {
  const headers = { "x-relay-error": "true" };
  const { error } = await assertFails(
    () => new Response("relay", { status: 500, headers }),
    "PLATFORM_ERROR",
  );
  assert.equal(error.status, 500);
});

Deno.test("analysePicture() knows the platform's limit on nested calls", async () => {
  const limit = Object.assign(new Error("Rate limit exceeded"), {
    name: "RateLimitError",
    retryAfterMs: 1_234,
  });
  const { error } = await assertFails(() => Promise.reject(limit), "PLATFORM_RATE_LIMITED");
  assert.equal(error.status, null);
  assert.equal(error.retryAfterMs, 1_234);
  assert.equal(error.cause, limit);
});

Deno.test("analysePicture() gives a failed connection as its cause", async () => {
  const failure = new TypeError("connection refused");
  const { error } = await assertFails(() => Promise.reject(failure), "NETWORK_ERROR");
  assert.equal(error.cause, failure);
  assert.equal(error.headers, null);
});

Deno.test("analysePicture() takes an answer that was cut off for no answer", async () => {
  const headers = { "Content-Type": "application/json" };
  await assertFails(() => new Response('{"analysis":"Oa', { headers }), "NETWORK_ERROR");
});

const NO_ANALYSES: Record<string, () => Response> = {
  "a page": () => new Response("<html></html>"),
  "nothing": () => Response.json(null),
  "another object": () => Response.json({ ok: true }),
  "a made-up confidence": () => Response.json({ ...ANALYSIS, confidence: "high" }),
};

for (const [name, answer] of Object.entries(NO_ANALYSES)) {
  Deno.test(`analysePicture() takes ${name} for no analysis`, async () => {
    const { error } = await assertFails(answer, "INVALID_RESPONSE");
    assert.equal(error.status, 200);
  });
}

Deno.test("analysePicture() sends nothing for a signal that has aborted already", async () => {
  const reason = new Error("The user left");
  // The combination that supabase-js 2.119.1 gets wrong.
  const options = { signal: AbortSignal.abort(reason), timeoutMs: 60_000 };
  const { error, requests } = await assertFails(
    () => Response.json(ANALYSIS),
    "ABORTED",
    options,
  );
  assert.equal(error.cause, reason);
  assert.deepEqual(requests, []);
});

Deno.test("analysePicture() ends the request when its signal aborts", async () => {
  const controller = new AbortController();
  const { error, requests } = await assertFails(
    (request) => {
      controller.abort("gone");
      return neverAnswer(request);
    },
    "ABORTED",
    { signal: controller.signal },
  );
  assert.equal(error.cause, "gone");
  assert.ok(requests[0]!.signal.aborted);
});

Deno.test("analysePicture() ends the request when its body stalls and the signal aborts", async () => {
  const controller = new AbortController();
  const headers = { "Content-Type": "application/json" };
  await assertFails(
    () => {
      queueMicrotask(() => setTimeout(() => controller.abort(), 0));
      return new Response(new ReadableStream(), { headers });
    },
    "ABORTED",
    { signal: controller.signal },
  );
});

Deno.test("analysePicture() keeps its time even with a client that doesn't look at signals", async () => {
  const client = { functions: { invoke: () => new Promise<never>(() => {}) } };
  await assert.rejects(
    analysePicture(client, { image_data: PICTURE }, { timeoutMs: 5 }),
    { name: "SemanticAnalysisError", code: "TIMEOUT" },
  );
});

Deno.test("analysePicture() sends nothing when there is no time left", async () => {
  for (const timeoutMs of [0, -5]) {
    const { requests } = await assertFails(neverAnswer, "TIMEOUT", { timeoutMs });
    assert.deepEqual(requests, []);
  }
});

Deno.test("analysePicture() turns what a wrapped client throws into its own error", async () => {
  // Some throw nothing, which is no success.
  for (const thrown of [new Error("no session"), "no session", undefined, null, ""]) {
    const client = { functions: { invoke: () => Promise.reject(thrown) } };
    await assert.rejects(analysePicture(client, { image_data: PICTURE }), {
      code: "NETWORK_ERROR",
    });
  }
});

Deno.test("analysePicture() picks the trace from any headers, and its own error is the only one", async () => {
  const { client, requests } = createFakeClient(() => Response.json(ANALYSIS));
  // As Node's HTTP/2 server gives them.
  const traceHeaders = { ":path": "/", "Traceparent": "00-abc", "x-name": "Łódź" };
  await analysePicture(client, { image_data: PICTURE }, { traceHeaders });
  assert.equal(requests[0]!.headers.get("traceparent"), "00-abc");
  const throwing = {
    functions: {
      invoke: () => {
        throw new TypeError("not set up");
      },
    },
  };
  await assert.rejects(
    analysePicture(throwing, { image_data: PICTURE }),
    (error) => error instanceof SemanticAnalysisError && error.code === "NETWORK_ERROR",
  );
});

Deno.test("analysePicture() leaves neither timer nor listener behind", async () => {
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (
    ...args: Parameters<typeof remove>
  ) => (listeners--, remove(...args));
  const { client } = createFakeClient(() => Response.json(ANALYSIS));
  // The test runner itself fails for a timer that is left.
  await analysePicture(client, { image_data: PICTURE }, { signal, timeoutMs: 600_000 });
  assert.equal(listeners, 0);
});
