/** Reads from the database what the doctor judges; of a part that is missing, null. */

import * as z from "zod/mini";
import type { ServiceDatabase } from "../../../_shared/platform/database/postgrest.ts";
import { startTimeLimit } from "../../../_shared/platform/http/time-limit.ts";

const chainHealthSchema = () =>
  z.object({
    models: z.array(z.object({ model: z.string(), answers: z.number() })),
    problems: z.array(z.string()),
  });

const searchStateSchema = () =>
  z.object({
    documents: z.number(),
    skipped: z.number(),
    skipped_reasons: z.record(z.string(), z.number()),
    /** Tables whose writes change no document; absent before the migration that finds them. */
    unfollowed: z.optional(z.array(z.string())),
    /** null where its one row is gone. */
    settings: z.nullable(z.unknown()),
  });

const calibrationSchema = () =>
  z.object({
    in_force: z.number(),
    withdrawn: z.array(
      z.object({ model: z.string(), method: z.string(), because: z.nullable(z.string()) }),
    ),
    unreviewed: z.number(),
  });

/** Which model answered how often in the last day, and what is wrong with that. */
export type ChainHealth = z.infer<ReturnType<typeof chainHealthSchema>>;

/** How much of the catalogue is indexed. */
export type SearchState = z.infer<ReturnType<typeof searchStateSchema>>;

/** Calibration maps, and the feedback that no operator has looked at. */
export type CalibrationState = z.infer<ReturnType<typeof calibrationSchema>>;

/** What the database tells of each part. */
export interface ProjectState {
  calibration: CalibrationState | null;
  chain: ChainHealth | null;
  search: SearchState | null;
  /** Names of this project's migrations that the database has, without their timestamps. */
  applied: string[] | null;
}

/** Longer than the database's own statement timeout of 1.5 s. */
const TIMEOUT_MS = 2_000;

/** Reads all parts at once, each within a time limit of its own. */
export async function readProjectState(database: ServiceDatabase | null): Promise<ProjectState> {
  const read = async <Value>(name: string, schema: z.ZodMiniType<Value>): Promise<Value | null> => {
    if (database === null) return null;
    const limit = startTimeLimit(TIMEOUT_MS);
    // A part that isn't installed has no types either.
    const { data, error } = await database.rpc(name as never).abortSignal(limit.signal);
    limit.stop();
    return error ? null : schema.safeParse(data).data ?? null;
  };
  const [chain, calibration, search, applied] = await Promise.all([
    read("semantic_analysis_read_chain_health", chainHealthSchema()),
    read("semantic_analysis_read_calibration", calibrationSchema()),
    read("material_search_read_state", searchStateSchema()),
    read("semantic_analysis_read_migrations", z.array(z.string())),
  ]);
  return { chain, calibration, search, applied };
}
