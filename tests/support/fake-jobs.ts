/** Jobs in memory, and an analysis that answers as it is told. */
import type { AnalysisResponseBody } from "../../supabase/functions/_shared/client/contract.ts";
import { SemanticAnalysisError } from "../../supabase/functions/_shared/client/errors.ts";
import type {
  Claim,
  ClaimRequest,
  Job,
  Progress,
} from "../../supabase/functions/analyse-catalogue/jobs/jobs.ts";
import type { WorkOptions } from "../../supabase/functions/analyse-catalogue/jobs/run.ts";
import { work } from "../../supabase/functions/analyse-catalogue/jobs/work.ts";
import { ANALYSIS } from "./analysis-client.ts";

/** What an analysis comes to: an answer, or the code of an error. */
export type Result = Partial<AnalysisResponseBody> | string | SemanticAnalysisError;

/** A job of the material `m<id>`. */
export const job = (id: number, ownerId: string | null = null): Job => ({
  id,
  materialId: `m${id}`,
  source: `https://pictures.example/${id}.jpg`,
  version: null,
  ownerId,
});

/** An error of semantic-analysis. */
export const refused = (code: string, options: object = {}) =>
  new SemanticAnalysisError("No", { code, ...options });

/** The progress of a catalogue without a job, but for what is given. */
export const progressOf = (others: Partial<Progress> = {}): Progress => ({
  waiting: 0,
  due: 0,
  running: 0,
  stranded: 0,
  done: 0,
  failed: 0,
  cost_nano: 0,
  oldest_waiting_s: null,
  ended_last_10_min: 0,
  failed_last_day: 0,
  ended_last_day: 0,
  is_paused: false,
  paused_until: null,
  last_run_at: null,
  stopped_by: null,
  enqueues_materials: false,
  upload_buckets: [],
  month_spent_nano: 0,
  usual: { analyses: 0, mean_nano: null, deviation_nano: null, known_share: null },
  ledger: { analyses: 0, mean_nano: null, deviation_nano: null, completion_tokens: null },
  run: null,
  failures: [],
  ...others,
});

/** Runs `work` on these jobs, whose analyses come to these results in turn, the last one again and again. */
export async function workOff(
  waiting: Job[],
  results: Result[],
  options: Partial<WorkOptions> & {
    claims?: Claim[];
    suspects?: Job[];
    renew?: WorkOptions["jobs"]["renew"];
  } = {},
) {
  const ends: unknown[][] = [];
  const claims: ClaimRequest[] = [];
  let nowMs = 0;
  let asked = 0;
  const left = [...waiting];
  const note = (...end: unknown[]) => Promise.resolve(void ends.push(end));
  const done = await work({
    jobs: {
      claim: (request) => {
        if (request.isSuspect) {
          const jobs = (options.suspects ?? []).splice(0, 1);
          return Promise.resolve({ outcome: "claimed", jobs });
        }
        claims.push(request);
        const scripted = options.claims?.shift();
        return Promise.resolve(
          scripted ?? { outcome: "claimed", jobs: left.splice(0, request.count) },
        );
      },
      renew: options.renew ?? (() => Promise.resolve()),
      finish: async (held, row) => {
        await note("done", held.id, held.costNanoUsd, row.llama_analysis_prompt_hash);
        return "done";
      },
      fail: (held, { code, isFinal }) =>
        note(isFinal ? "rejected" : "failed", held.id, held.costNanoUsd, code),
      putBack: async (held, { scope, waitMs }) => {
        await note(`back:${scope}`, held.id, held.costNanoUsd, waitMs);
        return "waiting";
      },
    },
    analyse: () => {
      const result = results[Math.min(asked++, results.length - 1)]!;
      nowMs += 1_000;
      if (typeof result === "string") return Promise.reject(refused(result));
      if (result instanceof Error) return Promise.reject(result);
      return Promise.resolve({ ...ANALYSIS, ...result });
    },
    holder: "h",
    run: null,
    nanoUsdPerMonth: null,
    ceilingNanoUsd: 9_000_000,
    promptVersion: "p1",
    concurrency: 1,
    maxJobs: 100,
    workMs: 50_000,
    totalMs: 70_000,
    now: () => nowMs,
    pause: (_ms, signal) =>
      new Promise((resolve) => signal?.addEventListener("abort", () => resolve())),
    ...options,
  });
  return { done, ends, claims };
}
