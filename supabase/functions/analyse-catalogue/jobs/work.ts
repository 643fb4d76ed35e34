/**
 * Works jobs off: those that have lost a worker one at a time, then several at a time, until time, jobs or
 * budget are used up.
 *
 * A failure that may be the picture's or the provider's is not decided at once. If an analysis succeeds
 * after it, it was the picture's, and counts as an attempt; if three fail in a row, the provider is down,
 * and the run ends without an attempt for any of them.
 */

import type { AnalysisResponseBody } from "../../_shared/client/contract.ts";
import { SemanticAnalysisError } from "../../_shared/client/errors.ts";
import { toVisualAnalysisRow } from "../../_shared/client/visual-analysis-row.ts";
import type { Job, Jobs } from "./jobs.ts";
import { keepLeases, type KeepLeasesOptions } from "./keep-leases.ts";
import { type Consequence, toConsequence } from "./consequence.ts";

/** Where jobs are from, who analyses them, and what a run may take. */
export interface WorkOptions {
  jobs: Pick<Jobs, "claim" | "renew" | "finish" | "fail" | "putBack">;
  /** @throws {SemanticAnalysisError} and nothing else */
  analyse: (job: Job, timeoutMs: number) => Promise<AnalysisResponseBody>;
  /** Of this run, a UUID. */
  holder: string;
  run: string | null;
  nanoUsdPerMonth: number | null;
  /** The most that one analysis can cost. */
  ceilingNanoUsd: number;
  /** Noted with each analysis. */
  promptVersion: string;
  concurrency: number;
  maxJobs: number;
  /** No job is begun after this. */
  workMs: number;
  /** By then the last must have ended. */
  totalMs: number;
  /** Milliseconds on a monotonic clock. */
  now: () => number;
  pause: KeepLeasesOptions["pause"];
}

/** What a run did. */
export interface WorkDone {
  /** Why it ended; `idle`: no job is due. */
  ended: "idle" | "time" | "jobs" | "budget" | "paused" | "stopped";
  analysed: number;
  /** Of them, how many cost nothing because the picture was known. */
  known: number;
  failed: number;
  put_back: number;
  cost_usd: number;
  /** When to come again, where something said so. */
  retry_after_ms: number | null;
}

interface Undecided {
  job: Job;
  error: SemanticAnalysisError;
}

/** So many failures in a row are the provider's, or semantic-analysis's. */
const OUTAGE_FAILURES = 3;

/** An outage of a second is over by then, and one of an hour is not worth asking about more often. */
const OUTAGE_WAIT_MS = 30_000;
const ABSENT_WAIT_MS = 2_000;

/**
 * The lease of a request whose worker has ended: until then the same picture would wait for its answer,
 * in vain.
 */
const LOST_WAIT_MS = 90_000;

/** Failures after which a model may have been asked, and its answer billed, without this function's knowing. */
const MAY_BE_BILLED = [
  ...["UPSTREAM_TIMEOUT", "UPSTREAM_INVALID_RESPONSE", "INTERNAL"],
  ...["NETWORK_ERROR", "PLATFORM_ERROR", "INVALID_RESPONSE", "TIMEOUT", "ABORTED"],
];

/** With less time an analysis that is slow would be cut. */
const MIN_ANALYSIS_MS = 15_000;

/** @throws {ApiError} as the functions of `Jobs`; jobs that were claimed are then free after their lease. */
export async function work(options: WorkOptions): Promise<WorkDone> {
  const ended = new AbortController();
  const keeping = keepLeases(options, ended.signal);
  try {
    return await workOff(options);
  } finally {
    ended.abort();
    await keeping;
  }
}

