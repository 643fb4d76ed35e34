/** What the limiter's functions in Postgres answer of a subject's limits and of what is left of them. */
export const STATE_ROW = {
  per_minute: 20,
  burst: 5,
  minute_remaining: 4,
  minute_reset_ms: 3_000,
  per_day: 200,
  day_remaining: 199,
  day_reset_ms: 40_000_000,
  concurrent: 4,
  held: 1,
  nano_per_month: 5_000_000_000,
  spent_nano: 7_000_000,
  month_reset_ms: 80_000_000,
};
