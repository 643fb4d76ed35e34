import assert from "node:assert/strict";
import {
  ApiError,
  type ApiErrorCode,
} from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { createTimings } from "../../../../supabase/functions/_shared/platform/http/timings.ts";
import type { Analysis } from "../../../../supabase/functions/semantic-analysis/model/analysis.ts";
import type { RequestOutcome } from "../../../../supabase/functions/semantic-analysis/answer/outcome.ts";
import { toPricedRequest } from "../../../../supabase/functions/semantic-analysis/answer/priced-request.ts";
import { toSettlement } from "../../../../supabase/functions/semantic-analysis/answer/settlement.ts";
import type { AnalysisRequest } from "../../../../supabase/functions/semantic-analysis/request/request.ts";
import { parseSettings } from "../../../../supabase/functions/semantic-analysis/settings.ts";
import { REQUEST } from "../../../support/analyse.ts";
import { STATE } from "../../../support/fake-limiter.ts";
import { USER } from "../../../support/function.ts";

const { settings } = parseSettings({ TOGETHER_API_KEY: "k" });
const PRICED = toPricedRequest("id", USER, REQUEST, settings!);
const SPENDING = { ceilingNanoUsd: 1_000, attempts: [] };
const ANALYSIS = {
  analysis: "Oak",
  figure: { raw: null, method: "none" },
  usage: { prompt_tokens: 7 },
} as Analysis;

const settle = (outcome: RequestOutcome) => toSettlement(PRICED, outcome, createTimings(() => 0));

const failed = (thrown: unknown, fields: object = {}): RequestOutcome => ({
  kind: "failed",
  role: "leader",
  spending: SPENDING,
  thrown,
  hasShownText: false,
  isDeadlineShortened: false,
  ...fields,
});

Deno.test("toSettlement() gives back a day that a failure took which was not the caller's", () => {
  const isGivenBack = (code: ApiErrorCode, fields: object = {}) =>
    settle(failed(new ApiError(code, "No"), fields)).givesBackDay;
  const theProviders: ApiErrorCode[] = [
    "UPSTREAM_UNAVAILABLE",
    "UPSTREAM_TIMEOUT",
    "UPSTREAM_INVALID_RESPONSE",
    "UPSTREAM_RATE_LIMITED",
    "NOT_CONFIGURED",
  ];
  for (const code of theProviders) {
    assert.equal(isGivenBack(code), true, code);
    assert.equal(isGivenBack(code, { hasShownText: true }), false, code);
  }
  assert.equal(isGivenBack("UPSTREAM_REJECTED"), false);
  assert.equal(isGivenBack("IMAGE_TOO_LARGE"), false);
  assert.equal(isGivenBack("UPSTREAM_TIMEOUT", { isDeadlineShortened: true }), false);
  assert.equal(isGivenBack("UPSTREAM_UNAVAILABLE", { isDeadlineShortened: true }), true);
  assert.equal(settle(failed(new TypeError("a bug"))).givesBackDay, true);
});

Deno.test("toSettlement() keeps the day of a failure that a caller's picture, prompt or length can bring about", () => {
  const attempt = { model: "m", status: 200, durationMs: 1, mayBeBilled: false, costNanoUsd: 1 };
  const usage = { promptTokens: 10, completionTokens: 1 };
  const afterAttempt = (fields: { reason: string; usage: typeof usage | null }) =>
    settle(failed(new ApiError("UPSTREAM_INVALID_RESPONSE", "No"), {
      spending: { ...SPENDING, attempts: [{ ...attempt, ...fields }] },
    })).givesBackDay;
  assert.equal(afterAttempt({ reason: "empty", usage }), false);
  assert.equal(afterAttempt({ reason: "empty", usage: null }), false);
  assert.equal(afterAttempt({ reason: "stream", usage }), false);
  assert.equal(afterAttempt({ reason: "invalid_response", usage: null }), true);

  const timedOut = (fields: Partial<AnalysisRequest>) =>
    toSettlement(
      { ...PRICED, request: { ...REQUEST, ...fields } },
      failed(new ApiError("UPSTREAM_TIMEOUT", "No")),
      createTimings(() => 0),
    ).givesBackDay;
  assert.equal(timedOut({}), true);
  assert.equal(timedOut({ prompt: "Count to a million" }), false);
  assert.equal(timedOut({ maxTokens: 4_096 }), false);
  assert.equal(timedOut({ picture: { kind: "url", url: "https://slow.example/a.jpg" } }), false);
});

Deno.test("toSettlement() of a request that led no model has a ledger row and nothing else", () => {
  const others: RequestOutcome[] = [
    { kind: "answered", role: "hit", analysis: ANALYSIS },
    { kind: "answered", role: "follower", analysis: ANALYSIS },
    { kind: "failed", role: "follower", thrown: new ApiError("UPSTREAM_REJECTED", "No") },
    { kind: "disconnected", role: "follower", reason: null },
    {
      kind: "denied",
      role: "none",
      denial: { limitedBy: "day", retryAfterMs: 1 },
      state: STATE,
    },
  ];
  for (const outcome of others) {
    const { entry, ...settlement } = settle(outcome);
    assert.deepEqual(settlement, { subject: "user:u", id: "id", actualNanoUsd: null });
    assert.equal(entry.prompt_tokens, undefined);
  }
});

Deno.test("toSettlement() names each outcome in the ledger", () => {
  const led = { role: "leader", spending: SPENDING } as const;
  const nameOf = (outcome: RequestOutcome) => {
    const { outcome: name, cache, limited_by } = settle(outcome).entry;
    return [name, cache, limited_by];
  };
  assert.deepEqual(nameOf({ kind: "answered", ...led, analysis: ANALYSIS, ttlSeconds: 1 }), [
    "ok",
    "miss",
    undefined,
  ]);
  assert.deepEqual(nameOf({ kind: "answered", role: "hit", analysis: ANALYSIS }), [
    "ok",
    "hit",
    undefined,
  ]);
  assert.deepEqual(nameOf({ kind: "disconnected", ...led, reason: null }), [
    "DISCONNECTED",
    "miss",
    undefined,
  ]);
  assert.deepEqual(nameOf(failed(new TypeError("a bug"))), ["INTERNAL", "miss", undefined]);
  assert.deepEqual(
    nameOf({
      kind: "denied",
      role: "none",
      denial: { limitedBy: "month", retryAfterMs: 1 },
      state: STATE,
    }),
    ["RATE_LIMITED", "miss", "month"],
  );
});

Deno.test("toSettlement() tells followers of failures that they would meet as well, and of no other", () => {
  const isTold = (code: ApiErrorCode) =>
    settle(failed(new ApiError(code, "No"))).failure?.code === code;
  for (const code of ["UPSTREAM_REJECTED", "UPSTREAM_UNAVAILABLE", "NOT_CONFIGURED"] as const) {
    assert.equal(isTold(code), true, code);
  }
  for (const code of ["UPSTREAM_TIMEOUT", "INTERNAL"] as const) {
    assert.equal(isTold(code), false, code);
  }
});