async function workOff(options: WorkOptions): Promise<WorkDone> {
  const { jobs, holder, now, ceilingNanoUsd } = options;
  const startMs = now();
  const done = { analysed: 0, known: 0, failed: 0, put_back: 0 };
  let costNanoUsd = 0;
  let begun = 0;
  let width = options.concurrency;
  let ended: WorkDone["ended"] | null = null;
  let retryAfterMs: number | null = null;
  let claimed: Job[] = [];
  let claiming: Promise<void> | null = null;
  let undecided: Undecided[] = [];
  let absent = 0;
  let lost = 0;
  let lanes = 1;
  let failure: { error: unknown } | null = null;

  const end = (reason: WorkDone["ended"], waitMs: number | null = null) => {
    ended ??= reason;
    retryAfterMs = waitMs === null ? retryAfterMs : Math.max(retryAfterMs ?? 0, waitMs);
  };
  const held = ({ id }: Job, costNanoUsd = 0) => ({ id, holder, costNanoUsd });

  /** No further job may be begun. */
  function isOver(): boolean {
    const usedMs = now() - startMs;
    if (usedMs >= options.workMs || options.totalMs - usedMs < MIN_ANALYSIS_MS) end("time");
    if (begun >= options.maxJobs) end("jobs");
    return ended !== null;
  }

  async function claim(isSuspect: boolean): Promise<Job[]> {
    const count = isSuspect ? 1 : Math.min(width, options.maxJobs - begun);
    if (count <= 0) end("jobs");
    if (ended !== null) return [];
    const claim = await jobs.claim({ ...options, count, isSuspect });
    if (claim.outcome === "claimed") return claim.jobs;
    if (claim.outcome === "budget") end("budget");
    else end("paused", claim.waitMs);
    return [];
  }

  async function claimMore(): Promise<void> {
    const more = await claim(false);
    if (more.length === 0) end("idle");
    claimed.push(...more);
  }

  async function next(): Promise<Job | null> {
    while (!isOver() && claimed.length === 0) {
      claiming ??= claimMore().finally(() => claiming = null);
      await claiming;
    }
    if (ended !== null) return null;
    begun++;
    return claimed.shift()!;
  }

  /** What an analysis without an answer may have been billed. */
  const toLostNanoUsd = (code: string) => MAY_BE_BILLED.includes(code) ? ceilingNanoUsd : 0;

  async function putBack(job: Job, code: string, waitMs: number, scope: PutBackScope) {
    const lostNanoUsd = scope === "job" && code === "PLATFORM_ERROR" ? 0 : toLostNanoUsd(code);
    costNanoUsd += lostNanoUsd;
    const became = await jobs.putBack(held(job, lostNanoUsd), { code, waitMs, scope });
    if (became === "failed") done.failed++;
    else done.put_back++;
  }

  /** The picture's fault after all. */
  async function failUndecided(): Promise<void> {
    const failed = undecided;
    undecided = [];
    for (const { job, error: { code, message } } of failed) {
      const lostNanoUsd = toLostNanoUsd(code);
      costNanoUsd += lostNanoUsd;
      await jobs.fail(held(job, lostNanoUsd), { code, message, isFinal: false });
      done.failed++;
    }
  }

  async function putUndecidedBack(): Promise<void> {
    const back = undecided;
    undecided = [];
    for (const { job, error } of back) {
      await putBack(job, error.code, OUTAGE_WAIT_MS, "job");
    }
  }

  async function carryOut(
    consequence: Consequence,
    job: Job,
    error: SemanticAnalysisError,
  ) {
    const { code, message } = error;
    switch (consequence.kind) {
      case "reject":
        done.failed++;
        return await jobs.fail(held(job), { code, message, isFinal: true });
      case "owner_waits":
        return await putBack(job, code, consequence.waitMs, "owner");
      case "slow_down":
        width = Math.floor(width / 2);
        if (width === 0) end("stopped", consequence.waitMs);
        return await putBack(
          job,
          code,
          consequence.waitMs,
          width === 0 ? "all" : "job",
        );
      case "stop":
        end(consequence.isBudget ? "budget" : "stopped", consequence.waitMs);
        return await putBack(job, code, consequence.waitMs, "all");
      case "absent":
        absent++;
        if (absent >= OUTAGE_FAILURES) end("stopped", ABSENT_WAIT_MS);
        return await putBack(job, code, ABSENT_WAIT_MS, "job");
      case "lost":
        lost++;
        if (lost >= OUTAGE_FAILURES * lanes) end("stopped", OUTAGE_WAIT_MS);
        return await putBack(job, code, LOST_WAIT_MS, "worker");
      case "unsure":
        undecided.push({ job, error });
        if (undecided.length < OUTAGE_FAILURES) return;
        end("stopped", OUTAGE_WAIT_MS);
        return await putUndecidedBack();
    }
  }

  async function analyseNext(job: Job): Promise<void> {
    let answer: AnalysisResponseBody;
    try {
      answer = await options.analyse(job, options.totalMs - (now() - startMs));
    } catch (error) {
      if (!(error instanceof SemanticAnalysisError)) throw error;
      return await carryOut(toConsequence(error, job.ownerId !== null), job, error);
    }
    const jobCostNanoUsd = toCostNanoUsd(answer, ceilingNanoUsd);
    costNanoUsd += jobCostNanoUsd;
    const row = {
      ...toVisualAnalysisRow(answer),
      llama_analysis_prompt_hash: options.promptVersion,
    };
    const outcome = await jobs.finish(held(job, jobCostNanoUsd), row, answer);
    absent = 0;
    lost = 0;
    // The application's own table refused the row.
    if (outcome === "failed") done.failed++;
    else done.analysed++;
    if (answer.cached) done.known++;
    else await failUndecided();
  }

  async function workSuspects(): Promise<void> {
    while (!isOver()) {
      const [job] = await claim(true);
      if (!job) return;
      begun++;
      await analyseNext(job);
    }
  }

  async function runLane(lane: number): Promise<void> {
    while (lane < width) {
      const job = await next();
      if (job === null) return;
      await analyseNext(job);
    }
  }

  async function noteFailure(working: Promise<void>): Promise<void> {
    try {
      await working;
    } catch (error) {
      // The other lanes end what they are doing: it is paid for.
      failure ??= { error };
      end("stopped");
    }
  }

  await noteFailure(workSuspects());
  lanes = options.concurrency;
  await Promise.all(
    Array.from({ length: lanes }, (_, lane) => noteFailure(runLane(lane))),
  );
  if (failure !== null) throw (failure as { error: unknown }).error;
  await putUndecidedBack();
  for (const job of claimed) await putBack(job, "NOT_BEGUN", 0, "job");
  claimed = [];
  return {
    ended: ended ?? "stopped",
    ...done,
    cost_usd: costNanoUsd / 1e9,
    retry_after_ms: retryAfterMs,
  };
}

type PutBackScope = Parameters<Jobs["putBack"]>[1]["scope"];

/** What is not told may have been as much as it can be. */
function toCostNanoUsd(
  { usage }: AnalysisResponseBody,
  ceilingNanoUsd: number,
): number {
  return usage.cost_usd === null ? ceilingNanoUsd : Math.round(usage.cost_usd * 1e9);
}
