/**
 * The time limit of a call: the caller's own signal, or `timeoutMs`. The functions have a time limit
 * of their own; this one is a copy, because this folder is built into a package that stands alone.
 */

import type { SemanticAnalysisError } from "../errors.ts";
import type { AnalysePictureOptions } from "./call-options.ts";
import { callError } from "./read-error.ts";

/** The one signal of a call, and what is asked of it on the way. */
export interface CallSignal {
  signal: AbortSignal;
  /** Settles as the promise does, or rejects once the signal has aborted. @throws as `check` */
  race<T>(promise: Promise<T>): Promise<T>;
  /** @throws {SemanticAnalysisError} ABORTED or TIMEOUT, once the signal has aborted. */
  check(): void;
  /** What is left of `timeoutMs`; undefined without one. */
  remainingMs(): number | undefined;
  /** Removes the listener from the caller's signal and clears the timer. */
  release(): void;
}

/** A timer of a longer time ends at once, in every runtime. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Combines the signal and the time by hand: supabase-js (2.119.1) ignores its `timeout` beside a
 * signal that has aborted already, and awaits a session before it looks at a signal. Neither
 * `AbortSignal.any` nor `Promise.withResolvers` is in Node 20 and Safari 16 alike.
 */
export function createCallSignal(
  { signal, timeoutMs }: Pick<AnalysePictureOptions, "signal" | "timeoutMs">,
  functionName = "semantic-analysis",
): CallSignal {
  const controller = new AbortController();
  const startedAt = performance.now();
  let failure: SemanticAnalysisError | null = null;
  let reject: (error: SemanticAnalysisError) => void = () => {};
  const aborted = new Promise<never>((_, rejectAborted) => reject = rejectAborted);
  aborted.catch(() => {});
  const end = (error: SemanticAnalysisError) => {
    failure ??= error;
    reject(failure);
    controller.abort(failure);
  };
  const onAbort = () =>
    end(callError("ABORTED", "The call was aborted by its caller", { cause: signal?.reason }));
  const onTimeout = () =>
    end(callError("TIMEOUT", `${functionName} did not answer within ${timeoutMs} ms`));

  if (signal?.aborted) onAbort();
  else if (timeoutMs !== undefined && timeoutMs <= 0) onTimeout();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = timeoutMs === undefined || failure
    ? undefined
    : setTimeout(onTimeout, Math.min(timeoutMs, MAX_TIMER_MS));
  return {
    signal: controller.signal,
    race: (promise) => Promise.race([aborted, promise]),
    check() {
      if (failure) throw failure;
    },
    remainingMs: () => timeoutMs && Math.max(0, timeoutMs - (performance.now() - startedAt)),
    release() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

/** The options with what is left of their time, after a picture was prepared. */
export function withTimeLeft<Options extends Pick<AnalysePictureOptions, "timeoutMs">>(
  options: Options,
  call: CallSignal,
): Options {
  const timeoutMs = call.remainingMs();
  return timeoutMs === undefined ? options : { ...options, timeoutMs };
}
