import assert from "node:assert/strict";
import type { AwaitedAnswer } from "../../../../supabase/functions/_shared/platform/limits/decisions.ts";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { awaitAnswer } from "../../../../supabase/functions/semantic-analysis/answer/await-answer.ts";

const PENDING: AwaitedAnswer = { state: "pending" };
const FREE: AwaitedAnswer = { state: "free" };
const UNAVAILABLE = new ApiError("RATE_LIMITER_UNAVAILABLE", "No answer");

/** Waits on a clock of its own; the database answers or fails with these in turn, then is `pending`. */
async function wait(
  timeoutMs: number,
  answers: (AwaitedAnswer | Error)[] = [],
  signal?: AbortSignal,
) {
  let nowMs = 5_000;
  const pollsAtMs: number[] = [];
  const answer = await awaitAnswer("key", "holder", {
    rateLimiter: {
      readAnswer: (...args) => {
        assert.deepEqual(args, ["key", "holder"]);
        pollsAtMs.push(nowMs - 5_000);
        const answer = answers.shift() ?? PENDING;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
    timeoutMs,
    signal,
    now: () => nowMs,
    pause: (ms) => Promise.resolve(void (nowMs += ms)),
  });
  return { answer, pollsAtMs, waitedMs: nowMs - 5_000 };
}

Deno.test("awaitAnswer() polls after 100 ms, then less and less often, and at last each second", async () => {
  const { answer, pollsAtMs } = await wait(60_000, [
    ...new Array<AwaitedAnswer>(9).fill(PENDING),
    FREE,
  ]);
  assert.deepEqual(answer, FREE);
  const gapsMs = pollsAtMs.map((atMs, index) => atMs - (pollsAtMs[index - 1] ?? 0));
  assert.deepEqual(gapsMs.map(Math.round), [100, 150, 225, 338, 506, 759, 1000, 1000, 1000, 1000]);
});

Deno.test("awaitAnswer() looks a last time when the time is up, and not after it", async () => {
  for (const timeoutMs of [1, 99, 100, 101, 250, 251, 2_000]) {
    const { answer, pollsAtMs, waitedMs } = await wait(timeoutMs);
    assert.deepEqual(answer, PENDING);
    assert.deepEqual([pollsAtMs.at(-1), waitedMs], [timeoutMs, timeoutMs]);
  }
  for (const timeoutMs of [0, -1]) {
    assert.deepEqual((await wait(timeoutMs)).pollsAtMs, []);
  }
});

Deno.test("awaitAnswer() asks nothing more once its signal has aborted", async () => {
  const reason = new Error("The caller has gone");
  await assert.rejects(wait(1_000, [FREE], AbortSignal.abort(reason)), reason);
});

Deno.test("awaitAnswer() asks again, a second later, where two polls in a row got no answer", async () => {
  const twice = [UNAVAILABLE, UNAVAILABLE];
  const { answer, pollsAtMs } = await wait(60_000, [...twice, PENDING, ...twice, FREE]);
  assert.deepEqual(answer, FREE);
  assert.deepEqual(pollsAtMs, [100, 1_100, 2_100, 3_100, 4_100, 5_100]);
});

Deno.test("awaitAnswer() fails where three polls in a row got no answer, or the last in time", async () => {
  const thrice = [UNAVAILABLE, UNAVAILABLE, UNAVAILABLE];
  await assert.rejects(wait(60_000, [PENDING, ...thrice, FREE]), UNAVAILABLE);
  await assert.rejects(wait(1_100, [UNAVAILABLE, UNAVAILABLE, FREE]), UNAVAILABLE);
  await assert.rejects(wait(100, [UNAVAILABLE, FREE]), UNAVAILABLE);
});

Deno.test("awaitAnswer() fails at once with what no further poll would change", async () => {
  for (const code of ["NOT_CONFIGURED", "UNAUTHORIZED"] as const) {
    const error = new ApiError(code, "No");
    await assert.rejects(wait(60_000, [error, FREE]), error);
  }
  const bug = new TypeError("A bug");
  await assert.rejects(wait(60_000, [bug, FREE]), bug);
});
