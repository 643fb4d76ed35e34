import assert from "node:assert/strict";
import { ANALYSIS } from "../../../support/analysis-client.ts";
import { job, refused, workOff } from "../../../support/fake-jobs.ts";

const COST_NANO = Math.round(ANALYSIS.usage.cost_usd! * 1e9);
const jobs = (count: number) => Array.from({ length: count }, (_, index) => job(index + 1));

Deno.test("work: every job is analysed and stored, with its cost and the prompt's version", async () => {
  const { done, ends } = await workOff(jobs(3), [{}, {
    cached: true,
    usage: { ...ANALYSIS.usage, cost_usd: 0 },
  }, {}]);
  assert.deepEqual(ends, [
    ["done", 1, COST_NANO, "p1"],
    ["done", 2, 0, "p1"],
    ["done", 3, COST_NANO, "p1"],
  ]);
  assert.deepEqual(done, {
    ended: "idle",
    analysed: 3,
    known: 1,
    failed: 0,
    put_back: 0,
    cost_usd: 2 * COST_NANO / 1e9,
    retry_after_ms: null,
    reason: null,
  });
});

Deno.test("work: a cost that is not told is the ceiling", async () => {
  const { ends } = await workOff(jobs(1), [{ usage: { ...ANALYSIS.usage, cost_usd: null } }]);
  assert.deepEqual(ends, [["done", 1, 9_000_000, "p1"]]);
});

Deno.test("work: an answer to a picture that changed meanwhile is paid, not stored, and counts as an attempt", async () => {
  const warnings = [{ code: "IMAGE_CHANGED" as const, message: "It changed" }];
  const { done, ends } = await workOff(jobs(2), [{ warnings }, {}]);
  assert.deepEqual(ends, [
    ["failed", 1, COST_NANO, "IMAGE_CHANGED"],
    ["done", 2, COST_NANO, "p1"],
  ]);
  assert.deepEqual([done.failed, done.analysed], [1, 1]);
});

Deno.test("work: a rejected picture fails its job alone", async () => {
  const { done, ends } = await workOff(jobs(2), ["INVALID_IMAGE", {}]);
  assert.deepEqual(ends.map(([end, id]) => [end, id]), [["rejected", 1], ["done", 2]]);
  assert.deepEqual([done.failed, done.analysed], [1, 1]);
});

Deno.test("work: a failure before a success counts as an attempt", async () => {
  const { ends } = await workOff(jobs(3), ["UPSTREAM_TIMEOUT", "UPSTREAM_UNAVAILABLE", {}]);
  assert.deepEqual(ends.map(([end, id, cost]) => [end, id, cost]), [
    ["done", 3, COST_NANO],
    ["failed", 1, 9_000_000],
    ["failed", 2, 0],
  ]);
});

Deno.test("work: three failures in a row are an outage: no attempt is counted, the run ends", async () => {
  const { done, ends } = await workOff(jobs(5), ["UPSTREAM_UNAVAILABLE"]);
  assert.deepEqual(ends.map(([end, id]) => [end, id]), [
    ["back:job", 1],
    ["back:job", 2],
    ["back:outage", 3],
  ]);
  assert.deepEqual([done.ended, done.retry_after_ms], ["stopped", 30_000]);
  assert.deepEqual(done.reason, { code: "UPSTREAM_UNAVAILABLE", message: "No" });
});

Deno.test("work: however many lanes meet an outage, it is one", async () => {
  const { ends } = await workOff(jobs(40), ["UPSTREAM_UNAVAILABLE"], { concurrency: 8 });
  const outages = ends.filter(([end]) => end === "back:outage");
  assert.equal(outages.length, 1);
  assert.ok(ends.length > 5, "the other lanes met it as well");
});

Deno.test("work: an outage of timeouts, told when the time is up, is one as well", async () => {
  const { done, ends } = await workOff(jobs(9), ["UPSTREAM_TIMEOUT"], {
    concurrency: 4,
    workMs: 1_000,
  });
  assert.deepEqual(ends.map(([end]) => end), [
    ...["back:job", "back:job", "back:outage", "back:job"],
  ]);
  assert.deepEqual([done.ended, done.reason?.code], ["stopped", "UPSTREAM_TIMEOUT"]);
});

Deno.test("work: failures that nothing came after are put back", async () => {
  const { done, ends } = await workOff(jobs(2), ["UPSTREAM_INVALID_RESPONSE"]);
  assert.deepEqual(ends.map(([end]) => end), ["back:job", "back:job"]);
  assert.equal(done.ended, "idle");
});

