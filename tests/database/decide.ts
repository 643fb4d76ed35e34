/** The limiter's inner function, with a clock of the test's. */
import type postgres from "postgres";

export interface Limits {
  perMinute: number;
  burst: number;
  perDay: number;
}

export interface Decision {
  allowed: boolean;
  limited_by: "minute" | "day" | null;
  retry_after_ms: number | null;
  minute_remaining: number;
  minute_reset_ms: number;
  day_remaining: number;
  day_reset_ms: number;
}

/** @param now null for the database's clock */
export async function decide(
  sql: postgres.Sql,
  subject: string,
  limits: Limits,
  now: Date | null,
  { isReserving = true } = {},
): Promise<Decision> {
  const [row] = await sql`
    select decision.* from semantic_analysis.decide(
      ${subject}, ${limits.perMinute}, ${limits.burst}, ${limits.perDay}, ${isReserving}, ${now}
    ) as decision`;
  const { retry_after_ms: retryAfterMs, minute_reset_ms, day_reset_ms, ...rest } = row!;
  return {
    ...rest,
    retry_after_ms: retryAfterMs === null ? null : Number(retryAfterMs),
    minute_reset_ms: Number(minute_reset_ms),
    day_reset_ms: Number(day_reset_ms),
  } as Decision;
}
