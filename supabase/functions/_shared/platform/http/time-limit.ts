/** A bound on how long something may take. */
export interface TimeLimit {
  /** Aborts when the time is up, and when the caller's own signal does. */
  signal: AbortSignal;
  /** Whether it was the time that ended it. */
  isUp(): boolean;
  /** Frees the timer; to be called once the work is done. */
  stop(): void;
}

/** Calls `end` after `ms`, unless what it returns is called before. */
export type StartTimer = (ms: number, end: () => void) => () => void;

/** What ends the work before its time, and the clock. */
export interface TimeLimitOptions {
  /** The caller's: ends the work before its time. */
  signal?: AbortSignal | undefined;
  /** Default `startTimer`. */
  startTimer?: StartTimer | undefined;
}

/** By the worker's own clock. */
export const startTimer: StartTimer = (ms, end) => {
  const timer = setTimeout(end, ms);
  return () => clearTimeout(timer);
};

/**
 * Starts a time limit. `AbortSignal.timeout` can't be stopped: each would make an exception later, and
 * keep its timer until then.
 */
export function startTimeLimit(timeoutMs: number, options: TimeLimitOptions = {}): TimeLimit {
  const { signal: callerSignal, startTimer: start = startTimer } = options;
  const timeUp = new AbortController();
  const stop = start(Math.max(0, timeoutMs), () => {
    timeUp.abort(new DOMException("The time is up", "TimeoutError"));
  });
  return {
    signal: callerSignal ? AbortSignal.any([callerSignal, timeUp.signal]) : timeUp.signal,
    isUp: () => timeUp.signal.aborted,
    stop,
  };
}
