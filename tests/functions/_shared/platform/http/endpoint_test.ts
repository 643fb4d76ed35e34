import assert from "node:assert/strict";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { createEndpoint } from "../../../../../supabase/functions/_shared/platform/http/endpoint.ts";
import { createLog } from "../../../../../supabase/functions/_shared/platform/log.ts";
import fc from "../../../../support/fast-check.ts";
import { createTestEndpoint, ok, throwing } from "./test-endpoint.ts";

const INTERNAL_BODY = {
  error: {
    code: "INTERNAL",
    message: "The function failed; its log has the reason under this request id",
    request_id: "request-1",
  },
};

Deno.test("createEndpoint() passes the handler's answer on with an id and timings", async () => {
  const { call, pass } = createTestEndpoint(async (_request, { timings, requestId }) => {
    await timings.measure("work", () => Promise.resolve(pass(12.34)));
    return Response.json({ requestId }, { status: 201, headers: { "X-Own": "kept" } });
  });
  const response = await call();
  assert.equal(response.status, 201);
  assert.deepEqual(await response.json(), { requestId: "request-1" });
  assert.equal(response.headers.get("x-request-id"), "request-1");
  assert.equal(response.headers.get("server-timing"), "work;dur=12.3, total;dur=12.3");
  assert.equal(response.headers.get("x-own"), "kept");
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
});

Deno.test("createEndpoint() answers HEAD as GET, without the body", async () => {
  for (const handle of [ok, throwing(new ApiError("NOT_FOUND", "No"))]) {
    const { call } = createTestEndpoint(handle);
    const [get, head] = [await call(), await call({ method: "HEAD" })];
    assert.equal(head.status, get.status);
    assert.equal(head.headers.get("content-type"), get.headers.get("content-type"));
    assert.equal(head.headers.get("x-request-id"), "request-2");
    assert.equal(head.body, null);
    assert.notEqual(get.body, null);
  }
});

