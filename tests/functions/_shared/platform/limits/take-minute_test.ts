import assert from "node:assert/strict";
import { createTakeMinute } from "../../../../../supabase/functions/_shared/platform/limits/take-minute.ts";
import { toLimits } from "../../../../../supabase/functions/_shared/platform/settings/limit-variables.ts";
import type { MinuteDecision } from "../../../../../supabase/functions/_shared/platform/limits/decisions.ts";
import { assertRejected } from "../../../../support/api-errors.ts";
import { STATE } from "../../../../support/fake-limiter.ts";
import { SERVICE, USER } from "../../../../support/function.ts";

function setUp(decision: MinuteDecision) {
  const taken: unknown[] = [];
  const takeMinute = createTakeMinute({
    takeMinute: (subject, { perMinute }) => {
      taken.push([subject, perMinute]);
      return Promise.resolve(decision);
    },
  }, toLimits({}));
  return { takeMinute, taken };
}

Deno.test("createTakeMinute() takes from the caller's own limits, and says what is left", async () => {
  const { takeMinute, taken } = setUp({ outcome: "minute", state: STATE });
  const headers = await takeMinute(USER);
  await takeMinute({ ...USER, kind: "anonymous" });
  await takeMinute(SERVICE);
  assert.match(headers.RateLimit!, /^"minute";r=19;t=3/);
  assert.deepEqual(taken, [["user:u", 20], ["user:u", 5], ["service:default", 20]]);
});

Deno.test("createTakeMinute() refuses with the wait and what is left", async () => {
  const { takeMinute } = setUp({
    outcome: "denied",
    limitedBy: "minute",
    retryAfterMs: 2_100,
    state: STATE,
  });
  const { headers, details } = await assertRejected(takeMinute(USER), "RATE_LIMITED");
  assert.equal(headers["Retry-After"], "3");
  assert.match(headers["RateLimit-Policy"]!, /"minute";q=20/);
  assert.deepEqual(details, { limit: "minute", retry_after_ms: 2_100 });
});