Deno.test("work: a user's limit moves that user's jobs, another one ends the run", async () => {
  const details = { limit: "day" };
  const limited = refused("RATE_LIMITED", { details, retryAfterMs: 60_000 });
  const ofUser = await workOff([job(1, "u"), job(2)], [limited, {}]);
  assert.deepEqual(ofUser.ends.map((end) => end.slice(0, 2)), [["back:owner", 1], ["done", 2]]);
  const ofService = await workOff(jobs(2), [limited]);
  assert.deepEqual(ofService.ends, [["back:all", 1, 0, 60_000]]);
  assert.deepEqual([ofService.done.ended, ofService.done.retry_after_ms], ["stopped", 60_000]);
  const ofProject = refused("RATE_LIMITED", { details: { limit: "project_month" } });
  const { done, ends } = await workOff([job(1, "u"), job(2)], [ofProject]);
  assert.deepEqual([done.ended, ends[0]![0]], ["budget", "back:all"]);
  assert.equal(done.reason?.code, "RATE_LIMITED");
});

Deno.test("work: three analyses in a row that the application's table refuses end the run, and all jobs wait", async () => {
  const outcomes = ["done", "failed", "failed", "failed"];
  const ends: unknown[][] = [];
  const left = jobs(9);
  const { done } = await workOff([], [{}], {
    jobs: {
      claim: ({ isSuspect, count }) =>
        Promise.resolve({ outcome: "claimed", jobs: isSuspect ? [] : left.splice(0, count) }),
      renew: () => Promise.resolve(),
      finish: () => Promise.resolve(outcomes.shift()!),
      fail: () => Promise.reject(new Error("unexpected")),
      putBack: ({ id, costNanoUsd }, { code, scope, waitMs }) => {
        ends.push([id, costNanoUsd, code, scope, waitMs]);
        return Promise.resolve("lost");
      },
    },
  });
  assert.deepEqual(ends, [[4, 0, "NOT_STORED", "outage", 30_000]]);
  assert.deepEqual([done.ended, done.analysed, done.failed, done.put_back], ["stopped", 1, 3, 0]);
  assert.equal(done.reason?.code, "NOT_STORED");
});

Deno.test("work: overload halves what is done at a time, down to nothing for the time told", async () => {
  const overloaded = refused("OVERLOADED", { retryAfterMs: 5_000 });
  const { done, ends, claims } = await workOff(jobs(20), [overloaded], { concurrency: 4 });
  assert.equal(claims[0]!.count, 4);
  assert.deepEqual(ends.map(([end]) => end).filter((end) => end === "back:all").length >= 1, true);
  assert.deepEqual([done.ended, done.retry_after_ms], ["stopped", 5_000]);
  assert.ok(ends.length <= 6, `${ends.length} jobs were begun`);
});

Deno.test("work: a worker that ended without a word is the job's fifth at most, and may be billed", async () => {
  const { ends } = await workOff(jobs(1), ["PLATFORM_ERROR"]);
  assert.deepEqual(ends, [["back:worker", 1, 9_000_000, 90_000]]);
});

Deno.test("work: where no worker has begun it, nothing is counted, and three in a row end the run", async () => {
  const { done, ends } = await workOff(jobs(5), [refused("PLATFORM_ERROR", { status: 503 })]);
  assert.deepEqual(ends, [1, 2, 3].map((id) => ["back:job", id, 0, 2_000]));
  assert.equal(done.ended, "stopped");
});

Deno.test("work: what is switched off stops the run", async () => {
  for (const code of ["DISABLED", "NOT_CONFIGURED", "UNAUTHORIZED", "RATE_LIMITER_UNAVAILABLE"]) {
    const { done, ends } = await workOff(jobs(2), [code]);
    assert.deepEqual([done.ended, ends.map(([end]) => end)], ["stopped", ["back:all"]], code);
  }
});

Deno.test("work: the last job is begun while 15 s are left for it, and within the time for work", async () => {
  const analysed = async (options: { workMs?: number; totalMs?: number }) => {
    const { done } = await workOff([1, 2, 3, 4, 5].map((id) => job(id)), [{}], options);
    return [done.ended, done.analysed];
  };
  // Each takes a second.
  assert.deepEqual(await analysed({ totalMs: 17_000 }), ["time", 3]);
  assert.deepEqual(await analysed({ totalMs: 16_999 }), ["time", 2]);
  assert.deepEqual(await analysed({ workMs: 2_000 }), ["time", 2]);
  assert.deepEqual(await analysed({ workMs: 2_001 }), ["time", 3]);
});

Deno.test("work: time and jobs end a run; claimed jobs that were not begun go back", async () => {
  const late = await workOff(jobs(80), [{}]);
  assert.deepEqual([late.done.ended, late.done.analysed], ["time", 50]);
  const few = await workOff(jobs(80), [{}], { maxJobs: 7, concurrency: 4 });
  assert.deepEqual([few.done.ended, few.done.analysed], ["jobs", 7]);
  const stopped = await workOff(jobs(4), ["DISABLED"], { concurrency: 2 });
  const ids = stopped.ends.map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
});

