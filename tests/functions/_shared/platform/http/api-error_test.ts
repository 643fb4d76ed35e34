import assert from "node:assert/strict";
import {
  ApiError,
  type ApiErrorCode,
  type ErrorBody,
  toErrorEvent,
  toErrorResponse,
} from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import fc from "../../../../support/fast-check.ts";

const STATUSES: Record<ApiErrorCode, number> = {
  INVALID_REQUEST: 400,
  INVALID_IMAGE: 400,
  UNSUPPORTED_IMAGE_TYPE: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  IMAGE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  IMAGE_TOO_LARGE: 413,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  UPSTREAM_REJECTED: 502,
  UPSTREAM_INVALID_RESPONSE: 502,
  UPSTREAM_UNAVAILABLE: 503,
  UPSTREAM_RATE_LIMITED: 503,
  RATE_LIMITER_UNAVAILABLE: 503,
  OVERLOADED: 503,
  NOT_CONFIGURED: 503,
  DISABLED: 503,
  UPSTREAM_TIMEOUT: 504,
  INVALID_REQUEST_BODY: 400,
  MISSING_ACTION: 400,
};

const CODES = Object.keys(STATUSES) as ApiErrorCode[];

for (const code of CODES) {
  Deno.test(`toErrorResponse() answers ${code} with ${STATUSES[code]}`, async () => {
    const response = toErrorResponse(new ApiError(code, "Message"), "id");
    assert.equal(response.status, STATUSES[code]);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual(await response.json(), {
      error: { code, message: "Message", request_id: "id" },
    });
  });
}

Deno.test("ApiError says when to come back exactly where that can help", () => {
  for (const code of CODES) {
    const retryAfter = new ApiError(code, "Message").headers["Retry-After"];
    if (STATUSES[code] === 429 || STATUSES[code] === 503) assert.match(retryAfter!, /^[1-9]\d*$/);
    else assert.equal(retryAfter, undefined, code);
  }
});

Deno.test("ApiError rounds Retry-After up to whole seconds, at least 1", () => {
  const retryAfterOf = (retryAfterMs: number | undefined) =>
    new ApiError("RATE_LIMITED", "Message", { retryAfterMs }).headers["Retry-After"];
  assert.equal(retryAfterOf(-5), "1");
  assert.equal(retryAfterOf(0), "1");
  assert.equal(retryAfterOf(1), "1");
  assert.equal(retryAfterOf(1_000), "1");
  assert.equal(retryAfterOf(1_001), "2");
  assert.equal(retryAfterOf(86_400_000), "86400");
  assert.equal(retryAfterOf(undefined), "1");
});

Deno.test("toErrorEvent() says in its details what Retry-After would have said", () => {
  for (const code of CODES) {
    for (const retryAfterMs of [undefined, 0, 1_001, 86_400_000]) {
      const error = new ApiError(code, "Message", { retryAfterMs });
      const seconds = error.headers["Retry-After"];
      assert.deepEqual(toErrorEvent(error, "id"), {
        error: {
          code,
          message: "Message",
          request_id: "id",
          ...(seconds && { details: { retry_after_ms: Number(seconds) * 1000 } }),
        },
      });
    }
  }
});

Deno.test("toErrorEvent() keeps the details, and a wait that is told more exactly there", () => {
  const details = { limit: "day", retry_after_ms: 1_500 };
  const error = new ApiError("RATE_LIMITED", "Message", { details, retryAfterMs: 1_500 });
  assert.deepEqual(toErrorEvent(error, "id").error.details, details);
  const other = new ApiError("DISABLED", "Message", { details: { limit: "day" } });
  assert.deepEqual(toErrorEvent(other, "id").error.details, {
    limit: "day",
    retry_after_ms: 300_000,
  });
});

Deno.test("toErrorResponse() sends the details and headers", async () => {
  const error = new ApiError("METHOD_NOT_ALLOWED", "Message", {
    details: { path: "problem" },
    headers: { Allow: "POST" },
  });
  const response = toErrorResponse(error, "id");
  assert.equal(response.headers.get("allow"), "POST");
  const body: ErrorBody = await response.json();
  assert.deepEqual(body.error.details, { path: "problem" });
});

Deno.test("toErrorResponse() never sends the cause or the stack", async () => {
  const cause = new Error("hunter2", { cause: "hunter2" });
  const text = await toErrorResponse(new ApiError("DISABLED", "Message", { cause }), "id").text();
  assert.doesNotMatch(text, /hunter2|stack|api-error/);
});

Deno.test("toErrorResponse() makes a bare INTERNAL of anything else", async () => {
  const expected = await toErrorResponse(
    new ApiError("INTERNAL", "The function failed; its log has the reason under this request id"),
    "id",
  ).text();
  const lookalike = { name: "ApiError", code: "FORBIDDEN", status: 403, message: "x", headers: {} };
  await fc.assert(fc.asyncProperty(
    fc.oneof(fc.anything(), fc.string().map((text) => new Error(text)), fc.constant(lookalike)),
    async (thrown) => {
      const response = toErrorResponse(thrown, "id");
      assert.equal(response.status, 500);
      assert.equal(await response.text(), expected);
    },
  ));
});
