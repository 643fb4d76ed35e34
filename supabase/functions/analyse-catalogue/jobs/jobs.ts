/** Jobs as the database keeps them: every function here is one of its own, and one transaction. */

import type { PostgrestError } from "@supabase/postgrest-js";
import * as z from "zod/mini";
import type { Database, Json } from "../../_shared/platform/database/database.types.ts";
import { toNotConfigured } from "../../_shared/platform/database/not-set-up.ts";
import type { ServiceDatabase } from "../../_shared/platform/database/postgrest.ts";
import { startTimeLimit } from "../../_shared/platform/http/time-limit.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";

/** A picture to analyse, claimed. */
export interface Job {
  id: number;
  /** The material in the picture; null where it belongs to none. */
  materialId: string | null;
  /** An https URL, or `storage://<bucket>/<path>`. */
  source: string;
  /** Of the stored object that is wanted; null where the job was not made by an upload. */
  version: string | null;
  /** The user in whose name, and against whose limits, it is analysed; null for the catalogue's own. */
  ownerId: string | null;
}

/** What came of a claim; an empty list when nothing is waiting. */
export type Claim =
  | { outcome: "claimed"; jobs: Job[] }
  /** What may be spent does not pay for one more. */
  | { outcome: "budget" }
  /** `waitMs` is null for until the operator resumes. */
  | { outcome: "paused"; waitMs: number | null };

/** How many jobs, for whom, and what each may cost. */
export interface ClaimRequest {
  holder: string;
  count: number;
  /** Set aside for each of them. */
  ceilingNanoUsd: number;
  /** Of an accepted quote; null for the month's budget. */
  run: string | null;
  /** The month's budget; null for none. */
  nanoUsdPerMonth: number | null;
  /** One that has lost a worker, to be worked on alone, in place of those that have not. */
  isSuspect: boolean;
}

/** A job and its holder, who alone can end it. */
export interface HeldJob {
  id: number;
  holder: string;
  /** Nano-dollars that the analysis cost, or may have cost. */
  costNanoUsd: number;
}

/** How jobs get on; times are ISO 8601. */
export type Progress = z.infer<typeof progressSchema>;

/** A worker's ways to change jobs. */
export interface Jobs {
  /** For a lease of 30 s. */
  claim(request: ClaimRequest): Promise<Claim>;
  /** Extends all leases of a holder by as much. */
  renew(holder: string): Promise<void>;
  /**
   * @returns what became of it: `again` where the picture had changed, `failed` where the table refuses
   * the row, `lost` where it was another's.
   */
  finish(job: HeldJob, row: Record<string, unknown>, answer: object): Promise<string>;
  /** Counts an attempt; a third one, or a final one, fails the job. */
  fail(job: HeldJob, failure: { code: string; message: string; isFinal: boolean }): Promise<void>;
  /**
   * Ends the claim without an attempt. `worker`: five in a row of these fail the job. `all` and `outage`
   * have all jobs wait, also where the job is held no more; an outage twice as long each time in a row.
   *
   * @returns what became of it: `waiting`, `failed`, or `lost` where it was another's
   */
  putBack(
    job: HeldJob,
    reason: { code: string; waitMs: number; scope: "job" | "owner" | "all" | "outage" | "worker" },
  ): Promise<string>;
  acceptQuote(run: string, quote: object, limitNanoUsd: number, jobs: number): Promise<void>;
  readProgress(options: { run: string | null; failures: number }): Promise<Progress>;
}

const claimSchema = z.object({
  outcome: z.enum(["claimed", "budget", "paused"]),
  jobs: z.array(z.object({
    id: z.number(),
    material_id: z.nullable(z.string()),
    source: z.string(),
    version: z.nullable(z.string()),
    owner_id: z.nullable(z.string()),
  })),
  wait_ms: z.nullish(z.number()),
});