Deno.test("work: a budget that is used up, and a pause, are told", async () => {
  const budget = await workOff(jobs(1), [{}], { claims: [{ outcome: "budget" }] });
  assert.equal(budget.done.ended, "budget");
  const paused = await workOff(jobs(1), [{}], { claims: [{ outcome: "paused", waitMs: 8_000 }] });
  assert.deepEqual([paused.done.ended, paused.done.retry_after_ms], ["paused", 8_000]);
});

Deno.test("work: what the database throws ends the run", async () => {
  await assert.rejects(
    workOff(jobs(1), [{}], {
      jobs: {
        claim: () => Promise.reject(new Error("down")),
        renew: () => Promise.reject(new Error("down")),
        finish: () => Promise.reject(new Error("down")),
        fail: () => Promise.reject(new Error("down")),
        putBack: () => Promise.reject(new Error("down")),
      },
    }),
    /down/,
  );
});

Deno.test("work: a row that the application's table refuses is counted as failed, the run goes on", async () => {
  const claims = [[], [job(1), job(2)], []];
  const outcomes = ["failed", "done"];
  const { done } = await workOff([], [{}], {
    jobs: {
      claim: () => Promise.resolve({ outcome: "claimed", jobs: claims.shift()! }),
      renew: () => Promise.reject(new Error("unexpected")),
      finish: () => Promise.resolve(outcomes.shift()!),
      fail: () => Promise.reject(new Error("unexpected")),
      putBack: () => Promise.reject(new Error("unexpected")),
    },
  });
  assert.deepEqual([done.analysed, done.failed], [1, 1]);
});

Deno.test("work: a picture that has stopped its last worker is counted as failed", async () => {
  const claims = [[], [job(1), job(2)], []];
  const outcomes = ["failed", "waiting"];
  const { done } = await workOff([], ["PLATFORM_ERROR"], {
    jobs: {
      claim: () => Promise.resolve({ outcome: "claimed", jobs: claims.shift()! }),
      renew: () => Promise.reject(new Error("unexpected")),
      finish: () => Promise.reject(new Error("unexpected")),
      fail: () => Promise.reject(new Error("unexpected")),
      putBack: () => Promise.resolve(outcomes.shift()!),
    },
  });
  assert.deepEqual([done.failed, done.put_back], [1, 1]);
});

Deno.test("work: what has lost a worker is worked on first, with nothing beside it", async () => {
  let underWay = 0;
  const beside: [id: number, underWay: number][] = [];
  const { ends } = await workOff(jobs(4), [], {
    suspects: [job(8), job(9)],
    concurrency: 4,
    analyse: async ({ id }) => {
      beside.push([id, ++underWay]);
      await Promise.resolve();
      underWay--;
      if (id === 8) throw refused("PLATFORM_ERROR", { status: 546 });
      return ANALYSIS;
    },
  });
  assert.deepEqual(beside.slice(0, 3), [[8, 1], [9, 1], [1, 1]]);
  assert.ok(beside.some(([, underWay]) => underWay > 1), "then several at a time");
  assert.deepEqual(ends.map(([end]) => end), ["back:worker", ...Array(5).fill("done")]);
});

Deno.test("work: suspects that all lose their worker end the run after three, and all jobs wait", async () => {
  const { done, ends } = await workOff(jobs(4), ["NETWORK_ERROR"], {
    suspects: Array.from({ length: 9 }, (_, index) => job(index + 10)),
  });
  assert.deepEqual(
    ends.map(([end, id]) => [end, id]),
    [...[10, 11, 12].map((id) => ["back:worker", id]), ["back:outage", 12]],
  );
  assert.deepEqual([done.ended, done.retry_after_ms], ["stopped", 30_000]);
});

Deno.test("work: leases are renewed while a run works, also where a renewal failed, and no longer", async () => {
  const events: string[] = [];
  const pauses: ((value: void) => void)[] = [];
  const working = workOff(jobs(1), [], {
    pause: (ms, signal) =>
      new Promise((resolve) => {
        events.push(`pause ${ms}`);
        pauses.push(resolve);
        signal?.addEventListener("abort", () => resolve());
      }),
    renew: (holder) => {
      events.push(`renew ${holder}`);
      return Promise.reject(new Error("down"));
    },
    analyse: async () => {
      for (let round = 0; round < 2; round++) {
        pauses.at(-1)!();
        await new Promise((resolve) => setTimeout(resolve));
      }
      return ANALYSIS;
    },
  });
  await working;
  assert.deepEqual(events, ["pause 10000", "renew h", "pause 10000", "renew h", "pause 10000"]);
});
