/** What access tokens turned out to say, so that the same one need not be verified with each request. */
export interface VerifiedTokens<T> {
  /** What was kept for this token, unless it has expired since. */
  find(token: string): T | undefined;
  /** @param expiresAtS Its `exp`: seconds since 1970. */
  keep(token: string, value: T, expiresAtS: number): void;
}

/** How many tokens are remembered, and by which clock they expire. */
export interface VerifiedTokensOptions {
  /** The oldest makes room for the next. Default 500. */
  maxCount?: number;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
}

/**
 * Longer tokens are verified each time: they take memory, and V8 hashes so long a string by its length
 * alone, so the time of a lookup could tell how much of a guess is right.
 */
const MAX_TOKEN_LENGTH = 8 * 1024;

/**
 * Remembers tokens that were verified and nothing of those that were not, in this worker's memory.
 * Since that lives for minutes, a signing key that is withdrawn is believed no longer than that.
 */
export function createVerifiedTokens<T>(options: VerifiedTokensOptions = {}): VerifiedTokens<T> {
  const { maxCount = 500, now = Date.now } = options;
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
      if (kept.size >= maxCount && oldest !== undefined) kept.delete(oldest);
      kept.set(token, { value, expiresAtMs: expiresAtS * 1000 });
    },
  };
}
