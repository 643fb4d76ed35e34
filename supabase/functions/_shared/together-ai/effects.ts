/** The outside effects of the client; every one can be replaced in a test. */
export interface Effects {
  fetch: typeof fetch;
  /** Epoch milliseconds. */
  now: () => number;
  /** Resolves after `ms`; when the signal aborts, rejects with its reason and frees its timer. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Uniform in [0, 1). */
  random: () => number;
}

/** The real ones, but for those that are given. */
export function toEffects(effects: Partial<Effects> = {}): Effects {
  return {
    fetch: globalThis.fetch,
    now: Date.now,
    sleep,
    random: Math.random,
    ...effects,
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
