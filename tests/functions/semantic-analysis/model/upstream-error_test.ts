import assert from "node:assert/strict";
import type { ApiErrorCode } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  TogetherApiError,
  TogetherConnectionError,
  type TogetherError,
  TogetherResponseError,
  TogetherTimeoutError,
} from "../../../../supabase/functions/_shared/together-ai/errors.ts";
import { toUpstreamError } from "../../../../supabase/functions/semantic-analysis/model/upstream-error.ts";

const OUTCOMES: [name: string, error: TogetherError, code: ApiErrorCode, status: number][] = [
  ["a timeout", new TogetherTimeoutError(30_000), "UPSTREAM_TIMEOUT", 504],
  ["nonsense", new TogetherResponseError("No text"), "UPSTREAM_INVALID_RESPONSE", 502],
  [
    "a lost connection",
    new TogetherConnectionError(new Error("reset"), { isUnreachable: false }),
    "UPSTREAM_UNAVAILABLE",
    503,
  ],
  ["400", new TogetherApiError(400), "UPSTREAM_REJECTED", 502],
  ["a bad key (401)", new TogetherApiError(401), "NOT_CONFIGURED", 503],
  ["a spent account (402)", new TogetherApiError(402), "UPSTREAM_UNAVAILABLE", 503],
  ["too many tokens (403)", new TogetherApiError(403), "UPSTREAM_REJECTED", 502],
  ["404", new TogetherApiError(404), "UPSTREAM_UNAVAILABLE", 503],
  ["408", new TogetherApiError(408), "UPSTREAM_UNAVAILABLE", 503],
  ["413", new TogetherApiError(413), "IMAGE_TOO_LARGE", 413],
  ["422", new TogetherApiError(422), "UPSTREAM_REJECTED", 502],
  ["429", new TogetherApiError(429), "UPSTREAM_RATE_LIMITED", 503],
  ["500", new TogetherApiError(500), "UPSTREAM_UNAVAILABLE", 503],
  ["503", new TogetherApiError(503), "UPSTREAM_UNAVAILABLE", 503],
  ["529", new TogetherApiError(529), "UPSTREAM_UNAVAILABLE", 503],
  [
    "a retired model (400)",
    new TogetherApiError(400, { code: "model_not_available" }),
    "UPSTREAM_UNAVAILABLE",
    503,
  ],
];

for (const [name, error, code, status] of OUTCOMES) {
  Deno.test(`toUpstreamError() makes ${code} of ${name}`, () => {
    const apiError = toUpstreamError(error);
    assert.equal(apiError.code, code);
    assert.equal(apiError.status, status);
    assert.equal(apiError.cause, error);
  });
}

Deno.test("toUpstreamError() never blames the caller's credentials", () => {
  for (let status = 300; status < 600; status++) {
    const { status: ours, message, code } = toUpstreamError(new TogetherApiError(status));
    assert.ok(ours !== 401 && ours !== 403 && ours >= 400, `"${status}" became "${ours}"`);
    assert.notEqual(code, "INTERNAL");
    assert.doesNotMatch(message, /\d/);
  }
});

Deno.test("toUpstreamError() passes on how long the provider asks to wait", () => {
  for (const status of [401, 402, 404, 429, 500, 503]) {
    const { headers } = toUpstreamError(new TogetherApiError(status, { retryAfterMs: 41_200 }));
    assert.equal(headers["Retry-After"], "42", `at "${status}"`);
  }
});

Deno.test("toUpstreamError() says when to come back where the provider doesn't", () => {
  const retryAfterOf = (status: number) =>
    toUpstreamError(new TogetherApiError(status)).headers["Retry-After"];
  assert.equal(retryAfterOf(402), "600");
  assert.equal(retryAfterOf(401), "60");
  assert.equal(retryAfterOf(429), "10");
  assert.equal(retryAfterOf(503), "10");
});

Deno.test("toUpstreamError() suggests no other try where it can't help", () => {
  for (const status of [400, 403, 413, 422]) {
    const error = new TogetherApiError(status, { retryAfterMs: 1_000 });
    assert.deepEqual(toUpstreamError(error).headers, {}, `at "${status}"`);
  }
});

Deno.test("toUpstreamError() repeats nothing of the provider's", () => {
  const errors = [
    new TogetherApiError(400, { code: "secret" }),
    new TogetherApiError(500, { code: "secret" }),
    new TogetherResponseError("secret"),
    new TogetherConnectionError(new Error("secret"), { isUnreachable: true }),
  ];
  for (const error of errors) {
    const { message, details, headers } = toUpstreamError(error);
    assert.doesNotMatch(JSON.stringify({ message, details, headers }), /secret/);
  }
});
