/** Longer than tests that count by the day, or by the month, take. */
const LONGEST_TEST_MS = 120_000;

const DAY_MS = 86_400_000;

/**
 * How long a test that counts by the database's clock has to wait so that it begins and ends on one day,
 * UTC: until midnight where that is less than two minutes away, else 0.
 */
export function toMidnightWaitMs(nowMs: number): number {
  const leftMs = DAY_MS - nowMs % DAY_MS;
  return leftMs < LONGEST_TEST_MS ? leftMs : 0;
}
