/** The limiter's inner functions, with a clock of the test's. */
import type postgres from "postgres";

/** A subject's limits. */
export interface Limits {
  perMinute: number;
  burst: number;
  perDay: number;
  concurrent: number;
  nanoPerMonth: number | null;
}

/** More than any test uses up. */
const UNLIMITED: Limits = {
  perMinute: 60_000,
  burst: 60_000,
  perDay: 1_000_000,
  concurrent: 1_000,
  nanoPerMonth: null,
};

/** What differs from a first request of `user:a`. */
export interface ReserveOptions {
  subject?: string;
  id?: string;
  limits?: Partial<Limits>;
  projectNanoPerMonth?: number | null;
  /** null for a subject that is no anonymous user. */
  anonymousNanoPerDay?: number | null;
  /** null takes a minute unit alone. */
  ceilingNano?: number | null;
  /** 64 hex digits. */
  key?: string | null;
  /** null for the database's clock. */
  now?: Date | null;
}

/** A decision as the database gives it, with the state after it. */
export interface Decision {
  outcome: "leader" | "hit" | "follower" | "minute" | "denied" | "deleted";
  limited_by?: string;
  retry_after_ms?: number;
  per_minute: number;
  burst: number;
  minute_remaining: number;
  minute_reset_ms: number;
  per_day: number;
  day_remaining: number;
  day_reset_ms: number;
  concurrent: number;
  held: number;
  nano_per_month: number | null;
  spent_nano: number;
  month_reset_ms: number;
  answer?: string;
  age_ms?: number;
  holder?: string;
}

/** What a request came to. */
export interface SettleOptions {
  subject?: string;
  id: string;
  /** null for a request without a hold. */
  actualNano?: number | null;
  givesBackDay?: boolean;
  key?: string | null;
  answer?: string | null;
  ttlS?: number;
  maxAnswers?: number;
  failure?: postgres.JSONValue | null;
  entry?: postgres.JSONValue | null;
  now?: Date | null;
}

const CEILING_NANO = 1_000_000;

/** A key of one byte, repeated. */
export const keyOf = (byte: number) => byte.toString(16).padStart(2, "0").repeat(32);

/** Reserves by the inner function. */
export async function reserve(sql: postgres.Sql, options: ReserveOptions = {}): Promise<Decision> {
  const { subject = "user:a", id = crypto.randomUUID(), key = null, now = null } = options;
  const { projectNanoPerMonth = null, anonymousNanoPerDay = null } = options;
  const { ceilingNano = CEILING_NANO } = options;
  const limits = { ...UNLIMITED, ...options.limits };
  const [row] = await sql`
    select semantic_analysis.reserve_at(
      ${subject}, ${id},
      row(${limits.perMinute}::int, ${limits.burst}::int, ${limits.perDay}::int,
        ${limits.concurrent}::int, ${limits.nanoPerMonth}::bigint),
      ${ceilingNano}, decode(${key}, 'hex'), ${projectNanoPerMonth}, ${anonymousNanoPerDay}, ${now}
    ) as decision`;
  return row!.decision;
}

/** Settles by the inner function. @returns whether the request was still held */
export async function settle(sql: postgres.Sql, options: SettleOptions): Promise<boolean> {
  const { subject = "user:a", id, actualNano = 0, givesBackDay = false, key = null } = options;
  const { answer = null, ttlS = 0, maxAnswers = 1_000, now = null } = options;
  const { failure = null, entry = null } = options;
  const [row] = await sql`
    select semantic_analysis.settle_at(
      ${subject}, ${id}, ${actualNano}, ${givesBackDay}, decode(${key}, 'hex'), ${answer},
      ${ttlS}, ${maxAnswers}, ${failure === null ? null : sql.json(failure)},
      ${entry === null ? null : sql.json(entry)}, ${now}
    ) as was_held`;
  return row!.was_held;
}

/** What is stored of a subject, or of a budget by its name; null where nothing is. */
export async function readRow(sql: postgres.Sql, subject = "user:a") {
  const [row] = await sql<{ day_used: number; spent_nano: number; holds: number }[]>`
    select day_used, spent_nano::float8 as spent_nano, cardinality(holds) as holds
    from semantic_analysis.rate_limits where subject = ${subject}
    union all
    select 0, spent_nano::float8, 0
    from semantic_analysis.budgets where name = ${subject}`;
  return row ? { ...row } : null;
}

/** What a follower of this holder is told of the answer. */
export async function readAnswer(sql: postgres.Sql, key: string, holder: string) {
  const [row] = await sql`select public.semantic_analysis_read_answer(${key}, ${holder}) as answer`;
  return row!.answer;
}
