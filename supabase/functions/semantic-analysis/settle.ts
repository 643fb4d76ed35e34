import type { RunInBackground } from "../_shared/background.ts";
import type { RateLimiter, Settlement } from "../_shared/rate-limiter.ts";

export interface SettleDependencies {
  rateLimiter: RateLimiter;
  runInBackground: RunInBackground;
  /** Resolves after `ms`, or when the signal aborts. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Waits before each try, in milliseconds. What is never settled is repaired by its expiry. */
const SETTLE_WAITS_MS = [0, 500, 2_000, 5_000];

/** A reservation that we gave up on is decided within the database's own time limit, or never. */
const RELEASE_WAITS_MS = [0, 2_000, 5_000];

/** Settles after the answer, which never waits for it; again where the database doesn't answer. */
export function settleInBackground(
  settlement: Settlement,
  { rateLimiter, runInBackground, sleep }: SettleDependencies,
): void {
  runInBackground(tryAgain(SETTLE_WAITS_MS, sleep, async () => {
    await rateLimiter.settle(settlement);
    return true;
  }));
}

/** Gives back what a reservation of unknown fate may have taken, whenever it turns out to be held. */
export function releaseInBackground(
  settlement: Settlement,
  { rateLimiter, runInBackground, sleep }: SettleDependencies,
): void {
  runInBackground(tryAgain(RELEASE_WAITS_MS, sleep, () => rateLimiter.settle(settlement)));
}

async function tryAgain(
  waitsMs: readonly number[],
  sleep: SettleDependencies["sleep"],
  attempt: () => Promise<boolean>,
): Promise<void> {
  for (const waitMs of waitsMs) {
    if (waitMs > 0) await sleep(waitMs);
    if (await attempt().catch(() => false)) return;
  }
}
