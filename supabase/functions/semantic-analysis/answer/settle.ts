import type { RunInBackground } from "../../_shared/platform/background.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import type { Log } from "../../_shared/platform/log.ts";
import type { RateLimiter, Settlement } from "../../_shared/platform/limits/rate-limiter.ts";

/** What settles a request after its response. */
export interface SettleDependencies {
  rateLimiter: Pick<RateLimiter, "settle">;
  runInBackground: RunInBackground;
  /** Resolves after `ms`, or when the signal aborts. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  log: Log;
}

/** Waits before each try, in milliseconds. What is never settled is repaired by its expiry. */
const SETTLE_WAITS_MS = [0, 500, 2_000, 5_000];

/** A reservation that we gave up on is decided within the database's own time limit, or never. */
const RELEASE_WAITS_MS = [0, 2_000, 5_000];

/**
 * Settles after the answer, which never waits for it; again where the database doesn't answer. What it
 * never takes is in the log: the ledger has no row of it, and what was taken in advance stays taken.
 */
export function settleInBackground(
  settlement: Settlement,
  { rateLimiter, runInBackground, sleep, log }: SettleDependencies,
): void {
  const settle = async () => {
    const failure = await tryAgain(SETTLE_WAITS_MS, sleep, async () => {
      await rateLimiter.settle(settlement);
      return true;
    });
    if (failure === null) return;
    log.error("settle_failed", { request_id: settlement.id, sqlstate: toSqlState(failure.error) });
  };
  runInBackground(settle);
}

/** Gives back what a reservation of unknown fate may have taken, whenever it turns out to be held. */
export function releaseInBackground(
  settlement: Settlement,
  { rateLimiter, runInBackground, sleep }: SettleDependencies,
): void {
  runInBackground(() => tryAgain(RELEASE_WAITS_MS, sleep, () => rateLimiter.settle(settlement)));
}

/** @returns null once an attempt has come true; what the last one failed with when none has. */
async function tryAgain(
  waitsMs: readonly number[],
  sleep: SettleDependencies["sleep"],
  attempt: () => Promise<boolean>,
): Promise<{ error: unknown } | null> {
  let error: unknown = null;
  for (const waitMs of waitsMs) {
    if (waitMs > 0) await sleep(waitMs);
    try {
      if (await attempt()) return null;
    } catch (failure) {
      error = failure;
    }
  }
  return { error };
}

/** The database's code alone: its words may quote what it was given. */
function toSqlState(error: unknown): string | null {
  const cause = error instanceof ApiError ? error.cause as { code?: unknown } | undefined : null;
  return typeof cause?.code === "string" ? cause.code : null;
}
