/** Hits, followers, and a follower that takes over from a leader that has gone. */
import assert from "node:assert/strict";
import type { Reservation } from "../../../../supabase/functions/_shared/platform/limits/decisions.ts";
import { OAK } from "../../../support/fake-together.ts";
import { LEAD, STATE } from "../../../support/fake-limiter.ts";
import { createFunction, IMAGE } from "../../../support/function.ts";
import { until } from "../../../support/until.ts";
import { deniedBy, run } from "./run-function.ts";

const HOLDER = "8a8d1d9e-1f0c-4c1b-9a57-0b5a4c5f3a11";
const FOLLOW: Reservation = { outcome: "follower", holder: HOLDER, state: STATE };

/** What a first request stores. */
async function storedAnswer(): Promise<string> {
  const { post, limiter } = createFunction();
  await post({ image_data: IMAGE });
  return limiter.settled[0]!.answer!.body;
}

Deno.test("a hit is answered without the model, and costs nothing", async () => {
  const hit: Reservation = {
    outcome: "hit",
    answer: await storedAnswer(),
    ageMs: 61_900,
    state: STATE,
  };
  const { response, text, settled, together, log } = await run({ decisions: [hit] }, {
    surprise: 1,
  });
  const body = JSON.parse(text);
  assert.equal(response.headers.get("x-cache"), "hit");
  assert.equal(response.headers.get("age"), "61");
  assert.equal(body.cached, true);
  assert.equal(body.analysis, OAK.description);
  assert.equal(body.usage.cost_usd, 0);
  assert.equal(body.usage.prompt_tokens, 0);
  assert.equal(body.request_id, "request-1");
  assert.deepEqual(body.warnings.map(({ code }: { code: string }) => code), ["UNKNOWN_FIELD"]);
  assert.equal(together.requests.length, 0);
  assert.equal(log.cache, "hit");
  assert.equal(settled.length, 1);
  assert.equal(settled[0]!.actualNanoUsd, null);
  assert.equal(settled[0]!.cacheKey, undefined);
  assert.equal(settled[0]!.answer, undefined);
  assert.equal(settled[0]!.entry.cache, "hit");
});

Deno.test("a hit that is streamed is one delta and the result", async () => {
  const hit: Reservation = {
    outcome: "hit",
    answer: await storedAnswer(),
    ageMs: 0,
    state: STATE,
  };
  const { text } = await run({ decisions: [hit] }, { options: { stream: true } });
  const events = text.match(/^event: .*$/gm);
  assert.deepEqual(events, ["event: delta", "event: result"]);
  assert.match(text, /"cached":true/);
});

Deno.test("a follower waits for its leader's answer and asks no model", async () => {
  const answer = await storedAnswer();
  const { response, text, limiter, together, settled } = await run({
    decisions: [FOLLOW],
    awaitedAnswers: [{ state: "pending" }, { state: "pending" }, { state: "ready", answer }],
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-cache"), "joined");
  assert.equal(JSON.parse(text).cached, true);
  assert.equal(together.requests.length, 0);
  assert.deepEqual(limiter.awaited, Array(3).fill(limiter.reserved[0]!.cacheKey));
  assert.equal(settled[0]!.actualNanoUsd, null);
  assert.equal(settled[0]!.entry.cache, "joined");
});

Deno.test("a follower fails as its leader did", async () => {
  const failure = { code: "UPSTREAM_RATE_LIMITED", message: "Full", retry_after_ms: 7_000 };
  const { response, text, settled } = await run({
    decisions: [FOLLOW],
    awaitedAnswers: [{ state: "failed", failure }],
  });
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "7");
  assert.equal(JSON.parse(text).error.code, "UPSTREAM_RATE_LIMITED");
  assert.equal(settled[0]!.entry.outcome, "UPSTREAM_RATE_LIMITED");
  assert.equal(settled[0]!.actualNanoUsd, null);
});

Deno.test("a follower whose leader has gone takes over, with a reservation of its own", async () => {
  const { response, text, limiter, together, settled } = await run({
    decisions: [FOLLOW, LEAD],
    awaitedAnswers: [{ state: "pending" }, { state: "free" }],
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-cache"), "miss");
  assert.equal(JSON.parse(text).cached, false);
  assert.equal(limiter.reserved.length, 2);
  assert.equal(together.requests.length, 1);
  assert.equal(settled.length, 1);
  assert.equal(settled[0]!.entry.cache, "miss");
});

Deno.test("a follower that takes over is denied where its limits are used up", async () => {
  const { response, settled } = await run({
    decisions: [FOLLOW, deniedBy("day")],
    awaitedAnswers: [{ state: "free" }],
  });
  assert.equal(response.status, 429);
  assert.equal(settled.length, 1);
  assert.equal(settled[0]!.entry.limited_by, "day");
});

Deno.test("a follower waits no longer than its deadline", async () => {
  const { post, clock } = createFunction({
    decisions: [FOLLOW],
    awaitedAnswers: [{ state: "pending" }],
  });
  const startedAt = clock.now();
  const response = await post({ image_data: IMAGE }, { "X-Deadline-Ms": "11000" });
  assert.equal(response.status, 504);
  assert.equal(clock.now() - startedAt, 10_000);
});

Deno.test("a follower whose client goes in mid-stream ends as disconnected", async () => {
  const { post, limiter } = createFunction({
    decisions: [FOLLOW],
    awaitedAnswers: [{ state: "pending" }],
  });
  const response = await post({ image_data: IMAGE, options: { stream: true } });
  await response.body!.cancel();
  await until(() => Promise.resolve(limiter.settled.length > 0));
  const { entry, actualNanoUsd } = limiter.settled[0]!;
  assert.deepEqual([entry.outcome, entry.cache, actualNanoUsd], ["DISCONNECTED", "joined", null]);
});
