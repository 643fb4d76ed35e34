/** How long to wait before another attempt. */

/** The first back-off is drawn from [0, 500 ms), then the range doubles. */
const BASE_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 8_000;

/** Together's limits are per minute; what asks for more is a mistake. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Exponential back-off with full jitter.
 *
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog:
 * `sleep = random_between(0, min(cap, base * 2 ** retry))`.
 *
 * @param retry 0 before the second attempt, 1 before the third, …
 * @param random Uniform in [0, 1).
 * @returns Milliseconds.
 * @example
 * ```ts
 * const waitMs = toBackoffMs(1, Math.random); // 0 to 999
 * ```
 */
export function toBackoffMs(retry: number, random: () => number): number {
  return Math.floor(random() * Math.min(MAX_BACKOFF_MS, BASE_BACKOFF_MS * 2 ** retry));
}

/**
 * Reads how long the server asks to wait: `x-ratelimit-reset` (seconds), the header Together
 * documents, before `Retry-After` (seconds or an HTTP date, RFC 9110 §10.2.3), which it does not
 * promise. Gateways put a moment into the first one, in seconds or milliseconds of the epoch. A value that
 * is neither, is 0, or lies in the past, counts as absent. This folder stands alone, so it has a parser of
 * its own.
 *
 * @param nowMs Epoch milliseconds, for the date form.
 * @returns Milliseconds, at most 60,000, or undefined.
 * @example
 * ```ts
 * parseRetryAfterMs(new Headers({ "x-ratelimit-reset": "3" }), Date.now()); // 3000
 * ```
 */
export function parseRetryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const waitMs = parseSeconds(headers.get("x-ratelimit-reset"), nowMs) ??
    parseSeconds(headers.get("retry-after"), nowMs) ??
    parseDate(headers.get("retry-after"), nowMs);
  return waitMs && Math.min(waitMs, MAX_RETRY_AFTER_MS);
}

/** No wait is as long: it is a moment, in seconds, or in milliseconds. */
const [EPOCH_S, EPOCH_MS] = [1e9, 1e12];

function parseSeconds(value: string | null, nowMs: number): number | undefined {
  if (value === null || !/^\s*\d+(\.\d+)?\s*s?\s*$/.test(value)) return undefined;
  const number = Number.parseFloat(value);
  const toldMs = number >= EPOCH_MS ? number : number * 1000;
  const waitMs = Math.ceil(number >= EPOCH_S ? toldMs - nowMs : toldMs);
  return waitMs > 0 ? waitMs : undefined;
}

function parseDate(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const waitMs = Date.parse(value) - nowMs;
  return waitMs > 0 ? waitMs : undefined;
}
