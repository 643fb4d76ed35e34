import assert from "node:assert/strict";
import { createFunction, SERVICE, USER } from "../../../support/function.ts";

Deno.test("the limits are shown, and nothing is taken", async () => {
  const { call, limiter } = createFunction();
  const response = await call("/semantic-analysis/limits");
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), {
    subject: "user:u",
    minute: { limit: 20, burst: 20, remaining: 19, reset_ms: 2_500 },
    day: { limit: 200, remaining: 199, reset_ms: 3_600_000 },
    concurrent: { limit: 4, used: 1 },
    month: { limit_usd: null, spent_usd: 0.0015, reset_ms: 86_400_000 },
    max_image_bytes: 6_291_456,
    request_id: "request-1",
  });
  assert.ok(response.headers.has("ratelimit"));
  assert.equal(limiter.reads.length, 1);
  assert.equal(limiter.reserved.length, 0);
});

Deno.test("the anonymous users' day is shown to the project's own code alone", async () => {
  const spendingOf = async (caller: typeof USER) => {
    const response = await createFunction({ caller }).call("/semantic-analysis/limits");
    return (await response.json()).anonymous_day;
  };
  assert.deepEqual(await spendingOf(SERVICE), {
    limit_usd: 1,
    spent_usd: 0.25,
    reset_ms: 3_600_000,
  });
  assert.equal(await spendingOf(USER), undefined);
});

Deno.test("the project's spending is shown to its own code alone", async () => {
  const variables = { PROJECT_USD_PER_MONTH: "50" };
  const spendingOf = async (caller: typeof USER) => {
    const response = await createFunction({ caller, variables }).call("/semantic-analysis/limits");
    return (await response.json()).project_month;
  };
  assert.deepEqual(await spendingOf(SERVICE), {
    limit_usd: 50,
    spent_usd: 2,
    reset_ms: 86_400_000,
  });
  assert.equal(await spendingOf(USER), undefined);
});
