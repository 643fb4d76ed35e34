/** How fast a body has to arrive, as a leaky bucket: what has arrived pays for the time to come. */
export interface Pace {
  /** Counts bytes that have arrived. */
  add(byteCount: number, nowMs: number): void;
  /** Forgives what was not the sender's fault, such as waiting for memory. */
  restart(nowMs: number): void;
  /** Whether the sender keeps up. */
  isKept(nowMs: number): boolean;
}

/** The least pace, and what a sender is forgiven. */
export interface PaceOptions {
  bytesPerSecond: number;
  /** How long a sender may be silent that has kept up so far. */
  graceMs: number;
  /** When the time begins to count; a sender has to send something before it keeps up if null. */
  startMs: number | null;
}

/** Starts to count. The sender keeps up while what has arrived pays for the time that has passed. */
export function createPace({ bytesPerSecond, graceMs, startMs }: PaceOptions): Pace {
  let paidUntilMs = startMs === null ? null : startMs + graceMs;
  return {
    add(byteCount, nowMs) {
      const paidMs = byteCount / bytesPerSecond * 1000;
      paidUntilMs = Math.min(nowMs + graceMs, (paidUntilMs ?? nowMs) + paidMs);
    },
    restart(nowMs) {
      paidUntilMs = nowMs + graceMs;
    },
    isKept: (nowMs) => paidUntilMs !== null && nowMs <= paidUntilMs,
  };
}
