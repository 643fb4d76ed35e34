import { ApiError } from "../../_shared/platform/http/api-error.ts";
import { setHeaders } from "../../_shared/platform/http/endpoint.ts";
import type { Reservation } from "../../_shared/platform/limits/decisions.ts";
import type { RateLimiter } from "../../_shared/platform/limits/rate-limiter.ts";
import { toRateLimitHeaders } from "../../_shared/platform/limits/rate-limits.ts";
import { MIN_ATTEMPT_MS } from "../../_shared/together-ai/ask-model.ts";
import { createSpending } from "../../_shared/together-ai/spending.ts";
import { versionsOfStructured } from "../model/versions.ts";
import { toCacheOutcome } from "./outcome.ts";
import type { RequestUnderWay } from "./priced-request.ts";
import { releaseInBackground, type SettleDependencies } from "./settle.ts";
import { toSettlement } from "./settlement.ts";

/** Requests end one after the other, and settle follows the response: one may end in a moment. */
const CONCURRENT_WAIT_MS = 300;

/**
 * Asks the limiter; where only the number of requests at a time denies, once more a moment later. The
 * decision is told in the headers.
 *
 * @throws {ApiError} UPSTREAM_TIMEOUT, with nothing taken, when there is no time left to ask a model; or
 *   as the limiter's `reserve`.
 */
export async function reserve(
  underWay: RequestUnderWay,
  dependencies: SettleDependencies & { rateLimiter: Pick<RateLimiter, "reserve"> },
): Promise<Reservation> {
  const { priced, context, deadline } = underWay;
  const { timings } = context;
  if (deadline.atMs - timings.totalMs() < MIN_ATTEMPT_MS) {
    throw new ApiError("UPSTREAM_TIMEOUT", "There is no time left for an answer");
  }
  const reservation = await timings.measure("limit", async () => {
    const first = await reserveOnce(underWay, dependencies);
    if (first.outcome !== "denied" || first.limitedBy !== "concurrent") return first;
    await dependencies.pause(CONCURRENT_WAIT_MS);
    return await reserveOnce(underWay, dependencies);
  });
  const role = reservation.outcome === "denied" ? "none" : reservation.outcome;
  setHeaders(context, {
    ...toRateLimitHeaders(reservation.state),
    "X-Cache": toCacheOutcome(role, priced.request.cacheMode),
  });
  return reservation;
}

async function reserveOnce(
  { priced, context, deadline }: RequestUnderWay,
  dependencies: SettleDependencies & { rateLimiter: Pick<RateLimiter, "reserve"> },
): Promise<Reservation> {
  const { id, caller: { subject }, limits, anonymity, ceilingNanoUsd, request, plan } = priced;
  // A refresh wants a new answer: only settle writes it.
  const cacheKey = request.cacheMode === "use" ? priced.cacheKey : null;
  try {
    return await dependencies.rateLimiter.reserve({
      subject,
      id,
      limits,
      anonymity,
      ceilingNanoUsd,
      cacheKey,
      // Prose has no figure to calibrate.
      mapsOf: plan.isStructured ? { models: plan.models, ...versionsOfStructured() } : null,
    });
  } catch (error) {
    // It isn't known whether something was taken.
    if (error instanceof ApiError && error.code === "RATE_LIMITER_UNAVAILABLE") {
      const settlement = toSettlement(priced, {
        kind: "failed",
        role: "leader",
        spending: createSpending(),
        thrown: error,
        hasShownText: false,
        isDeadlineShortened: deadline.isShortened,
      }, context.timings);
      releaseInBackground(settlement, dependencies);
    }
    throw error;
  }
}
