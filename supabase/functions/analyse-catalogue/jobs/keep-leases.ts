import type { Pause } from "../../_shared/platform/http/pause.ts";
import type { Jobs } from "./jobs.ts";

/** Whose leases, and the clock. */
export interface KeepLeasesOptions {
  jobs: Pick<Jobs, "renew">;
  holder: string;
  /** Milliseconds of the run's time. */
  leftMs: () => number;
  pause: Pause;
}

/** A third of a lease: two renewals in a row may fail. */
const RENEW_EVERY_MS = 10_000;

/**
 * Renews a run's leases until the signal aborts, or its time is up. They are short, so that what a killed
 * run held is soon another's, and an analysis may take longer.
 */
export async function keepLeases(
  { jobs, holder, leftMs, pause }: KeepLeasesOptions,
  signal: AbortSignal,
): Promise<void> {
  while (true) {
    await pause(RENEW_EVERY_MS, signal);
    if (signal.aborted || leftMs() <= 0) return;
    await jobs.renew(holder).catch(() => {});
  }
}
