import type { Caller } from "../auth/authenticate.ts";
import { ApiError } from "../http/api-error.ts";

/** Bad requests that a caller may send in a minute. */
const MAX_PER_MINUTE = 10;
const WINDOW_MS = 60_000;

/** Of a request that can't be used; it took nothing from any limit. */
const BAD_STATUSES: readonly number[] = [400, 403, 413, 415];

/**
 * Bounds what bad requests cost: they take nothing from the limits in Postgres, and parsing one may take
 * as long as a good one. Counted in this worker's memory.
 */
export interface BadRequests {
  /**
   * Runs what serves a request, and counts it where it turns out to be bad. A caller with a project
   * secret is code of the project, and not counted.
   *
   * @param isOfRequest Which errors of a bad status are the request's own. Default: all.
   * @throws {ApiError} RATE_LIMITED, before anything of the request is read; or as `serve`.
   */
  guard<T>(
    caller: Caller,
    request: Request,
    serve: () => Promise<T>,
    isOfRequest?: (error: ApiError) => boolean,
  ): Promise<T>;
}

/** Callers that are remembered; the oldest make room. */
const MAX_CALLERS = 1_000;

/**
 * Counts by user, or by address for callers that share a credential. Of one worker: restarting it forgets
 * all.
 *
 * @param now Milliseconds on a monotonic clock.
 */
export function createBadRequests(now = () => performance.now()): BadRequests {
  const counted = new Map<string, { count: number; endsAtMs: number }>();

  function requireFew(key: string): void {
    const window = counted.get(key);
    if (window === undefined || window.count < MAX_PER_MINUTE) return;
    const retryAfterMs = Math.ceil(window.endsAtMs - now());
    if (retryAfterMs <= 0) return;
    throw new ApiError(
      "RATE_LIMITED",
      `${MAX_PER_MINUTE} of your requests in a minute could not be used: mend them first`,
      { details: { limit: "bad_requests", retry_after_ms: retryAfterMs }, retryAfterMs },
    );
  }

  function count(key: string): void {
    const window = counted.get(key);
    if (window !== undefined && window.endsAtMs > now()) {
      window.count++;
      return;
    }
    counted.delete(key);
    const [oldest] = counted.keys();
    if (counted.size >= MAX_CALLERS && oldest !== undefined) counted.delete(oldest);
    counted.set(key, { count: 1, endsAtMs: now() + WINDOW_MS });
  }

  return {
    async guard(caller, request, serve, isOfRequest = () => true) {
      if (caller.hasSecret) return await serve();
      const key = toKey(caller, request);
      requireFew(key);
      try {
        return await serve();
      } catch (error) {
        if (
          error instanceof ApiError && BAD_STATUSES.includes(error.status) && isOfRequest(error)
        ) {
          count(key);
        }
        throw error;
      }
    },
  };
}

/** Of a service without a secret, whose static key many clients share, by address: none shuts out others. */
function toKey({ kind, subject }: Caller, { headers }: Request): string {
  if (kind !== "service") return subject;
  return `${subject} ${(headers.get("x-forwarded-for") ?? "").slice(0, 64)}`;
}
