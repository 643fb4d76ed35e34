import type { AnalysisResponseBody } from "../../_shared/client/contract.ts";
import { toVisualAnalysisRow } from "../../_shared/client/visual-analysis-row.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import type { Job, Jobs } from "./jobs.ts";
import type { Failure, Run, WorkOptions } from "./run.ts";

/** How long a job waits, and what waits with it. */
type PutBack = Parameters<Jobs["putBack"]>[1];

/** Ends the jobs that a run holds, and adds each to what the run tells. */
export interface JobEnds {
  /**
   * The analysis is stored; one of a picture that changed meanwhile is an attempt that has failed.
   *
   * @returns whether the application's own table refused it
   */
  finish(job: Job, answer: AnalysisResponseBody): Promise<{ isRefused: boolean }>;
  /** The picture can't be analysed: no other attempt. */
  reject(job: Job, failure: Failure): Promise<void>;
  /** An attempt has failed. */
  fail(job: Job, failure: Failure): Promise<void>;
  /** The job waits, without an attempt. */
  putBack(job: Job, putBack: PutBack): Promise<void>;
  /** Has all jobs wait, after one that has ended. */
  pauseAll(job: Job, pause: { code: string; waitMs: number }): Promise<void>;
}

/** Failures after which a model may have been asked, and its answer billed, without this function's knowing. */
const MAY_BE_BILLED = [
  ...["UPSTREAM_TIMEOUT", "UPSTREAM_INVALID_RESPONSE", "INTERNAL"],
  ...["NETWORK_ERROR", "PLATFORM_ERROR", "INVALID_RESPONSE", "TIMEOUT", "ABORTED"],
];

/** How often an end is told again, and after how long. */
const MAX_RETRIES = 5;
const RETRY_MS = 1_000;

/** @throws {ApiError} as the functions of `Jobs`, from each function. */
export function createJobEnds(
  { jobs, holder, ceilingNanoUsd, promptVersion, pause }: WorkOptions,
  run: Run,
): JobEnds {
  /**
   * Tells an end again where the database doesn't answer and time is left: it may be restarting, and the
   * analysis is paid for. Telling it twice changes nothing; one that is not told is free after its lease.
   */
  async function tell<T>(end: () => Promise<T>): Promise<T> {
    for (let retry = 0;; retry++) {
      try {
        return await end();
      } catch (error) {
        const isDown = error instanceof ApiError && error.code === "UPSTREAM_UNAVAILABLE";
        if (!isDown || retry === MAX_RETRIES || run.leftMs() <= RETRY_MS) throw error;
        await pause(RETRY_MS);
      }
    }
  }

  /** The hold on a job, with what its analysis cost. */
  function charge({ id }: Job, costNanoUsd: number) {
    run.costNanoUsd += costNanoUsd;
    return { id, holder, costNanoUsd };
  }

  /** What an analysis without an answer may have been billed. */
  const toLostNanoUsd = (code: string) => MAY_BE_BILLED.includes(code) ? ceilingNanoUsd : 0;

  return {
    async finish(job, answer) {
      const held = charge(job, toCostNanoUsd(answer, ceilingNanoUsd));
      const changed = answer.warnings.find(({ code }) => code === "IMAGE_CHANGED");
      if (changed) {
        // The answer is of a picture that is no longer there.
        await tell(() => jobs.fail(held, { ...changed, isFinal: false }));
        run.done.failed++;
        return { isRefused: false };
      }
      const row = { ...toVisualAnalysisRow(answer), llama_analysis_prompt_hash: promptVersion };
      const outcome = await tell(() => jobs.finish(held, row, answer));
      const isRefused = outcome === "failed";
      run.done[isRefused ? "failed" : "analysed"]++;
      if (answer.cached && !isRefused) run.done.known++;
      return { isRefused };
    },

    async reject(job, { code, message }) {
      run.done.failed++;
      const held = charge(job, 0);
      await tell(() => jobs.fail(held, { code, message, isFinal: true }));
    },

    async fail(job, { code, message }) {
      const held = charge(job, toLostNanoUsd(code));
      await tell(() => jobs.fail(held, { code, message, isFinal: false }));
      run.done.failed++;
    },

    async putBack(job, putBack) {
      // A platform's error that ends no worker was told before a model could be asked.
      const wasBegun = putBack.scope !== "job" || putBack.code !== "PLATFORM_ERROR";
      const held = charge(job, wasBegun ? toLostNanoUsd(putBack.code) : 0);
      const became = await tell(() => jobs.putBack(held, putBack));
      run.done[became === "failed" ? "failed" : "put_back"]++;
    },

    async pauseAll({ id }, pause) {
      await tell(() => jobs.putBack({ id, holder, costNanoUsd: 0 }, { ...pause, scope: "outage" }));
    },
  };
}

/** What is not told may have been as much as it can be. */
function toCostNanoUsd(
  { usage }: AnalysisResponseBody,
  ceilingNanoUsd: number,
): number {
  return usage.cost_usd === null ? ceilingNanoUsd : Math.round(usage.cost_usd * 1e9);
}
