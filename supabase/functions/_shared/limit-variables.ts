/** The limits of a subject, as the environment sets them for all. */

import { integer, type Values } from "./env.ts";
import type { Limits } from "./rate-limiter.ts";

/** For `parseVariables`. */
export const LIMIT_VARIABLES = {
  RATE_LIMIT_PER_MINUTE: integer(1, 60_000),
  RATE_LIMIT_BURST: integer(1, 60_000),
  RATE_LIMIT_PER_DAY: integer(1, 100_000_000),
  RATE_LIMIT_ANONYMOUS_PER_MINUTE: integer(1, 60_000),
  RATE_LIMIT_ANONYMOUS_BURST: integer(1, 60_000),
  RATE_LIMIT_ANONYMOUS_PER_DAY: integer(1, 100_000_000),
};

/** The limits of users and services, and those of anonymous users: a quarter where nothing is said. */
export interface LimitSettings {
  user: Limits;
  anonymous: Limits;
}

export function toLimits(values: Values<typeof LIMIT_VARIABLES>): LimitSettings {
  const perMinute = values.RATE_LIMIT_PER_MINUTE ?? 20;
  const user: Limits = {
    perMinute,
    burst: values.RATE_LIMIT_BURST ?? perMinute,
    perDay: values.RATE_LIMIT_PER_DAY ?? 200,
  };
  return {
    user,
    anonymous: {
      perMinute: values.RATE_LIMIT_ANONYMOUS_PER_MINUTE ?? aQuarterOf(user.perMinute),
      burst: values.RATE_LIMIT_ANONYMOUS_BURST ?? aQuarterOf(user.burst),
      perDay: values.RATE_LIMIT_ANONYMOUS_PER_DAY ?? aQuarterOf(user.perDay),
    },
  };
}

function aQuarterOf(limit: number): number {
  return Math.max(1, Math.floor(limit / 4));
}
