import assert from "node:assert/strict";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  createUnauthorizedCounts,
  findUnauthorizedReason,
  toUnauthorizedReason,
  unauthorized,
  UNAUTHORIZED_REASONS,
} from "../../../../../supabase/functions/_shared/platform/auth/unauthorized.ts";
import fc from "../../../../support/fast-check.ts";

Deno.test("unauthorized() is a 401 whose reason can be found again, with a sentence of its own", () => {
  const messages = UNAUTHORIZED_REASONS.map((reason) => {
    const error = unauthorized(reason);
    assert.equal(error.status, 401);
    assert.equal(findUnauthorizedReason(error), reason);
    return error.message;
  });
  assert.equal(new Set(messages).size, UNAUTHORIZED_REASONS.length);
});

Deno.test("findUnauthorizedReason() finds none in any other error", () => {
  const others = [
    new Error("x"),
    null,
    new ApiError("FORBIDDEN", "No", { details: { reason: "expired" } }),
    new ApiError("UNAUTHORIZED", "No"),
    new ApiError("UNAUTHORIZED", "No", { details: { reason: "constructor" } }),
  ];
  for (const error of others) assert.equal(findUnauthorizedReason(error), null);
});

Deno.test("toUnauthorizedReason() gives one of the reasons, whatever the token and the failure are", () => {
  fc.assert(fc.property(fc.anything(), fc.string(), fc.anything(), (cause, token, details) => {
    const reason = toUnauthorizedReason({ cause, details }, token);
    assert.ok(UNAUTHORIZED_REASONS.includes(reason));
  }));
});

Deno.test("createUnauthorizedCounts() counts what is thrown by its reason, and passes it on", async () => {
  const counts = createUnauthorizedCounts();
  const errors = [
    unauthorized("expired"),
    unauthorized("expired"),
    unauthorized("missing"),
    new ApiError("FORBIDDEN", "No"),
  ];
  const authenticate = counts.counting((error: ApiError | null) =>
    error ? Promise.reject(error) : Promise.resolve("let in")
  );
  for (const error of errors) {
    await assert.rejects(authenticate(error), (thrown) => thrown === error);
  }
  assert.equal(await authenticate(null), "let in");
  assert.deepEqual(counts.read(), { expired: 2, missing: 1 });
});
