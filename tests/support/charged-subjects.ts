/** Whose limits were used, read from the limiter's table. */
import type postgres from "postgres";

/**
 * @returns a function that gives the subjects that have taken a minute unit since it was last called.
 *   It only reads: a row that is deleted takes with it what is still to be settled.
 */
export function createChargedSubjects(sql: postgres.Sql): () => Promise<string[]> {
  const seen = new Map<string, string>();
  return async () => {
    const rows = await sql`select subject, tat::text from semantic_analysis.rate_limits`;
    const charged = rows.filter(({ subject, tat }) => seen.get(subject) !== tat);
    for (const { subject, tat } of charged) seen.set(subject, tat);
    return charged.map(({ subject }) => subject).toSorted();
  };
}
