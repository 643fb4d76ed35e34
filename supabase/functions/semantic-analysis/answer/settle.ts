import type { RunInBackground } from "../../_shared/platform/background.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import type { Pause } from "../../_shared/platform/http/pause.ts";
import type { Log } from "../../_shared/platform/log.ts";
import type {
  AnsweredObject,
  RateLimiter,
  Settlement,
} from "../../_shared/platform/limits/rate-limiter.ts";
import { CHANGED } from "./open-picture.ts";

/** What settles a request after its response. */
export interface SettleDependencies {
  rateLimiter: Pick<RateLimiter, "settle">;
  runInBackground: RunInBackground;
  pause: Pause;
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
export function settleInBackground(settlement: Settlement, dependencies: SettleDependencies): void {
  const { rateLimiter } = dependencies;
  settleUntilTaken(
    settlement.id,
    SETTLE_WAITS_MS,
    dependencies,
    () => rateLimiter.settle(settlement),
  );
}

/**
 * Settles an answer about a picture in Storage, which waits for it: the same call tells whether the picture
 * has changed. Where the database doesn't answer, the rest follows in the background.
 *
 * @returns whether it is unchanged
 */
export async function settleStored(
  settlement: Settlement,
  object: AnsweredObject,
  dependencies: SettleDependencies & { rateLimiter: Pick<RateLimiter, "settleStored"> },
): Promise<boolean> {
  const settle = () => dependencies.rateLimiter.settleStored(settlement, object, CHANGED);
  try {
    return await settle();
  } catch {
    settleUntilTaken(settlement.id, SETTLE_WAITS_MS.slice(1), dependencies, settle);
    return object.isUnchanged;
  }
}

function settleUntilTaken(
  id: string,
  waitsMs: readonly number[],
  { runInBackground, pause, log }: Omit<SettleDependencies, "rateLimiter">,
  settle: () => Promise<boolean>,
): void {
  runInBackground(async () => {
    const failure = await tryAgain(waitsMs, pause, async () => {
      await settle();
      return true;
    });
    if (failure === null) return;
    log.error("settle_failed", { request_id: id, sqlstate: toSqlState(failure.error) });
  });
}

/** Gives back what a reservation of unknown fate may have taken, whenever it turns out to be held. */
export function releaseInBackground(
  settlement: Settlement,
  { rateLimiter, runInBackground, pause }: SettleDependencies,
): void {
  runInBackground(() => tryAgain(RELEASE_WAITS_MS, pause, () => rateLimiter.settle(settlement)));
}

/** @returns null once an attempt has come true; what the last one failed with when none has. */
async function tryAgain(
  waitsMs: readonly number[],
  pause: Pause,
  attempt: () => Promise<boolean>,
): Promise<{ error: unknown } | null> {
  let error: unknown = null;
  for (const waitMs of waitsMs) {
    if (waitMs > 0) await pause(waitMs);
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
