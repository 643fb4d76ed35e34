import type { AnalysisResponseBody } from "../../_shared/client/contract.ts";
import type { Pause } from "../../_shared/platform/http/pause.ts";
import type { Job, Jobs } from "./jobs.ts";

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
  /** By then the last must have ended; a call of the database that is under way then is the last. */
  totalMs: number;
  /** Milliseconds on a monotonic clock. */
  now: () => number;
  pause: Pause;
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
  /** The failure that ended it; null where none did. */
  reason: Failure | null;
}

/** An error's code, and what it says. */
export interface Failure {
  code: string;
  message: string;
}

/** How far a run is, and whether it goes on. */
export interface Run {
  /** Jobs of it, by what became of them. */
  readonly done: Record<"analysed" | "known" | "failed" | "put_back", number>;
  costNanoUsd: number;
  /** Jobs that were begun. */
  begun: number;
  /** Jobs that are done at a time. */
  width: number;
  /**
   * Ends it. What is told is how it ended first, but where a failure came after its time was up; and the
   * longest wait.
   */
  end(how: WorkDone["ended"], waitMs?: number | null, failure?: Failure): void;
  /** Whether no further job may be begun. */
  isOver(): boolean;
  hasEnded(): boolean;
  /** Milliseconds until the last job must have ended. */
  leftMs: () => number;
  tell(): WorkDone;
}

/** With less time an analysis that is slow would be cut. */
const MIN_ANALYSIS_MS = 15_000;

/** Begins a run: its time counts from now. */
export function createRun(
  { concurrency, maxJobs, workMs, totalMs, now }: WorkOptions,
): Run {
  const startMs = now();
  let ended: WorkDone["ended"] | null = null;
  let retryAfterMs: number | null = null;
  let reason: Failure | null = null;

  const run: Run = {
    done: { analysed: 0, known: 0, failed: 0, put_back: 0 },
    costNanoUsd: 0,
    begun: 0,
    width: concurrency,

    end(how, waitMs = null, failure) {
      // What fails by timeouts fails when the time is up.
      if (failure && reason === null) {
        reason = { code: failure.code, message: failure.message };
        ended = how;
      }
      ended ??= how;
      if (waitMs !== null) retryAfterMs = Math.max(retryAfterMs ?? 0, waitMs);
    },

    isOver() {
      if (now() - startMs >= workMs || run.leftMs() < MIN_ANALYSIS_MS) run.end("time");
      if (run.begun >= maxJobs) run.end("jobs");
      return run.hasEnded();
    },

    hasEnded: () => ended !== null,

    leftMs: () => totalMs - (now() - startMs),

    tell: () => ({
      ended: ended ?? "stopped",
      ...run.done,
      cost_usd: run.costNanoUsd / 1e9,
      retry_after_ms: retryAfterMs,
      reason,
    }),
  };
  return run;
}
