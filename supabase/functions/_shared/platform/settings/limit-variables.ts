/** The limits of a subject, as the environment sets them for all. */

import type { Caller } from "../auth/authenticate.ts";
import { integer, number, orNone, type Values } from "./variables.ts";
import type { Anonymity, Limits } from "../limits/rate-limits.ts";

const perMinute = integer(1, 60_000);
const perDay = integer(1, 100_000_000);
const concurrent = integer(1, 10_000);
const usd = number("US dollars, from 0 to 1000000", 0, 1_000_000);

/** For `parseVariables`. */
export const LIMIT_VARIABLES = {
  RATE_LIMIT_PER_MINUTE: perMinute,
  RATE_LIMIT_BURST: perMinute,
  RATE_LIMIT_PER_DAY: perDay,
  RATE_LIMIT_CONCURRENT: concurrent,
  RATE_LIMIT_USD_PER_MONTH: usd,
  RATE_LIMIT_ANONYMOUS_PER_MINUTE: perMinute,
  RATE_LIMIT_ANONYMOUS_BURST: perMinute,
  RATE_LIMIT_ANONYMOUS_PER_DAY: perDay,
  RATE_LIMIT_ANONYMOUS_CONCURRENT: concurrent,
  RATE_LIMIT_ANONYMOUS_USD_PER_MONTH: usd,
  PROJECT_USD_PER_MONTH: orNone(usd),
  ANONYMOUS_USD_PER_DAY: orNone(usd),
};

/** Money is closed by default: an operator who sets nothing knows the most that a month can cost. */
const DEFAULT_PROJECT_USD = 20;

/** Sign-ups are free, so a limit of each anonymous user bounds nothing by itself. */
const DEFAULT_ANONYMOUS_USD = 1;

/** The limits of every kind of subject, and the budgets that many share. */
export interface LimitSettings {
  /** Of users and services. */
  user: Limits;
  /** A quarter of the user's where nothing is said. */
  anonymous: Limits;
  /** Of all subjects together, in nano-dollars per UTC month; null for no such limit. */
  projectNanoUsdPerMonth: number | null;
  /** Of all anonymous users together, in nano-dollars per UTC day; null for no such limit. */
  anonymousNanoUsdPerDay: number | null;
}

/** The limits of these variables, or their defaults. */
export function toLimits(values: Values<typeof LIMIT_VARIABLES>): LimitSettings {
  const perMinute = values.RATE_LIMIT_PER_MINUTE ?? 20;
  const user: Limits = {
    perMinute,
    burst: values.RATE_LIMIT_BURST ?? perMinute,
    perDay: values.RATE_LIMIT_PER_DAY ?? 200,
    concurrent: values.RATE_LIMIT_CONCURRENT ?? 4,
    nanoUsdPerMonth: toNanoUsd(values.RATE_LIMIT_USD_PER_MONTH),
  };
  const { nanoUsdPerMonth } = user;
  return {
    user,
    anonymous: {
      perMinute: values.RATE_LIMIT_ANONYMOUS_PER_MINUTE ?? aQuarterOf(user.perMinute),
      burst: values.RATE_LIMIT_ANONYMOUS_BURST ?? aQuarterOf(user.burst),
      perDay: values.RATE_LIMIT_ANONYMOUS_PER_DAY ?? aQuarterOf(user.perDay),
      concurrent: values.RATE_LIMIT_ANONYMOUS_CONCURRENT ?? aQuarterOf(user.concurrent),
      nanoUsdPerMonth: toNanoUsd(values.RATE_LIMIT_ANONYMOUS_USD_PER_MONTH) ??
        (nanoUsdPerMonth === null ? null : Math.floor(nanoUsdPerMonth / 4)),
    },
    projectNanoUsdPerMonth: toNanoUsd(values.PROJECT_USD_PER_MONTH, DEFAULT_PROJECT_USD),
    anonymousNanoUsdPerDay: toNanoUsd(values.ANONYMOUS_USD_PER_DAY, DEFAULT_ANONYMOUS_USD),
  };
}

/** The limits that the environment sets for a caller. */
export function limitsOf(
  { kind, hasSecret }: Pick<Caller, "kind" | "hasSecret">,
  { user, anonymous }: LimitSettings,
): { limits: Limits; anonymity: Anonymity } {
  if (kind === "anonymous") return { limits: anonymous, anonymity: { kind: "anonymous" } };
  // A user whom the project's code names may have signed in anonymously.
  const isNamed = kind === "user" && hasSecret;
  return {
    limits: user,
    anonymity: isNamed ? { kind: "unknown", anonymousLimits: anonymous } : { kind: "signed_in" },
  };
}

/** @param usd null for no limit; undefined where nothing is set. */
function toNanoUsd(
  usd: number | null | undefined,
  defaultUsd: number | null = null,
): number | null {
  const limitUsd = usd === undefined ? defaultUsd : usd;
  return limitUsd === null ? null : Math.round(limitUsd * 1e9);
}

function aQuarterOf(limit: number): number {
  return Math.max(1, Math.floor(limit / 4));
}
