import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";

/** As the database takes them; null for an open end. */
export interface DateRange {
  createdFrom: string | null;
  createdTo: string | null;
}

const DAY_MS = 86_400_000;

/** Years that JavaScript writes as Postgres reads them, which has no year 0 and wants no sign. */
const MIN_MS = Date.UTC(1000, 0, 1);
const MAX_MS = Date.UTC(10_000, 0, 1) - 1;

/** `2026-11-25`, or with a time and a zone. */
const PATTERN = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * A date alone is its whole day in UTC, at either end.
 *
 * @throws {ApiError} INVALID_REQUEST for what is no date or too far away, and for an end before the
 *   start.
 */
export function parseDateRange(
  { start, end }: { start?: string | null | undefined; end?: string | null | undefined },
): DateRange {
  const fromMs = start ? parseDate(start, "start") : null;
  let toMs = end ? parseDate(end, "end") : null;
  if (toMs !== null && !end!.includes("T")) toMs += DAY_MS - 1;
  if (fromMs !== null && toMs !== null && toMs < fromMs) {
    throw invalidRequest({ "filters.date_range": "must not end before it starts" });
  }
  const toText = (ms: number | null) => ms === null ? null : new Date(ms).toISOString();
  return { createdFrom: toText(fromMs), createdTo: toText(toMs) };
}

function parseDate(text: string, name: string): number {
  const refuse = (problem: string) => invalidRequest({ [`filters.date_range.${name}`]: problem });
  const ms = PATTERN.test(text) && isDay(text.slice(0, 10)) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) {
    throw refuse("must be a date, or a date and time with a zone, in ISO 8601");
  }
  if (ms < MIN_MS || ms > MAX_MS) throw refuse("must be in the years 1000 to 9999, in UTC");
  return ms;
}

/** `Date.parse` takes February 30 for March 2. */
function isDay(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
