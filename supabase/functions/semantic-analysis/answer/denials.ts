/**
 * Counts denials before they are written: a caller that is denied a thousand times a second must not
 * make the database write a thousand times a second.
 */

import type { Settlement } from "../../_shared/platform/limits/rate-limiter.ts";
import { type SettleDependencies, settleInBackground } from "./settle.ts";

/** Writes denials together that are alike. */
export interface Denials {
  /** Has one more request of this kind in the ledger, a moment later. */
  count(settlement: Settlement): void;
}

/** As long as the ledger may lag behind. */
const DELAY_MS = 1_000;

/** Counts in the memory of one worker; what it has counted is written after a moment, or lost with it. */
export function createDenials(dependencies: SettleDependencies): Denials {
  const { runInBackground, pause } = dependencies;
  const waiting = new Map<string, { settlement: Settlement; requests: number }>();

  async function write(key: string): Promise<void> {
    await pause(DELAY_MS);
    const { settlement, requests } = waiting.get(key)!;
    waiting.delete(key);
    const entry = { ...settlement.entry, requests };
    settleInBackground({ ...settlement, entry }, dependencies);
  }

  return {
    count(settlement) {
      const key = JSON.stringify([settlement.subject, settlement.entry.limited_by]);
      const counted = waiting.get(key);
      if (counted) {
        counted.requests++;
        return;
      }
      waiting.set(key, { settlement, requests: 1 });
      runInBackground(() => write(key));
    },
  };
}
