/**
 * A failure that may be the picture's or the provider's is not decided at once. If an analysis succeeds
 * after it, it was the picture's, and counts as an attempt; if three fail in a row, the provider is down,
 * and the run ends without an attempt for any of them. So it does where a table takes no analysis: the next
 * ones would be paid for in vain. A user chooses the pictures of their own jobs, so all failures of one user
 * are one of these: where three are, that user's jobs wait, and the run goes on.
 */

import type { SemanticAnalysisError } from "../../_shared/client/errors.ts";
import { toConsequence } from "./consequence.ts";
import type { JobEnds } from "./job-ends.ts";
import type { Job } from "./jobs.ts";
import type { Failure, Run } from "./run.ts";

/** Carries out what a failed analysis means. */
export interface Failures {
  /** @param lanes Jobs that one worker's end can have failed at once. */
  take(job: Job, error: SemanticAnalysisError, lanes: number): Promise<void>;
  /**
   * An analysis has succeeded: what failed undecided before it was the pictures' fault.
   *
   * @param isRefused The application's own table did not take it.
   */
  takeSuccess(job: Job, answer: { cached: boolean }, isRefused: boolean): Promise<void>;
  /** Nothing comes any more that could decide. */
  finish(): Promise<void>;
}

/** So many failures in a row are the provider's, or semantic-analysis's; or of one user, that user's. */
const OUTAGE_FAILURES = 3;

/** An outage of a second is over by then, and one of an hour is not worth asking about more often. */
const OUTAGE_WAIT_MS = 30_000;
const ABSENT_WAIT_MS = 2_000;

/**
 * The lease of a request whose worker has ended: until then the same picture would wait for its answer,
 * in vain.
 */
const LOST_WAIT_MS = 90_000;

/** The code is that of the jobs, whose own errors say what is wrong with a row. */
const NOT_STORED: Failure = {
  code: "NOT_STORED",
  message: "material_visual_analysis takes none of the last analyses, each of which was paid for",
};

/** A job that failed, and with what. */
interface Undecided {
  job: Job;
  error: SemanticAnalysisError;
}

/** All of one user count as one. */
function countIndependent(failed: readonly Undecided[]): number {
  return new Set(failed.map(({ job }) => job.ownerId ?? job.id)).size;
}

/** @throws {ApiError} as those of `JobEnds`, from each function. */
export function createFailures(ends: JobEnds, run: Run): Failures {
  let undecided: Undecided[] = [];
  let isOutage = false;
  const inARow = { absent: 0, lost: 0, refused: 0 };

  function takeUndecided(isTaken: (each: Undecided) => boolean = () => true) {
    const taken = undecided.filter(isTaken);
    undecided = undecided.filter((each) => !isTaken(each));
    return taken;
  }

  /** @param scope Of the last of them. */
  async function putBack(
    taken: readonly Undecided[],
    scope: "job" | "owner" | "outage",
  ): Promise<void> {
    for (const [index, { job, error: { code } }] of taken.entries()) {
      await ends.putBack(job, {
        code,
        waitMs: OUTAGE_WAIT_MS,
        scope: index === taken.length - 1 ? scope : "job",
      });
    }
  }

  /** The failures of a user, where they are too many. */
  function takeOwners(owner: string | null): Undecided[] {
    const isOwners = ({ job }: Undecided) => job.ownerId === owner;
    if (owner === null || undecided.filter(isOwners).length < OUTAGE_FAILURES) return [];
    return takeUndecided(isOwners);
  }

  return {
    async take(job, error, lanes) {
      const { code } = error;
      const consequence = toConsequence(error, job.ownerId !== null);
      switch (consequence.kind) {
        case "reject":
          return await ends.reject(job, error);
        case "owner_waits":
          return await ends.putBack(job, { code, waitMs: consequence.waitMs, scope: "owner" });
        case "slow_down": {
          const { waitMs } = consequence;
          run.width = Math.floor(run.width / 2);
          if (run.width === 0) run.end("stopped", waitMs, error);
          return await ends.putBack(job, { code, waitMs, scope: run.width === 0 ? "all" : "job" });
        }
        case "stop":
          run.end(consequence.isBudget ? "budget" : "stopped", consequence.waitMs, error);
          return await ends.putBack(job, { code, waitMs: consequence.waitMs, scope: "all" });
        case "absent":
          inARow.absent++;
          if (inARow.absent >= OUTAGE_FAILURES) run.end("stopped", ABSENT_WAIT_MS, error);
          return await ends.putBack(job, { code, waitMs: ABSENT_WAIT_MS, scope: "job" });
        case "lost":
          inARow.lost++;
          await ends.putBack(job, { code, waitMs: LOST_WAIT_MS, scope: "worker" });
          if (inARow.lost < OUTAGE_FAILURES * lanes || isOutage) return;
          // Each of them may be billed.
          isOutage = true;
          run.end("stopped", OUTAGE_WAIT_MS, error);
          return await ends.pauseAll(job, { code, waitMs: OUTAGE_WAIT_MS });
        case "unsure": {
          undecided.push({ job, error });
          const owners = takeOwners(job.ownerId);
          if (countIndependent(undecided) < OUTAGE_FAILURES) return await putBack(owners, "owner");
          // What was under way beside them is of the same outage.
          const scope = isOutage ? "job" : "outage";
          isOutage = true;
          run.end("stopped", OUTAGE_WAIT_MS, error);
          return await putBack(takeUndecided(), scope);
        }
      }
    },

    async takeSuccess(job, { cached }, isRefused) {
      Object.assign(inARow, { absent: 0, lost: 0 });
      inARow.refused = isRefused ? inARow.refused + 1 : 0;
      if (inARow.refused === OUTAGE_FAILURES) {
        run.end("stopped", OUTAGE_WAIT_MS, NOT_STORED);
        await ends.pauseAll(job, { code: NOT_STORED.code, waitMs: OUTAGE_WAIT_MS });
      }
      // A cached answer tells nothing of the provider.
      if (cached) return;
      for (const { job, error } of takeUndecided()) await ends.fail(job, error);
    },

    finish: () => putBack(takeUndecided(), "job"),
  };
}
