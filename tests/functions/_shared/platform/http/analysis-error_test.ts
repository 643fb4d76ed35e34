import assert from "node:assert/strict";
import { toAnalysisError } from "../../../../../supabase/functions/_shared/platform/http/analysis-error.ts";
import { SemanticAnalysisError } from "../../../../../supabase/functions/_shared/client/errors.ts";

Deno.test("toAnalysisError() keeps a 429 as it is, headers included", () => {
  const error = new SemanticAnalysisError("Used up", {
    status: 429,
    code: "RATE_LIMITED",
    retryAfterMs: 2_500,
    details: { limit: "minute" },
    headers: new Headers({ RateLimit: "r", "RateLimit-Policy": "p", "Set-Cookie": "a=b" }),
  });
  const refusal = toAnalysisError(error);
  assert.deepEqual([refusal.status, refusal.code, refusal.message], [
    429,
    "RATE_LIMITED",
    "Used up",
  ]);
  assert.deepEqual(refusal.details, { limit: "minute" });
  assert.deepEqual(refusal.headers, {
    "Retry-After": "3",
    RateLimit: "r",
    "RateLimit-Policy": "p",
  });
  assert.equal(refusal.cause, error);
});

Deno.test("toAnalysisError() passes the function's own Retry-After on", () => {
  const headers = new Headers({ "Retry-After": "10" });
  const options = { status: 503, code: "UPSTREAM_UNAVAILABLE", retryAfterMs: 10_000, headers };
  const refusal = toAnalysisError(new SemanticAnalysisError("Later", options));
  assert.deepEqual(refusal.headers, { "Retry-After": "10" });
});

const CALLS: [string, number, string][] = [
  ["TIMEOUT", 504, "UPSTREAM_TIMEOUT"],
  ["ABORTED", 504, "UPSTREAM_TIMEOUT"],
  ["NETWORK_ERROR", 503, "UPSTREAM_UNAVAILABLE"],
  ["PLATFORM_ERROR", 503, "UPSTREAM_UNAVAILABLE"],
  ["PLATFORM_RATE_LIMITED", 503, "UPSTREAM_RATE_LIMITED"],
  ["INVALID_RESPONSE", 502, "UPSTREAM_INVALID_RESPONSE"],
];

for (const [code, status, expected] of CALLS) {
  Deno.test(`toAnalysisError() makes ${status} ${expected} of ${code}`, () => {
    const refusal = toAnalysisError(new SemanticAnalysisError("Message", { code }));
    assert.deepEqual([refusal.status, refusal.code], [status, expected]);
  });
}

Deno.test("toAnalysisError() finds no code in the prototype of its tables", () => {
  for (const code of ["constructor", "toString", "__proto__"]) {
    const refusal = toAnalysisError(new SemanticAnalysisError("Message", { code, status: 400 }));
    assert.equal(refusal.code, "UPSTREAM_REJECTED");
  }
});
