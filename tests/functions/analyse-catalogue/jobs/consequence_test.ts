import assert from "node:assert/strict";
import type { SemanticAnalysisError } from "../../../../supabase/functions/_shared/client/errors.ts";
import { toConsequence } from "../../../../supabase/functions/analyse-catalogue/jobs/consequence.ts";

const errorOf = (
  code: SemanticAnalysisError["code"],
  status: number,
  details: Record<string, unknown> | null = null,
) => ({
  code,
  status,
  details,
  retryAfterMs: null,
});

const deleted = errorOf("UNAUTHORIZED", 401, { reason: "deleted" });
const forbidden = errorOf("FORBIDDEN", 403);

Deno.test("toConsequence(): a job of a user who was deleted, or may use nothing, fails by itself", () => {
  for (const error of [deleted, forbidden]) {
    assert.deepEqual(toConsequence(error, true), { kind: "reject" });
  }
});

Deno.test("toConsequence(): a project that refuses its own catalogue, or the secret, stops the run", () => {
  const wrongKey = errorOf("UNAUTHORIZED", 401, { reason: "no_user" });
  for (
    const [error, isOwners] of [[wrongKey, true], [wrongKey, false], [forbidden, false]] as const
  ) {
    assert.deepEqual(toConsequence(error, isOwners), {
      kind: "stop",
      waitMs: 10_000,
      isBudget: false,
    });
  }
});

Deno.test("toConsequence(): no wait is longer than an hour, for a limit may be raised meanwhile", () => {
  const month = { ...errorOf("RATE_LIMITED", 429), retryAfterMs: 31 * 86_400_000 };
  for (const limit of ["day", "month", "project_month"]) {
    for (const isOwners of [true, false]) {
      const consequence = toConsequence({ ...month, details: { limit } }, isOwners);
      assert.equal("waitMs" in consequence && consequence.waitMs, 3_600_000, limit);
    }
  }
});

Deno.test("toConsequence(): a user's own limit is that user's, the project's ends the run", () => {
  const of = (limit: string) => ({ ...errorOf("RATE_LIMITED", 429, { limit }), retryAfterMs: 5 });
  for (const limit of ["minute", "day", "concurrent", "month", "bad_requests"]) {
    assert.deepEqual(toConsequence(of(limit), true), { kind: "owner_waits", waitMs: 5 });
  }
  assert.deepEqual(toConsequence(of("project_month"), true), {
    kind: "stop",
    waitMs: 5,
    isBudget: true,
  });
});
