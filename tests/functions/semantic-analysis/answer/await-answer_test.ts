import assert from "node:assert/strict";
import type { AwaitedAnswer } from "../../../../supabase/functions/_shared/platform/limits/decisions.ts";
import { awaitAnswer } from "../../../../supabase/functions/semantic-analysis/answer/await-answer.ts";

const PENDING: AwaitedAnswer = { state: "pending" };
const FREE: AwaitedAnswer = { state: "free" };

/** Waits on a clock of its own; the database answers these in turn, then `pending`. */
async function wait(timeoutMs: number, answers: AwaitedAnswer[] = [], signal?: AbortSignal) {
  let nowMs = 5_000;
  const pollsAtMs: number[] = [];
  const answer = await awaitAnswer("key", "holder", {
    rateLimiter: {
      readAnswer: (...args) => {
        assert.deepEqual(args, ["key", "holder"]);
        pollsAtMs.push(nowMs - 5_000);
        return Promise.resolve(answers.shift() ?? PENDING);
      },
    },
    timeoutMs,
    signal,
    now: () => nowMs,
    sleep: (ms) => Promise.resolve(void (nowMs += ms)),
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
