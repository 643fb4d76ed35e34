/** What is kept of the caller's time for the way back to it. */
const WAY_BACK_MS = 1_000;

/**
 * The time that a caller gives (`X-Deadline-Ms`, counted from the request's arrival) less a second for
 * the way back; Infinity where it gives none that can be read. It may be 0 or less.
 */
export function parseDeadlineMs({ headers }: Request): number {
  const header = headers.get("x-deadline-ms");
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) - WAY_BACK_MS : Infinity;
}
