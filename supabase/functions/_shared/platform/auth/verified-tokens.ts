/** What access tokens turned out to say, so that the same one need not be verified with each request. */
export interface VerifiedTokens<T> {
  /** What was kept for this token, unless it has expired since. */
  find(token: string): T | undefined;
  /** @param expiresAtS Its `exp`: seconds since 1970. */
  keep(token: string, value: T, expiresAtS: number): void;
}

/** The oldest makes room for the next. */
const MAX_TOKENS = 500;

/**
 * Longer tokens are verified each time: they take memory, and V8 hashes so long a string by its length
 * alone, so the time of a lookup could tell how much of a guess is right.
 */
const MAX_TOKEN_LENGTH = 8 * 1024;

/**
 * Remembers tokens that were verified and nothing of those that were not, in this worker's memory.
 * Since that lives for minutes, a signing key that is withdrawn is believed no longer than that.
 *
 * @param now Milliseconds since 1970.
 */
export function createVerifiedTokens<T>(now: () => number): VerifiedTokens<T> {
  const kept = new Map<string, { value: T; expiresAtMs: number }>();
  return {
    find(token) {
      const entry = kept.get(token);
      if (entry === undefined) return undefined;
      if (now() < entry.expiresAtMs) return entry.value;
      kept.delete(token);
      return undefined;
    },
    keep(token, value, expiresAtS) {
      if (token.length > MAX_TOKEN_LENGTH) return;
      const [oldest] = kept.keys();
      if (kept.size >= MAX_TOKENS && oldest !== undefined) kept.delete(oldest);
      kept.set(token, { value, expiresAtMs: expiresAtS * 1000 });
    },
  };
}
