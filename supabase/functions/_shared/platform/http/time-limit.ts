import { pause } from "./pause.ts";

/** A bound on how long something may take. */
export interface TimeLimit {
  /** Aborts when the time is up, and when the caller's own signal does. */
  signal: AbortSignal;
  /** Whether it was the time that ended it. */
  isUp(): boolean;
  /** Frees the timer; to be called once the work is done. */
  stop(): void;
}

/** What ends the work before its time, and the clock. */
export interface TimeLimitOptions {
  /** The caller's: ends the work before its time. */
  signal?: AbortSignal | undefined;
  /** Resolves after `ms`, or when the signal aborts. */
  pause?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

/**
 * Starts a time limit. `AbortSignal.timeout` can't be stopped: each would make an exception later, and
 * keep its timer until then.
 */
export function startTimeLimit(timeoutMs: number, options: TimeLimitOptions = {}): TimeLimit {
  const { signal: callerSignal, pause: wait = pause } = options;
  const stopped = new AbortController();
  const timeUp = new AbortController();
  const end = async () => {
    await wait(Math.max(0, timeoutMs), stopped.signal);
    if (stopped.signal.aborted) return;
    timeUp.abort(new DOMException("The time is up", "TimeoutError"));
  };
  // A given `pause` may reject when its signal aborts.
  end().catch(() => {});
  return {
    signal: callerSignal ? AbortSignal.any([callerSignal, timeUp.signal]) : timeUp.signal,
    isUp: () => timeUp.signal.aborted,
    // With no reason given, it would be an exception that gathers its stack.
    stop: () => stopped.abort("stopped"),
  };
}
