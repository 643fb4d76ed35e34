/** A `pause`, by whichever clock. */
export type Pause = typeof pause;

/** Resolves after `ms`, or at once when the signal aborts; never rejects, leaves no timer and no listener. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}
