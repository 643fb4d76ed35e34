/** The semantics of leases as a page of TypeScript: what a claim takes, and who may end what. */

export type Worker = 1 | 2 | 3;

/** A job as its row is; `dead`: its worker was killed. */
export type Job =
  | { state: "done" | "failed" }
  | { state: "waiting"; lostLeases: number }
  | { state: "running"; holder: Worker | "dead"; isExpired: boolean; lostLeases: number };

/** A step of a worker, or of time. */
export type Action =
  | { kind: "claim" | "claim_suspect" | "renew" | "crash"; worker: Worker }
  /** `lose`: the worker of semantic-analysis has ended without a word. */
  | { kind: "finish" | "lose"; worker: Worker; job: number }
  | { kind: "expire"; job: number };

/** Five workers in a row that end without a word fail a job. */
const MOST_LOST_LEASES = 5;

const workers: readonly Worker[] = [1, 2, 3];

/** All that can happen next. */
export function actionsIn(jobs: readonly Job[]): Action[] {
  return [
    ...workers.flatMap((worker): Action[] => [
      { kind: "claim", worker },
      { kind: "claim_suspect", worker },
      { kind: "renew", worker },
      { kind: "crash", worker },
      ...jobs.flatMap((_, job): Action[] => [
        { kind: "finish", worker, job },
        { kind: "lose", worker, job },
      ]),
    ]),
    ...jobs.flatMap((job, index): Action[] =>
      job.state === "running" && !job.isExpired ? [{ kind: "expire", job: index }] : []
    ),
  ];
}

/** The jobs after an action; an action that may not be changes nothing. */
export function act(jobs: readonly Job[], action: Action): Job[] {
  switch (action.kind) {
    case "claim":
      return claim(jobs, action.worker, (job) => job.state === "waiting" && job.lostLeases === 0);
    case "claim_suspect":
      // Two at once would be blamed for each other's end.
      return claim(jobs, action.worker, jobs.some(isRunningSuspect) ? () => false : isSuspect);
    case "lose":
      return jobs.map((job, index) =>
        index === action.job && isHeldBy(job, action.worker) ? lose(job) : job
      );
    case "renew":
      return jobs.map((job) => isHeldBy(job, action.worker) ? { ...job, isExpired: false } : job);
    case "crash":
      return jobs.map((job) => isHeldBy(job, action.worker) ? { ...job, holder: "dead" } : job);
    case "finish":
      return jobs.map((job, index) =>
        index === action.job && isHeldBy(job, action.worker) ? { state: "done" } : job
      );
    case "expire":
      return jobs.map((job, index) =>
        index === action.job && job.state === "running" ? { ...job, isExpired: true } : job
      );
  }
}

function claim(jobs: readonly Job[], worker: Worker, isWanted: (job: Job) => boolean): Job[] {
  const left = jobs.map((job): Job =>
    isExpired(job) && job.lostLeases + 1 >= MOST_LOST_LEASES ? { state: "failed" } : job
  );
  // In SQL the first is the one that has waited longest.
  const index = left.findIndex(isWanted);
  return left.map((job, place): Job => {
    if (place !== index || !("lostLeases" in job)) return job;
    const lostLeases = job.lostLeases + (isExpired(job) ? 1 : 0);
    return { state: "running", holder: worker, isExpired: false, lostLeases };
  });
}

function lose({ lostLeases }: Extract<Job, { state: "running" }>): Job {
  return lostLeases + 1 >= MOST_LOST_LEASES
    ? { state: "failed" }
    : { state: "waiting", lostLeases: lostLeases + 1 };
}

function isSuspect(job: Job): boolean {
  return isExpired(job) || (job.state === "waiting" && job.lostLeases > 0);
}

function isRunningSuspect(job: Job): boolean {
  return job.state === "running" && !job.isExpired && job.lostLeases > 0;
}

function isExpired(job: Job): job is Extract<Job, { state: "running" }> {
  return job.state === "running" && job.isExpired;
}

function isHeldBy(job: Job, worker: Worker): job is Extract<Job, { state: "running" }> {
  return job.state === "running" && job.holder === worker;
}

/** The same with workers numbered in the order in which they occur: they are alike. */
export function canonical(jobs: readonly Job[]): string {
  const numbers = new Map<Worker, number>();
  return jobs.map((job) => {
    if (job.state === "waiting") return `w${job.lostLeases}`;
    if (job.state !== "running") return job.state[0];
    const { holder, isExpired, lostLeases } = job;
    if (holder !== "dead" && !numbers.has(holder)) numbers.set(holder, numbers.size + 1);
    return `${holder === "dead" ? "x" : numbers.get(holder)}${isExpired ? "!" : ""}${lostLeases}`;
  }).join(" ");
}
