/** What the limiter's functions in Postgres take and answer, both ways. */

import * as z from "zod/mini";
import { lazily } from "../lazily.ts";
import type { Anonymity, Denial, Limits, RateLimitState } from "./rate-limits.ts";

/** Limits and what is left of them, in every answer: built once for all of them. */
const stateShape = lazily(() => {
  const number = z.number();
  return {
    per_minute: number,
    burst: number,
    minute_remaining: number,
    minute_reset_ms: number,
    per_day: number,
    day_remaining: number,
    day_reset_ms: number,
    concurrent: number,
    held: number,
    nano_per_month: z.nullable(number),
    spent_nano: number,
    month_reset_ms: number,
  };
});

const deniedSchema = lazily(() =>
  z.object({
    ...stateShape(),
    outcome: z.literal("denied"),
    limited_by: z.enum([
      "minute",
      "day",
      "concurrent",
      "month",
      "anonymous_day",
      "project_month",
    ]),
    retry_after_ms: z.number(),
  })
);

/** In place of every other answer: the subject is a user who was deleted within the last day. */
const deletedSchema = lazily(() => z.object({ outcome: z.literal("deleted") }));

/** With every answer but a denial: there are none where the key is absent. */
const mapsShape = () => ({ maps: z.optional(z.string()) });

/** Answers of `semantic_analysis_reserve` to a request with a ceiling. */
export const reservationSchema = lazily(() =>
  z.discriminatedUnion("outcome", [
    z.object({ ...stateShape(), ...mapsShape(), outcome: z.literal("leader") }),
    z.object({
      ...stateShape(),
      ...mapsShape(),
      outcome: z.literal("hit"),
      answer: z.string(),
      age_ms: z.number(),
    }),
    z.object({
      ...stateShape(),
      ...mapsShape(),
      outcome: z.literal("follower"),
      holder: z.string(),
    }),
    deniedSchema(),
    deletedSchema(),
  ])
);

/** Its answers to one without. */
export const minuteSchema = lazily(() =>
  z.discriminatedUnion("outcome", [
    z.object({ ...stateShape(), outcome: z.literal("minute") }),
    deniedSchema(),
    deletedSchema(),
  ])
);

/** Answers of `semantic_analysis_read_limits`. */
export const limitsSchema = lazily(() =>
  z.union([
    z.object({ ...stateShape(), project_spent_nano: z.number(), anonymous_spent_nano: z.number() }),
    deletedSchema(),
  ])
);

/** Answers of `semantic_analysis_read_answer`. */
export const awaitedSchema = lazily(() =>
  z.discriminatedUnion("state", [
    z.object({ state: z.literal("ready"), answer: z.string() }),
    z.object({ state: z.literal("pending") }),
    z.object({
      state: z.literal("failed"),
      failure: z.object({
        code: z.string(),
        message: z.string(),
        retry_after_ms: z.optional(z.number()),
      }),
    }),
    z.object({ state: z.literal("free") }),
  ])
);

/** Answer of `semantic_analysis_settle`. */
export const settledSchema = lazily(() => z.boolean());

/** The parameters that name a subject's defaults; what is null is left out. */
export function toParameters(limits: Limits, anonymity: Anonymity) {
  return {
    p_per_minute: limits.perMinute,
    p_burst: limits.burst,
    p_per_day: limits.perDay,
    p_concurrent: limits.concurrent,
    ...(limits.nanoUsdPerMonth !== null && { p_nano_per_month: limits.nanoUsdPerMonth }),
    ...(anonymity.kind === "unknown" && {
      p_anonymous_limits: toFields(anonymity.anonymousLimits),
    }),
  };
}

/** The fields of `semantic_analysis.limits`. */
function toFields(limits: Limits) {
  return {
    per_minute: limits.perMinute,
    burst: limits.burst,
    per_day: limits.perDay,
    concurrent: limits.concurrent,
    nano_per_month: limits.nanoUsdPerMonth,
  };
}

/** The state in our names. */
export function toState(
  row: z.infer<z.ZodMiniObject<ReturnType<typeof stateShape>>>,
): RateLimitState {
  return {
    minute: {
      limit: row.per_minute,
      burst: row.burst,
      remaining: row.minute_remaining,
      resetMs: row.minute_reset_ms,
    },
    day: { limit: row.per_day, remaining: row.day_remaining, resetMs: row.day_reset_ms },
    concurrent: { limit: row.concurrent, used: row.held },
    month: {
      limitNanoUsd: row.nano_per_month,
      spentNanoUsd: row.spent_nano,
      resetMs: row.month_reset_ms,
    },
  };
}

/** The denial in our names. */
export function toDenial(row: z.infer<ReturnType<typeof deniedSchema>>): Denial {
  return { limitedBy: row.limited_by, retryAfterMs: row.retry_after_ms };
}