const count = z.number();
const progressSchema = z.object({
  waiting: count,
  due: count,
  running: count,
  stranded: count,
  done: count,
  failed: count,
  cost_nano: count,
  oldest_waiting_s: z.nullable(z.number()),
  ended_last_10_min: count,
  failed_last_day: count,
  ended_last_day: count,
  is_paused: z.boolean(),
  paused_until: z.nullable(z.string()),
  last_run_at: z.nullable(z.string()),
  // Absent before the migration that brings it.
  stopped_by: z.nullish(z.string()),
  enqueues_materials: z.boolean(),
  upload_buckets: z.array(z.string()),
  month_spent_nano: count,
  usual: z.object({
    analyses: count,
    mean_nano: z.nullable(z.number()),
    deviation_nano: z.nullable(z.number()),
    known_share: z.nullable(z.number()),
  }),
  ledger: z.object({
    analyses: count,
    mean_nano: z.nullable(z.number()),
    deviation_nano: z.nullable(z.number()),
    completion_tokens: z.nullable(z.number()),
  }),
  run: z.nullable(z.object({
    limit_nano: z.number(),
    spent_nano: z.number(),
    jobs_left: z.nullable(z.number()),
  })),
  failures: z.array(z.object({
    id: z.number(),
    material_id: z.nullable(z.string()),
    source: z.string(),
    code: z.nullable(z.string()),
    error: z.nullable(z.string()),
    ended_at: z.string(),
  })),
});

/** Of each call; the database gives up on a lock before. */
const TIMEOUT_MS = 5_000;

type RpcName = Extract<keyof Database["public"]["Functions"], `semantic_analysis_${string}`>;

/** @returns functions that throw {ApiError} UPSTREAM_UNAVAILABLE, or NOT_CONFIGURED without the migration. */
export function createJobs(database: ServiceDatabase): Jobs {
  async function call<Name extends RpcName, Row>(
    schema: z.ZodMiniType<Row>,
    name: Name,
    parameters: Database["public"]["Functions"][Name]["Args"],
  ): Promise<Row> {
    const limit = startTimeLimit(TIMEOUT_MS);
    const { data, error } = await database
      .rpc(name as RpcName, parameters as never)
      .abortSignal(limit.signal);
    limit.stop();
    if (error) throw toDatabaseError(error);
    return schema.parse(data);
  }

  const toParameters = ({ id, holder, costNanoUsd }: HeldJob) => ({
    p_id: id,
    p_holder: holder,
    p_cost_nano: costNanoUsd,
  });

  return {
    async claim({ holder, count, ceilingNanoUsd, run, nanoUsdPerMonth, isSuspect }) {
      const row = await call(claimSchema, "semantic_analysis_claim_jobs", {
        p_holder: holder,
        p_count: count,
        p_ceiling_nano: ceilingNanoUsd,
        ...(run !== null && { p_run: run }),
        ...(nanoUsdPerMonth !== null && { p_nano_per_month: nanoUsdPerMonth }),
        p_suspects: isSuspect,
      });
      if (row.outcome === "paused") {
        return { outcome: "paused", waitMs: row.wait_ms ?? null };
      }
      if (row.outcome === "budget") return { outcome: "budget" };
      const jobs = row.jobs.map(({ id, source, version, material_id, owner_id }) => ({
        id,
        source,
        materialId: material_id,
        version,
        ownerId: owner_id,
      }));
      return { outcome: "claimed", jobs };
    },
    async renew(holder) {
      await call(z.any(), "semantic_analysis_renew_jobs", { p_holder: holder });
    },
    finish: (job, row, answer) =>
      call(z.string(), "semantic_analysis_finish_job", {
        ...toParameters(job),
        p_row: row as Json,
        p_answer: answer as Json,
      }),
    async fail(job, { code, message, isFinal }) {
      await call(z.string(), "semantic_analysis_fail_job", {
        ...toParameters(job),
        p_code: code,
        p_error: message,
        p_is_final: isFinal,
      });
    },
    putBack: (job, { code, waitMs, scope }) =>
      call(z.string(), "semantic_analysis_put_back_job", {
        ...toParameters(job),
        p_wait_ms: Math.ceil(waitMs),
        p_code: code,
        p_scope: scope,
      }),
    async acceptQuote(run, quote, limitNanoUsd, jobs) {
      await call(z.any(), "semantic_analysis_accept_quote", {
        p_run: run,
        p_quote: quote as Json,
        p_limit_nano: limitNanoUsd,
        p_jobs: jobs,
      });
    },
    readProgress: ({ run, failures }) =>
      call(progressSchema, "semantic_analysis_read_progress", {
        ...(run !== null && { p_run: run }),
        p_failures: failures,
      }),
  };
}

function toDatabaseError(error: PostgrestError): ApiError {
  const notConfigured = toNotConfigured(error, "The catalogue's");
  if (notConfigured !== null) return notConfigured;
  if (error.code === "P0002") {
    return new ApiError("NOT_FOUND", "There is no such run: its quote was not accepted");
  }
  return new ApiError("UPSTREAM_UNAVAILABLE", "The database could not be reached", {
    cause: error,
  });
}
