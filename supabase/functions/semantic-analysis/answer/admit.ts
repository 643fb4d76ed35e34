import { ApiError } from "../../_shared/platform/http/api-error.ts";
import type { RateLimiter, Reservation } from "../../_shared/platform/limits/rate-limiter.ts";
import type { Job } from "./job.ts";

/** Requests end one after the other, and settle follows the answer: a place may be free in a moment. */
const CONCURRENT_WAIT_MS = 300;

export interface AdmitOptions {
  rateLimiter: RateLimiter;
  sleep: (ms: number) => Promise<void>;
  /** Told when it isn't known whether something was taken. */
  onUnknown: () => void;
}

/**
 * Reserves; where only the number of requests at a time stands in the way, once more a moment later.
 *
 * @throws {ApiError} as `reserve`
 */
export async function admit(job: Job, options: AdmitOptions): Promise<Reservation> {
  const { rateLimiter, sleep, onUnknown } = options;
  const { id, caller: { subject }, limits, ceilingNanoUsd, request } = job;
  // Who refreshes wants a new answer: only settle writes it.
  const cacheKey = request.cacheMode === "use" ? job.cacheKey : null;
  const reserve = async () => {
    try {
      return await rateLimiter.reserve({ subject, id, limits, ceilingNanoUsd, cacheKey });
    } catch (error) {
      if (error instanceof ApiError && error.code === "RATE_LIMITER_UNAVAILABLE") onUnknown();
      throw error;
    }
  };
  const reservation = await reserve();
  if (reservation.outcome !== "denied" || reservation.limitedBy !== "concurrent") {
    return reservation;
  }
  await sleep(CONCURRENT_WAIT_MS);
  return await reserve();
}
