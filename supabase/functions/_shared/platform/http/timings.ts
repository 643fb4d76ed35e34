/** Durations of a request's phases, for `Server-Timing` and the log. */
export interface Timings {
  /** Runs a phase and adds its duration, whether it succeeds or throws. */
  measure<T>(phase: string, run: () => Promise<T>): Promise<T>;
  /** Milliseconds since the request began. */
  totalMs(): number;
  /** Phase → milliseconds, rounded to 0.1. */
  toRecord(): Record<string, number>;
}

/** @param now Milliseconds on any monotonic clock. */
export function createTimings(now: () => number): Timings {
  const startedAt = now();
  const phases = new Map<string, number>();
  return {
    async measure(phase, run) {
      const phaseStartedAt = now();
      try {
        return await run();
      } finally {
        phases.set(phase, (phases.get(phase) ?? 0) + now() - phaseStartedAt);
      }
    },
    totalMs: () => now() - startedAt,
    toRecord: () =>
      Object.fromEntries(
        [...phases, ["total", now() - startedAt] as const]
          .map(([phase, ms]) => [phase, Math.round(ms * 10) / 10]),
      ),
  };
}

/** https://www.w3.org/TR/server-timing/ */
export function toServerTiming(record: Record<string, number>): string {
  return Object.entries(record).map(([phase, ms]) => `${phase};dur=${ms}`).join(", ");
}