Deno.test("createEndpoint() gives each request an id of its own, a UUID by default", async () => {
  const ids: string[] = [];
  const endpoint = createEndpoint({
    name: "test-function",
    handle: ok,
    allowedOrigins: "*",
    methods: "POST",
    log: createLog(() => {}),
  });
  for (let count = 0; count < 3; count++) {
    const { headers } = await endpoint(new Request("https://example.com/"));
    ids.push(headers.get("x-request-id")!);
  }
  assert.equal(new Set(ids).size, 3);
  for (const id of ids) assert.match(id, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
});

Deno.test("createEndpoint() answers a preflight itself and logs nothing", async () => {
  const { call, entries } = createTestEndpoint(() => assert.fail("must not be called"), {
    allowedOrigins: ["https://app.example.com"],
  });
  const response = await call({
    method: "OPTIONS",
    headers: { origin: "https://app.example.com", "access-control-request-method": "POST" },
  });
  assert.equal(response.status, 204);
  assert.equal(response.headers.get("access-control-allow-methods"), "POST, OPTIONS");
  assert.equal(response.headers.get("access-control-allow-origin"), "https://app.example.com");
  assert.deepEqual(entries, []);
});

Deno.test("createEndpoint() sends an ApiError as it is, with CORS and exposed headers", async () => {
  const error = new ApiError("RATE_LIMITED", "Slow down", {
    details: { limit: "minute" },
    retryAfterMs: 2_500,
  });
  const { call } = createTestEndpoint(throwing(error), {
    allowedOrigins: ["https://app.example.com"],
  });
  const response = await call({ headers: { origin: "https://app.example.com" } });
  assert.equal(response.status, 429);
  assert.deepEqual(await response.json(), {
    error: {
      code: "RATE_LIMITED",
      message: "Slow down",
      request_id: "request-1",
      details: { limit: "minute" },
    },
  });
  assert.equal(response.headers.get("retry-after"), "3");
  assert.equal(response.headers.get("x-request-id"), "request-1");
  assert.equal(response.headers.get("access-control-allow-origin"), "https://app.example.com");
  assert.match(response.headers.get("access-control-expose-headers")!, /Retry-After/);
  assert.equal(response.headers.get("vary"), "Origin");
});

Deno.test("createEndpoint() sets the context's headers on success and on failure", async () => {
  for (const failure of [null, new ApiError("FORBIDDEN", "No"), new Error("bug")]) {
    const { call } = createTestEndpoint((_request, { responseHeaders }) => {
      responseHeaders.set("RateLimit", '"minute";r=1;t=2');
      responseHeaders.set("Cache-Control", "no-store");
      if (failure) throw failure;
      return Promise.resolve(Response.json({}, { headers: { "Cache-Control": "public" } }));
    });
    const { headers } = await call();
    assert.equal(headers.get("ratelimit"), '"minute";r=1;t=2');
    assert.equal(headers.get("cache-control"), "no-store");
  }
});

const THROWN: Record<string, unknown> = {
  "an Error": new TypeError("hunter2"),
  "an Error with a cause": new Error("hunter2", { cause: new Error("hunter2") }),
  "an Error whose message is no string": Object.assign(new Error(), { message: { a: 1 } }),
  "an Error without a stack": Object.assign(new Error("hunter2"), { stack: undefined }),
  "an Error whose stack is no string": Object.assign(new Error("hunter2"), { stack: 5 }),
  "a DOMException": new DOMException("hunter2", "AbortError"),
  "a string": "hunter2",
  "undefined": undefined,
  "null": null,
  "0": 0,
  "a symbol": Symbol("hunter2"),
  "an object without a prototype": Object.create(null),
  "a Response": new Response("hunter2", { status: 403 }),
};

for (const [what, thrown] of Object.entries(THROWN)) {
  Deno.test(`createEndpoint() makes INTERNAL of ${what}, logs it as an error, leaks nothing`, async () => {
    const { call, entries } = createTestEndpoint(throwing(thrown));
    const response = await call();
    assert.equal(response.status, 500);
    assert.deepEqual(await response.json(), INTERNAL_BODY);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.doesNotMatch(JSON.stringify([...response.headers]), /hunter2/);
    assert.equal(entries.length, 1);
    assert.equal(entries[0]!["level"], "error");
    assert.equal(entries[0]!["status"], 500);
    assert.equal(entries[0]!["request_id"], "request-1");
    assert.ok(entries[0]!["exception"]);
  });
}

Deno.test("createEndpoint() never throws, whatever is thrown within", async () => {
  const thrown = fc.oneof(
    fc.anything(),
    fc.record({ message: fc.anything(), stack: fc.anything(), name: fc.anything() })
      .map((fields) => Object.assign(new Error(), fields)),
  );
  await fc.assert(fc.asyncProperty(thrown, async (thrown) => {
    const { call, entries } = createTestEndpoint(throwing(thrown));
    const response = await call();
    assert.deepEqual(await response.json(), INTERNAL_BODY);
    assert.equal(entries.length, 1);
  }));
});

Deno.test("createEndpoint() catches what a handler throws before its first await", async () => {
  const { call } = createTestEndpoint(() => {
    throw new ApiError("NOT_FOUND", "Nothing here");
  });
  assert.equal((await call()).status, 404);
});

Deno.test("createEndpoint() bears an answer whose headers can't be changed", async () => {
  const { call } = createTestEndpoint(
    () => Promise.resolve(Response.redirect("https://example.com/elsewhere")),
  );
  const response = await call();
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "https://example.com/elsewhere");
  assert.equal(response.headers.get("x-request-id"), "request-1");
});

/** A body that never ends, and whether its reader still wants it. */
function createEndlessBody() {
  const state = { isCancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(16)),
    cancel() {
      state.isCancelled = true;
    },
  });
  return { body, state };
}

Deno.test("createEndpoint() cancels a body that a refusal leaves unread", async () => {
  const { body, state } = createEndlessBody();
  const { call } = createTestEndpoint(throwing(new ApiError("UNAUTHORIZED", "Sign in")));
  assert.equal((await call({ method: "POST", body })).status, 401);
  assert.ok(state.isCancelled);
});

Deno.test("createEndpoint() bears a body that the handler still holds when it fails", async () => {
  for (const readCount of [0, 1]) {
    const { body } = createEndlessBody();
    const { call } = createTestEndpoint(async (request) => {
      const reader = request.body!.getReader();
      for (let count = 0; count < readCount; count++) await reader.read();
      throw new ApiError("INVALID_REQUEST", "Enough");
    });
    assert.equal((await call({ method: "POST", body })).status, 400);
  }
});
