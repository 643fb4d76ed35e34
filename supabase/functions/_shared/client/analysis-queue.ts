/**
 * Many pictures, one after the other, within the caller's limits. The queue starts as many at a time as
 * the caller may have under way, and pauses when the function says so: after a denial, or where the
 * function is busy, `Retry-After` is waited out and the same picture tried again; after an analysis
 * that took the last unit of the minute the next one waits for a new unit. A denial takes nothing from
 * any limit.
 */

import { analysePicture } from "./analyse-picture.ts";
import type { AnalysePictureOptions } from "./call/call-options.ts";
import type { FunctionsClient } from "./call/invoke-analysis.ts";
import { callError } from "./call/read-error.ts";
import type { AnalysisResponseBody } from "./contract.ts";
import { SemanticAnalysisError } from "./errors.ts";
import {
  type AnalysisRequest,
  type PictureSource,
  toAnalysisRequest,
  withPrepared,
} from "./picture/picture-source.ts";

/** Pictures of a queue by what has become of them. */
export interface QueueProgress {
  waiting: number;
  running: number;
  done: number;
  failed: number;
  /** How long nothing is started from now on; 0 while the queue does not pause. */
  pauseMs: number;
}

/** For `createAnalysisQueue`. */
export interface AnalysisQueueOptions {
  /** Most pictures at a time. Default 4, which is what the function allows by default. */
  concurrency?: number | undefined;
  /** A longer wait than this is not waited for: all that waits fails with the error. Default 120,000. */
  maxWaitMs?: number | undefined;
  /** Called after every change. */
  onProgress?: ((progress: QueueProgress) => void) | undefined;
  /** Resolves after the time, or when the signal aborts. For tests; default by `setTimeout`. */
  sleep?: ((durationMs: number, signal: AbortSignal) => Promise<void>) | undefined;
}

/** A queue of pictures to analyse. */
export interface AnalysisQueue {
  /**
   * Analyses a picture when its turn comes: in the order of the calls. `timeoutMs` starts with the call
   * of the function, not with the waiting.
   *
   * @throws {SemanticAnalysisError} as `analysePicture` does; one picture's error ends no other's.
   */
  add(
    picture: PictureSource | AnalysisRequest,
    options?: AnalysePictureOptions,
  ): Promise<AnalysisResponseBody>;
  readonly progress: QueueProgress;
  /** Ends all that waits or runs, with ABORTED. What is added later is analysed. */
  cancel(): void;
}

/** Errors that say "later" without having looked at the picture. */
const RETRIED_CODES = [
  "RATE_LIMITED",
  "PLATFORM_RATE_LIMITED",
  "UPSTREAM_RATE_LIMITED",
  "RATE_LIMITER_UNAVAILABLE",
  "OVERLOADED",
];

/** Of one picture. Others may use the same limits, so a wait promises nothing. */
const MAX_ATTEMPTS = 10;

interface Item {
  request: AnalysisRequest;
  options: AnalysePictureOptions;
  attempts: number;
  controller: AbortController;
  resolve(analysis: AnalysisResponseBody): void;
  /** Counts as failed, and leaves the queue. */
  fail(error: unknown): void;
}

/**
 * Makes a queue for the pictures of one caller.
 *
 * @example
 * ```ts
 * import { createClient } from "@supabase/supabase-js";
 *
 * const supabase = createClient("https://<ref>.supabase.co", "sb_publishable_…");
 *
 * export async function analyseAll(files: File[]): Promise<string[]> {
 *   const queue = createAnalysisQueue(supabase, {
 *     onProgress: ({ done, waiting }) => console.log(`${done} done, ${waiting} to go`),
 *   });
 *   const analyses = await Promise.allSettled(files.map((file) => queue.add(file)));
 *   return analyses.flatMap((each) => each.status === "fulfilled" ? [each.value.analysis] : []);
 * }
 * ```
 */
