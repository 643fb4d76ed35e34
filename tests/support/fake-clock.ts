/** Virtual time: nothing waits, and a test says how long something would have taken. */

interface Timer {
  dueAtMs: number;
  end: () => void;
}

/** A clock that stands still until everything waits for it. */
export interface FakeClock {
  now: () => number;
  /** Resolves when virtual time reaches it; rejects with the signal's reason when that aborts. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Calls `end` when virtual time reaches it, unless what it returns is called before. */
  startTimer: (ms: number, end: () => void) => () => void;
  /** Lets time pass whenever everything waits for it, until the promise settles. */
  run: <T>(promise: Promise<T>) => Promise<T>;
  /** Timers that were not cancelled. */
  pendingTimers: () => number;
}

/** A clock that begins at `startMs`, in milliseconds since 1970. */
export function createFakeClock(startMs = Date.UTC(2026, 10, 23)): FakeClock {
  let nowMs = startMs;
  const timers = new Set<Timer>();

  const startTimer = (ms: number, end: () => void) => {
    const timer: Timer = { dueAtMs: nowMs + ms, end };
    timers.add(timer);
    return () => void timers.delete(timer);
  };

  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = startTimer(ms, resolve);
      signal?.addEventListener("abort", () => {
        stop();
        reject(signal.reason);
      }, { once: true });
    });

  async function run<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    promise.then(() => isSettled = true, () => isSettled = true);
    for (let idleTurns = 0;;) {
      await letEverythingRun();
      if (isSettled) return promise;
      const next = [...timers].sort((a, b) => a.dueAtMs - b.dueAtMs)[0];
      if (next === undefined) {
        // What runs on another thread, such as WebCrypto, may take longer on a busy machine.
        if (++idleTurns < MAX_IDLE_TURNS) continue;
        throw new Error("Nothing is left to wait for, and nothing settled");
      }
      idleTurns = 0;
      nowMs = Math.max(nowMs, next.dueAtMs);
      timers.delete(next);
      next.end();
    }
  }

  return { now: () => nowMs, sleep, startTimer, run, pendingTimers: () => timers.size };
}

/** Turns of the event loop without a timer before a promise is given up. */
const MAX_IDLE_TURNS = 10_000;

/** Macrotasks, so that every promise that can go on has gone on. */
async function letEverythingRun(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}
