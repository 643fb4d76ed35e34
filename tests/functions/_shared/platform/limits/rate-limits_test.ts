import assert from "node:assert/strict";
import {
  type LimitName,
  toRateLimitedError,
  toRateLimitHeaders,
} from "../../../../../supabase/functions/_shared/platform/limits/rate-limits.ts";
import { STATE } from "../../../../support/fake-limiter.ts";

const MONTH = { limitNanoUsd: 5_250_000_000, spentNanoUsd: 5_240_000_000, resetMs: 1 };

Deno.test("a denial's Retry-After is whole seconds, rounded up, at least one", () => {
  const denial = (retryAfterMs: number) =>
    toRateLimitedError({ limitedBy: "minute", retryAfterMs }, STATE).headers["Retry-After"];
  assert.deepEqual([1, 1_000, 1_001, 59_999].map(denial), ["1", "1", "2", "60"]);
});

Deno.test("a denial names its limit, and never what the project may spend", () => {
  const messageOf = (limitedBy: LimitName) =>
    toRateLimitedError({ limitedBy, retryAfterMs: 1 }, { ...STATE, month: MONTH }).message;
  assert.equal(messageOf("minute"), "Your limit of 20 requests per minute is used up");
  assert.equal(messageOf("day"), "Your limit of 200 requests per day is used up");
  const { day, minute } = STATE;
  const one = { ...STATE, day: { ...day, limit: 1 }, minute: { ...minute, limit: 1 } };
  for (const limitedBy of ["minute", "day"] as const) {
    assert.equal(
      toRateLimitedError({ limitedBy, retryAfterMs: 1 }, one).message,
      `Your limit of 1 request per ${limitedBy} is used up`,
    );
  }
  assert.equal(
    messageOf("concurrent"),
    "You have as many requests under way as you may at a time: 4",
  );
  assert.equal(
    messageOf("month"),
    "This request could exceed your limit of 5.25 US dollars per month",
  );
  assert.doesNotMatch(messageOf("project_month"), /\d/);
});

Deno.test("the headers round the wait up to whole seconds", () => {
  assert.deepEqual(toRateLimitHeaders(STATE), {
    "RateLimit-Policy": '"minute";q=20;w=60, "day";q=200;w=86400',
    "RateLimit": '"minute";r=19;t=3, "day";r=199;t=3600',
  });
});
