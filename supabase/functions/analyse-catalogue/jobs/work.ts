/**
 * Works jobs off: those that have lost a worker one at a time, then several at a time, until time, jobs or
 * budget are used up.
 */

import type { AnalysisResponseBody } from "../../_shared/client/contract.ts";
import { SemanticAnalysisError } from "../../_shared/client/errors.ts";
import { createFailures } from "./failures.ts";
import { createJobEnds } from "./job-ends.ts";
import type { Job } from "./jobs.ts";
import { keepLeases } from "./keep-leases.ts";
import { createRun, type Run, type WorkDone, type WorkOptions } from "./run.ts";

/** @throws {ApiError} as the functions of `Jobs`; jobs that were claimed are then free after their lease. */
export async function work(options: WorkOptions): Promise<WorkDone> {
  const ended = new AbortController();
  const run = createRun(options);
  const keeping = keepLeases({ ...options, leftMs: run.leftMs }, ended.signal);
  try {
    return await workOff(options, run);
  } finally {
    ended.abort();
    await keeping;
  }
}

async function workOff(options: WorkOptions, run: Run): Promise<WorkDone> {
  const claims = createClaims(options, run);
  const ends = createJobEnds(options, run);
  const failures = createFailures(ends, run);
  let failed: { error: unknown } | null = null;

  async function analyse(job: Job, lanes: number): Promise<void> {
    let answer: AnalysisResponseBody;
    try {
      answer = await options.analyse(job, run.leftMs());
    } catch (error) {
      if (!(error instanceof SemanticAnalysisError)) throw error;
      return await failures.take(job, error, lanes);
    }
    const { isRefused } = await ends.finish(job, answer);
    await failures.takeSuccess(job, answer, isRefused);
  }

  async function workSuspects(): Promise<void> {
    for (let job = await claims.nextSuspect(); job; job = await claims.nextSuspect()) {
      await analyse(job, 1);
    }
  }

  async function runLane(lane: number): Promise<void> {
    while (lane < run.width) {
      const job = await claims.next();
      if (job === null) return;
      await analyse(job, options.concurrency);
    }
  }

  async function noteFailure(working: Promise<void>): Promise<void> {
    try {
      await working;
    } catch (error) {
      // The other lanes end what they are doing: it is paid for.
      failed ??= { error };
      run.end("stopped");
    }
  }

  await noteFailure(workSuspects());
  await Promise.all(
    Array.from({ length: options.concurrency }, (_, lane) => noteFailure(runLane(lane))),
  );
  if (failed !== null) throw (failed as { error: unknown }).error;
  await failures.finish();
  for (const job of claims.notBegun()) {
    await ends.putBack(job, { code: "NOT_BEGUN", waitMs: 0, scope: "job" });
  }
  return run.tell();
}

/** Claims jobs as they are needed, for all lanes at once. */
function createClaims(options: WorkOptions, run: Run) {
  const claimed: Job[] = [];
  let claiming: Promise<void> | null = null;

  async function claim(most: number, isSuspect: boolean): Promise<Job[]> {
    const count = Math.min(most, options.maxJobs - run.begun);
    if (count <= 0) run.end("jobs");
    if (run.hasEnded()) return [];
    const claim = await options.jobs.claim({ ...options, count, isSuspect });
    if (claim.outcome === "claimed") return claim.jobs;
    if (claim.outcome === "budget") run.end("budget");
    else run.end("paused", claim.waitMs);
    return [];
  }

  async function claimMore(): Promise<void> {
    const more = await claim(run.width, false);
    if (more.length === 0) run.end("idle");
    claimed.push(...more);
  }

  return {
    /** One that has lost a worker; null when there is none, or the run is over. */
    async nextSuspect(): Promise<Job | null> {
      const [job] = run.isOver() ? [] : await claim(1, true);
      if (job === undefined) return null;
      run.begun++;
      return job;
    },

    /** Null when the run is over. */
    async next(): Promise<Job | null> {
      while (!run.isOver() && claimed.length === 0) {
        claiming ??= claimMore().finally(() => claiming = null);
        await claiming;
      }
      if (run.hasEnded()) return null;
      run.begun++;
      return claimed.shift()!;
    },

    /** Those that the run ended before. */
    notBegun: (): readonly Job[] => claimed,
  };
}
