import type { AwaitedAnswer } from "../../_shared/platform/limits/decisions.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import type { Pause } from "../../_shared/platform/http/pause.ts";
import type { RateLimiter } from "../../_shared/platform/limits/rate-limiter.ts";

const FIRST_POLL_MS = 100;
const MAX_POLL_MS = 1_000;

/** Polls in a row without an answer after which the database is away, and not only slow for a moment. */
const MAX_UNANSWERED = 3;

/** Where the answer is read, how long it is waited for, and by which clock. */
export interface AwaitAnswerOptions {
  rateLimiter: Pick<RateLimiter, "readAnswer">;
  /** Of the whole wait. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Milliseconds on a monotonic clock. */
  now: () => number;
  pause: Pause;
}

/**
 * Waits as a follower for the leader's answer by polling, less and less often: a lock in the database
 * would hold a connection for as long as a model takes. A poll that gets no answer is asked again: the
 * follower has been charged its minute's unit already.
 *
 * @returns what became of it; `pending` when the time is up.
 * @throws {ApiError} RATE_LIMITER_UNAVAILABLE where three polls in a row, or the last in time, got no answer;
 *   else as `readAnswer`, at once; the reason of `signal`.
 */
export async function awaitAnswer(
  cacheKey: string,
  holder: string,
  { rateLimiter, timeoutMs, signal, now, pause }: AwaitAnswerOptions,
): Promise<AwaitedAnswer> {
  const deadlineMs = now() + timeoutMs;
  let unanswered = 0;
  for (let pollMs = FIRST_POLL_MS;; pollMs = Math.min(MAX_POLL_MS, pollMs * 1.5)) {
    const timeLeftMs = deadlineMs - now();
    if (timeLeftMs <= 0) return { state: "pending" };
    await pause(Math.min(pollMs, timeLeftMs), signal);
    signal?.throwIfAborted();
    try {
      const answer = await rateLimiter.readAnswer(cacheKey, holder);
      if (answer.state !== "pending") return answer;
      unanswered = 0;
    } catch (error) {
      const isUnanswered = error instanceof ApiError && error.code === "RATE_LIMITER_UNAVAILABLE";
      if (!isUnanswered || ++unanswered === MAX_UNANSWERED || now() >= deadlineMs) throw error;
      pollMs = MAX_POLL_MS;
    }
  }
}