export function createAnalysisQueue(
  client: FunctionsClient,
  { concurrency = 4, maxWaitMs = 120_000, onProgress, sleep = defaultSleep }: AnalysisQueueOptions =
    {},
): AnalysisQueue {
  const waiting: Item[] = [];
  const running = new Set<Item>();
  const pauses = new Set<{ durationMs: number }>();
  let pausesEnd = new AbortController();
  let [most, done, failed] = [concurrency, 0, 0];

  const takeProgress = (): QueueProgress => ({
    waiting: waiting.length,
    running: running.size,
    done,
    failed,
    pauseMs: Math.max(0, ...[...pauses].map(({ durationMs }) => durationMs)),
  });

  const startNext = () => {
    while (pauses.size === 0 && running.size < most && waiting.length > 0) {
      const item = waiting.shift()!;
      running.add(item);
      run(item);
    }
    onProgress?.(takeProgress());
  };

  const pause = (durationMs: number) => {
    const pause = { durationMs };
    pauses.add(pause);
    sleep(durationMs, pausesEnd.signal).then(() => {
      pauses.delete(pause);
      startNext();
    });
  };

  const run = async (item: Item) => {
    item.attempts++;
    const { onPrepared, onHeaders } = item.options;
    try {
      const analysis = await analysePicture(client, item.request, {
        ...item.options,
        signal: item.controller.signal,
        onPrepared: (prepared) => {
          // A denied picture is not prepared again.
          item.request = withPrepared(item.request, prepared);
          item.options = { ...item.options, prepare: false };
          onPrepared?.(prepared);
        },
        onHeaders: (headers) => {
          const unitMs = toUnitMs(headers);
          if (unitMs !== null) pause(unitMs);
          onHeaders?.(headers);
        },
      });
      running.delete(item);
      done++;
      item.resolve(analysis);
    } catch (error) {
      running.delete(item);
      retryOrFail(item, error);
    }
    startNext();
  };

  const retryOrFail = (item: Item, error: unknown) => {
    const waitMs = toWaitMs(error);
    if (waitMs === null || item.attempts >= MAX_ATTEMPTS || item.controller.signal.aborted) {
      item.fail(error);
    } else if (waitMs > maxWaitMs) {
      for (const each of [item, ...waiting]) each.fail(error);
    } else {
      const { details } = error as SemanticAnalysisError;
      if (details?.limit === "concurrent") most = Math.max(1, Math.min(most, running.size));
      waiting.unshift(item);
      pause(waitMs);
    }
  };

  const add: AnalysisQueue["add"] = (picture, options = {}) =>
    new Promise((resolve, reject) => {
      const { signal } = options;
      const controller = new AbortController();
      const onAbort = () => {
        controller.abort(signal?.reason);
        // A running one fails by its call.
        if (waiting.includes(item)) item.fail(toAborted(signal?.reason));
        onProgress?.(takeProgress());
      };
      const item: Item = {
        request: toAnalysisRequest(picture),
        options,
        attempts: 0,
        controller,
        resolve: (analysis) => {
          signal?.removeEventListener("abort", onAbort);
          resolve(analysis);
        },
        fail: (error) => {
          signal?.removeEventListener("abort", onAbort);
          const index = waiting.indexOf(item);
          if (index >= 0) waiting.splice(index, 1);
          failed++;
          reject(error);
        },
      };
      waiting.push(item);
      signal?.addEventListener("abort", onAbort, { once: true });
      if (signal?.aborted) onAbort();
      else startNext();
    });

  return {
    add,
    get progress() {
      return takeProgress();
    },
    cancel() {
      for (const item of [...waiting]) item.fail(toAborted("The queue was cancelled"));
      for (const { controller } of running) controller.abort("The queue was cancelled");
      pausesEnd.abort();
      pausesEnd = new AbortController();
    },
  };
}

/** How long to wait before another try of the same picture; null for an error that is final. */
function toWaitMs(error: unknown): number | null {
  return error instanceof SemanticAnalysisError && RETRIED_CODES.includes(error.code)
    ? error.retryAfterMs
    : null;
}

/** After the last unit of the minute: how long until there is a new one. null while some are left. */
function toUnitMs(headers: Headers): number | null {
  const isUsedUp = /"minute";r=0\b/.test(headers.get("ratelimit") ?? "");
  const policy = /"minute";q=(\d+);w=(\d+)/.exec(headers.get("ratelimit-policy") ?? "");
  return isUsedUp && policy ? Number(policy[2]) * 1000 / Number(policy[1]) : null;
}

function toAborted(cause: unknown): SemanticAnalysisError {
  return callError("ABORTED", "The call was aborted by its caller", { cause });
}

function defaultSleep(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal.addEventListener("abort", end);
  });
}
