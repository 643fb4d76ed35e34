import assert from "node:assert/strict";
import {
  createTimings,
  toServerTiming,
} from "../../../../../supabase/functions/_shared/platform/http/timings.ts";

/** Timings on a clock that only `pass` moves. */
function createTestTimings() {
  let nowMs = 5_000;
  const timings = createTimings(() => nowMs);
  return { timings, pass: (ms: number) => void (nowMs += ms) };
}

Deno.test("createTimings() measures each phase and the total since the beginning", async () => {
  const { timings, pass } = createTestTimings();
  pass(1);
  assert.equal(
    await timings.measure("auth", () => {
      pass(2);
      return Promise.resolve("result");
    }),
    "result",
  );
  await timings.measure("limit", () => Promise.resolve(pass(4)));
  pass(8);
  assert.deepEqual(timings.toRecord(), { auth: 2, limit: 4, total: 15 });
  assert.equal(timings.totalMs(), 15);
});

Deno.test("createTimings() adds up a phase that runs more than once", async () => {
  const { timings, pass } = createTestTimings();
  await timings.measure("upstream", () => Promise.resolve(pass(2)));
  await timings.measure("upstream", () => Promise.resolve(pass(3)));
  assert.deepEqual(timings.toRecord(), { upstream: 5, total: 5 });
});

Deno.test("createTimings() measures a phase that fails, and passes the failure on", async () => {
  const { timings, pass } = createTestTimings();
  const failure = new Error("no");
  const rejects = () => {
    pass(2);
    return Promise.reject(failure);
  };
  const throws = () => {
    pass(3);
    throw failure;
  };
  const is = (error: unknown) => error === failure;
  await assert.rejects(timings.measure("auth", rejects), is);
  await assert.rejects(timings.measure("auth", throws), is);
  assert.deepEqual(timings.toRecord(), { auth: 5, total: 5 });
});

Deno.test("createTimings() rounds to a tenth of a millisecond", async () => {
  const { timings, pass } = createTestTimings();
  await timings.measure("auth", () => Promise.resolve(pass(1.26)));
  pass(0.02);
  assert.deepEqual(timings.toRecord(), { auth: 1.3, total: 1.3 });
});

Deno.test("toServerTiming() writes the header's syntax", () => {
  assert.equal(toServerTiming({ auth: 1.5, total: 20 }), "auth;dur=1.5, total;dur=20");
  assert.equal(toServerTiming({ total: 0 }), "total;dur=0");
});
