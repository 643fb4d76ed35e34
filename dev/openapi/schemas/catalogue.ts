/** The wire of analyse-catalogue, as the document tells it. */
import * as z from "zod";
import type { WorkDone } from "../../../supabase/functions/analyse-catalogue/jobs/run.ts";
import type { Quote } from "../../../supabase/functions/analyse-catalogue/routes/quote.ts";
import type { Same } from "../same-type.ts";
import { optional } from "./analysis.ts";

const count = () => z.int().min(0);
const usd = () => z.number().min(0);

export const runRequestSchema = z.object({
  run: optional(z.guid()).describe("Of an accepted quote, whose budget it uses."),
  limit: optional(z.int().min(1).max(100)).describe("Jobs at most. Default 100."),
}).meta({ id: "RunRequest" });

export const runResponseSchema = z.object({
  ended: z.enum(["idle", "time", "jobs", "budget", "paused", "stopped"]),
  analysed: count(),
  known: count().describe("Of them, how many cost nothing because the picture was known."),
  failed: count(),
  put_back: count(),
  cost_usd: usd(),
  retry_after_ms: z.number().nullable(),
  reason: z.object({ code: z.string(), message: z.string() }).nullable()
    .describe("The failure that ended it; null where none did."),
  request_id: z.string(),
}).meta({ id: "RunResponse", description: "What a run did, and why it ended." });

/** The compiler holds the schema against the type of the wire. */
export const isRun: Same<z.infer<typeof runResponseSchema>, WorkDone & { request_id: string }> =
  true;

export const quoteRequestSchema = z.object({
  more_jobs: optional(count().max(10_000_000)).describe("Jobs that are not enqueued yet."),
  accept: optional(z.boolean()).describe("Make a budget of it."),
  budget_usd: optional(z.number().gt(0).max(1e6)).describe("Default the worst price."),
  limit: optional(z.int().min(1)).describe("Jobs at most."),
  sample: optional(z.object({
    known: count().describe("Pictures whose bytes are another one's."),
    strata: z.array(z.object({
      pictures: z.int().min(1),
      tokens: z.array(count().nullable()).max(1_000),
    })).max(100),
  })).describe("What some of the pictures take."),
}).meta({ id: "QuoteRequest" });

const quoteSchema = z.object({
  jobs: count(),
  expected_known: count(),
  expected_usd: usd(),
  expected_between_usd: z.tuple([usd(), usd()]).nullable().describe("With 95 %."),
  worst_usd: usd().describe("More can't be spent."),
  basis: z.enum(["experience", "sizes", "ledger", "list_prices"]),
  expected_seconds: count(),
  project_left_usd: z.number().nullable().describe("null for no bound."),
});

/** The compiler holds the schema against the type of the wire. */
export const isQuote: Same<z.infer<typeof quoteSchema>, Quote> = true;

export const quoteResponseSchema = quoteSchema.extend({
  run: z.string().exactOptional().describe("Its id, where it was accepted."),
  budget_usd: usd().exactOptional(),
  request_id: z.string(),
}).meta({ id: "QuoteResponse" });

const failureSchema = z.object({
  id: z.int(),
  material_id: z.string().nullable(),
  source: z.string(),
  code: z.string().nullable(),
  error: z.string().nullable().describe("In words for a person."),
  ended_at: z.string(),
}).meta({ id: "FailedJob" });

export const progressResponseSchema = z.object({
  waiting: count(),
  due: count(),
  running: count(),
  stranded: count().describe("With a lease that has run out."),
  done: count(),
  failed: count(),
  oldest_waiting_s: z.number().nullable(),
  ended_last_10_min: count(),
  failed_last_day: count(),
  ended_last_day: count(),
  is_paused: z.boolean(),
  paused_until: z.string().nullable(),
  last_run_at: z.string().nullable(),
  stopped_by: z.string().nullable().describe("The code of what stopped the last run."),
  enqueues_materials: z.boolean(),
  upload_buckets: z.array(z.string()),
  per_minute: z.number().min(0),
  left_seconds: z.number().nullable(),
  cost_usd: usd(),
  month: z.object({ spent_usd: usd(), limit_usd: z.number().nullable() }),
  run: z.object({ spent_usd: usd(), budget_usd: usd(), jobs_left: z.int().nullable() }).nullable(),
  failures: z.array(failureSchema),
  request_id: z.string(),
}).meta({ id: "ProgressResponse" });
