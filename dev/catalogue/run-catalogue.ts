/** A whole run: enqueue, quote, accept, and call the function until all is done or nothing may be spent. */
import type { Quote } from "../../supabase/functions/analyse-catalogue/routes/quote.ts";
import type { Failure, WorkDone } from "../../supabase/functions/analyse-catalogue/jobs/run.ts";
import {
  type Pause,
  pause as pauseByTimer,
} from "../../supabase/functions/_shared/platform/http/pause.ts";
import type { CatalogueProgress } from "./catalogue-progress.ts";
import type { AcceptedQuote, CatalogueProject, MaterialChoice } from "./project.ts";
import { CatalogueError } from "./project-address.ts";
import { type Offer, quoteChoice } from "./quote-choice.ts";

/** How a run is to be made. */
export interface RunOptions {
  project: CatalogueProject;
  choice: MaterialChoice;
  budgetUsd?: number;
  /** Without an answer of true nothing is spent. */
  accept: (offer: Offer) => Promise<boolean> | boolean;
  /** Told how it gets on, about once a second. */
  onProgress: (progress: CatalogueProgress, quote: AcceptedQuote) => void;
  /** Ends the run; what is under way ends by itself, and a later run goes on. */
  signal: AbortSignal;
  pause?: Pause;
}

/** How it ended. */
export interface RunResult {
  /** `stopped`: again and again, until an hour was waited without an analysis. */
  ended: "done" | "budget" | "stopped" | "interrupted" | "declined" | "nothing";
  quote: Quote | null;
  run: string | null;
  analysed: number;
  known: number;
  failed: number;
  spent_usd: number;
  left: number;
  /** The failure that stopped its last call; null where none did. */
  reason: Failure | null;
}

const PROGRESS_EVERY_MS = 1_000;

/** A pause that no run has asked for is looked at again after this. */
const PAUSED_WAIT_MS = 15_000;

/** Jobs that wait for another attempt are due within minutes. */
const IDLE_WAIT_MS = 10_000;

/** What an outage or a limit may have a run wait in all, between two analyses, before it is given up. */
const MOST_STOPPED_MS = 3_600_000;

/** Calls in a row that fail, with a pause between them, before a run is given up. */
const MOST_FAILURES = 5;
const FAILURE_WAIT_MS = 5_000;

/** @throws {CatalogueError} as the project's calls */
export async function runCatalogue(options: RunOptions): Promise<RunResult> {
  const { project, choice, budgetUsd, signal, pause = pauseByTimer } = options;
  const { limit } = choice;
  const offer = await quoteChoice(project, choice, signal);
  const { quote: offered, sample } = offer;
  const total = { analysed: 0, known: 0, failed: 0 };
  let reason: Failure | null = null;
  const end = (ended: RunResult["ended"], run: string | null, progress?: CatalogueProgress) => ({
    ended,
    quote: offered,
    run,
    ...total,
    spent_usd: progress?.run?.spent_usd ?? 0,
    reason,
    left: progress ? progress.waiting + progress.running + progress.stranded : offered.jobs,
  });
  if (signal.aborted) return end("interrupted", null);
  if (offered.jobs === 0) return end("nothing", null);
  if (!await options.accept(offer)) return end("declined", null);
  await project.enqueue(choice);
  const quote = await project.acceptQuote({
    ...(budgetUsd && { budgetUsd }),
    ...(limit && { limit }),
    sample,
  });
  const { run } = quote;
  const watched = watch(options, quote);
  let failures = 0;
  let stoppedMs = 0;
  try {
    while (!signal.aborted) {
      try {
        const done = await project.work(run, signal);
        total.analysed += done.analysed;
        total.known += done.known;
        total.failed += done.failed;
        // A run that was told to wait by the one before was stopped by the same.
        if (done.ended !== "paused") reason = done.reason;
        const progress = await project.readProgress({ run });
        options.onProgress(progress, quote);
        const left = progress.waiting + progress.running + progress.stranded;
        if (left === 0 || progress.run?.jobs_left === 0) return end("done", run, progress);
        if (done.ended === "budget") return end("budget", run, progress);
        failures = 0;
        const waitMs = toWaitMs(done);
        const isStopped = done.retry_after_ms !== null &&
          ["stopped", "paused"].includes(done.ended);
        stoppedMs = done.analysed > 0 ? 0 : stoppedMs + (isStopped ? waitMs : 0);
        if (stoppedMs > MOST_STOPPED_MS) return end("stopped", run, progress);
        if (waitMs > 0) await pause(waitMs, signal);
      } catch (error) {
        const isPassing = error instanceof CatalogueError && error.isPassing;
        if (signal.aborted || !isPassing || ++failures === MOST_FAILURES) throw error;
        // A worker that was ended, a gateway: what it had claimed is done again.
        await pause(FAILURE_WAIT_MS, signal);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await watched.stop();
  }
  return end("interrupted", run, await project.readProgress({ run }));
}

/** How long to wait before the next call. */
function toWaitMs({ ended, retry_after_ms: toldMs }: WorkDone): number {
  if (ended === "idle") return toldMs ?? IDLE_WAIT_MS;
  return toldMs ?? (ended === "paused" ? PAUSED_WAIT_MS : 0);
}

/** Reads the progress while a call is under way. */
function watch({ project, onProgress, pause = pauseByTimer }: RunOptions, quote: AcceptedQuote) {
  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      const progress = await project.readProgress({ run: quote.run }).catch(() => null);
      if (progress && !stopped.signal.aborted) onProgress(progress, quote);
      await pause(PROGRESS_EVERY_MS, stopped.signal);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await watching;
    },
  };
}
