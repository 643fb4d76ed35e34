/** What came of an analysis, told to a database that is down for a while. */
import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { ANALYSIS } from "../../../support/analysis-client.ts";
import { job, workOff } from "../../../support/fake-jobs.ts";

const DOWN = new ApiError("UPSTREAM_UNAVAILABLE", "The database could not be reached");
const LEASES_PAUSE_MS = 10_000;

/** Works one job off, whose end is told in vain with these errors, each after five seconds, then well. */
async function workOne(errors: Error[], totalMs = 70_000) {
  let nowMs = 0;
  const toldAtMs: number[] = [];
  const renewedAtMs: number[] = [];
  const left = [job(1)];
  const take = (ms: number) => Promise.resolve(void (nowMs += ms));
  const working = workOff([], [], {
    totalMs,
    now: () => nowMs,
    pause: (ms) => ms === LEASES_PAUSE_MS ? Promise.resolve() : take(ms),
    analyse: async () => {
      await take(2_000);
      return ANALYSIS;
    },
    jobs: {
      claim: ({ isSuspect }) =>
        Promise.resolve({ outcome: "claimed", jobs: isSuspect ? [] : left.splice(0, 1) }),
      renew: () => Promise.resolve(void renewedAtMs.push(nowMs)),
      finish: async () => {
        toldAtMs.push(nowMs);
        const error = errors.shift();
        if (error === undefined) return "done";
        await take(5_000);
        throw error;
      },
      fail: () => Promise.reject(new Error("unexpected")),
      putBack: () => Promise.reject(new Error("unexpected")),
    },
  });
  const done = await working.then(({ done }) => done, (error: unknown) => error);
  return { done, toldAtMs, renewedAtMs, endedAtMs: nowMs };
}

Deno.test("job ends: what came of an analysis is told again where the database is down", async () => {
  const { done, toldAtMs } = await workOne([DOWN, DOWN]);
  assert.deepEqual(toldAtMs, [2_000, 8_000, 14_000]);
  assert.equal((done as { analysed: number }).analysed, 1);
});

Deno.test("job ends: it is told six times at most, and once where another time would not help", async () => {
  const { done, toldAtMs } = await workOne(Array(9).fill(DOWN));
  assert.deepEqual([done, toldAtMs.length], [DOWN, 6]);
  const missing = new ApiError("NOT_CONFIGURED", "The catalogue's database migration is missing");
  const told = await workOne([missing]);
  assert.deepEqual([told.done, told.toldAtMs], [missing, [2_000]]);
});

Deno.test("job ends: nothing is told again, and no lease renewed, after the total time", async () => {
  for (const totalMs of [17_000, 19_000, 20_000]) {
    const { done, toldAtMs, renewedAtMs, endedAtMs } = await workOne(Array(9).fill(DOWN), totalMs);
    assert.equal(done, DOWN);
    assert.ok([...toldAtMs, ...renewedAtMs].every((atMs) => atMs < totalMs), String(toldAtMs));
    assert.ok(endedAtMs < totalMs + 5_000, String(endedAtMs));
  }
});
