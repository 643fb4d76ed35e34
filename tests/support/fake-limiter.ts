/** Stands for the database in tests of everything in front of it: decides as it is told. */
import { ApiError } from "../../supabase/functions/_shared/platform/http/api-error.ts";
import type {
  AwaitedAnswer,
  Reservation,
} from "../../supabase/functions/_shared/platform/limits/decisions.ts";
import type {
  AnsweredObject,
  RateLimiter,
  ReserveRequest,
  Settlement,
} from "../../supabase/functions/_shared/platform/limits/rate-limiter.ts";
import type {
  Limits,
  RateLimitState,
} from "../../supabase/functions/_shared/platform/limits/rate-limits.ts";

/** The limits after a first request. */
export const STATE: RateLimitState = {
  minute: { limit: 20, burst: 20, remaining: 19, resetMs: 2_500 },
  day: { limit: 200, remaining: 199, resetMs: 3_600_000 },
  concurrent: { limit: 4, used: 1 },
  month: { limitNanoUsd: null, spentNanoUsd: 1_500_000, resetMs: 86_400_000 },
};

/** The decision that the request is to ask a model. */
export const LEAD: Reservation = { outcome: "leader", state: STATE };

/** What the limiter decides, or fails with. */
export type Decision = Reservation | ApiError;

/** A limiter that records what it was asked. */
export interface FakeLimiter extends RateLimiter {
  reserved: ReserveRequest[];
  settled: Settlement[];
  /** Pictures in Storage that were settled with. */
  compared: AnsweredObject[];
  reads: { subject: string; limits: Limits }[];
  /** Keys that were waited for. */
  awaited: string[];
}

/**
 * Gives the decisions in turn, the last one again and again; and so the awaited answers.
 *
 * @param isUnchanged Whether pictures in Storage are, or what settling with them fails with.
 */
export function createFakeLimiter(
  decisions: Decision[] = [LEAD],
  awaitedAnswers: AwaitedAnswer[] = [{ state: "free" }],
  isUnchanged: boolean | ApiError = true,
): FakeLimiter {
  const reserved: ReserveRequest[] = [];
  const settled: Settlement[] = [];
  const compared: AnsweredObject[] = [];
  const reads: { subject: string; limits: Limits }[] = [];
  const awaited: string[] = [];
  const inTurn = <T>(list: T[], count: number) => list[Math.min(count, list.length) - 1]!;
  const decide = async (): Promise<Reservation> => {
    const decision = inTurn(decisions, reserved.length);
    if (decision instanceof ApiError) throw decision;
    return await Promise.resolve(decision);
  };
  return {
    reserved,
    settled,
    compared,
    reads,
    awaited,
    reserve: (request) => {
      reserved.push(request);
      return decide();
    },
    takeMinute: () => Promise.resolve({ outcome: "minute", state: STATE }),
    settle: (settlement) => {
      settled.push(settlement);
      return Promise.resolve(true);
    },
    settleStored: (settlement, object) => {
      compared.push(object);
      if (isUnchanged instanceof ApiError) return Promise.reject(isUnchanged);
      settled.push(settlement);
      return Promise.resolve(isUnchanged);
    },
    readAnswer: (cacheKey) => {
      awaited.push(cacheKey);
      return Promise.resolve(inTurn(awaitedAnswers, awaited.length));
    },
    read: (subject, limits) => {
      reads.push({ subject, limits });
      return Promise.resolve({
        ...STATE,
        projectSpentNanoUsd: 2_000_000_000,
        anonymousSpentNanoUsd: 250_000_000,
      });
    },
  };
}
