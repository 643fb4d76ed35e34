/** What killed workers had taken from the catalogue's limits, beside what the ledger tells. */
import { pause } from "../../supabase/functions/_shared/platform/http/pause.ts";
import { connect } from "../stack/postgres/connect.ts";

/** Looks into the database around each kill. */
export interface KilledHolds {
  /** Remembers what is held; called between a kill of semantic-analysis and its restart. */
  remember(): Promise<void>;
  /** To be read when all has settled. */
  read(): Promise<{
    /** Analyses that were under way when their worker was killed. */
    killed: number;
    /** Nano-dollars that these may have cost at most. */
    killedCeilingsNano: number;
    /** Nano-dollars that are taken and that no row of the ledger tells of. */
    takenNano: number;
  }>;
}

/** What the database takes to end a call whose caller is gone. */
const CALL_MS = 300;

/** @param databaseUrl as the database's owner; connects for each call, for Postgres is restarted. */
export function createKilledHolds(databaseUrl: string): KilledHolds {
  const ceilings = new Map<string, number>();
  return {
    async remember() {
      await pause(CALL_MS);
      const sql = connect(databaseUrl);
      try {
        const holds = await sql`
          select hold.id, hold.ceiling_nano
          from semantic_analysis.rate_limits, unnest(holds) as hold
          where subject = 'service:catalogue'`;
        for (const { id, ceiling_nano } of holds) ceilings.set(id, Number(ceiling_nano));
      } finally {
        await sql.end();
      }
    },
    async read() {
      const sql = connect(databaseUrl);
      try {
        const [row] = await sql`
          select limits.spent_nano - (
            select coalesce(sum(cost_nano), 0) from semantic_analysis.ledger
            where subject = limits.subject
          ) as taken_nano
          from semantic_analysis.rate_limits limits where subject = 'service:catalogue'`;
        return {
          killed: ceilings.size,
          killedCeilingsNano: [...ceilings.values()].reduce((sum, ceiling) => sum + ceiling, 0),
          takenNano: Number(row!.taken_nano),
        };
      } finally {
        await sql.end();
      }
    },
  };
}
