import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import type { Ready } from "../dependencies.ts";
import type { AnalysisFacts } from "../jobs/analysis-facts.ts";
import type { Progress } from "../jobs/jobs.ts";
import { parseQuoteRequest, type QuoteRequest } from "./run-request.ts";

/** With fewer analyses behind it, an average says little. */
const MIN_EXPERIENCE = 20;

/** Seconds that an analysis takes where none has been timed. */
const USUAL_SECONDS = 4;

/** What the waiting jobs will cost, in US dollars. */
export interface Quote {
  jobs: number;
  /** Of them, how many are expected to be known already. */
  expected_known: number;
  expected_usd: number;
  /** Within it, with 95 %; null without experience. */
  expected_between_usd: [number, number] | null;
  /** More can't be spent. */
  worst_usd: number;
  /** From what the last analyses of this catalogue cost, or of all users, or from list prices. */
  basis: "experience" | "ledger" | "list_prices";
  expected_seconds: number;
  /** What is left of `PROJECT_USD_PER_MONTH`; a run beyond it stops. null for no bound. */
  project_left_usd: number | null;
}

/** `POST …/quote`: what the waiting jobs will cost; accepted, it is a budget that a run never exceeds. */
export async function showQuote(
  request: Request,
  context: RequestContext,
  { settings, jobs, readAnalysisFacts }: Ready,
): Promise<Response> {
  const wanted = await parseQuoteRequest(request);
  const [progress, facts] = await Promise.all([
    jobs.readProgress({ run: null, failures: 0 }),
    readAnalysisFacts(),
  ]);
  const quote = toQuote(progress, facts, wanted, settings.concurrency);
  if (!wanted.isAccepted) return Response.json({ ...quote, request_id: context.requestId });
  const run = crypto.randomUUID();
  const budgetUsd = wanted.budgetUsd ?? quote.worst_usd;
  await jobs.acceptQuote(run, quote, Math.round(budgetUsd * 1e9), quote.jobs);
  context.note({ run, jobs: quote.jobs, budget_usd: budgetUsd });
  return Response.json({ ...quote, run, budget_usd: budgetUsd, request_id: context.requestId });
}

/** Analyses that were paid for, and what they cost. */
interface Seen {
  basis: "experience" | "ledger";
  mean_nano: number | null;
  deviation_nano: number | null;
  paid: number;
  knownShare: number;
}

/** Adds up what `jobs` will cost. */
export function toQuote(
  { waiting, running, stranded, usual, ledger }: Progress,
  { ceilingNanoUsd, estimatedNanoUsd, perMinute, projectLeftNanoUsd }: AnalysisFacts,
  { limit, moreJobs }: Pick<QuoteRequest, "limit" | "moreJobs">,
  concurrency: number,
): Quote {
  const jobs = Math.min(waiting + running + stranded + moreJobs, limit ?? Infinity);
  const own = Math.round(usual.analyses * (1 - (usual.known_share ?? 0)));
  const seen: Seen | null = own >= MIN_EXPERIENCE
    ? { basis: "experience", ...usual, paid: own, knownShare: usual.known_share ?? 0 }
    : ledger.analyses >= MIN_EXPERIENCE
    ? { basis: "ledger", ...ledger, paid: ledger.analyses, knownShare: 0 }
    : null;
  const knownShare = seen?.knownShare ?? 0;
  const expectedNanoUsd = jobs * (1 - knownShare) * (seen?.mean_nano ?? estimatedNanoUsd);
  // Of the mean that was seen, and of the sum that is to come.
  const deviation = seen &&
    (seen.deviation_nano ?? 0) * Math.sqrt(jobs + jobs * jobs / seen.paid) * (1 - knownShare);
  const between = deviation === null ? null : [
    Math.max(0, expectedNanoUsd - 1.96 * deviation) / 1e9,
    Math.min(jobs * ceilingNanoUsd, expectedNanoUsd + 1.96 * deviation) / 1e9,
  ] as [number, number];
  return {
    jobs,
    expected_known: Math.round(jobs * knownShare),
    expected_usd: expectedNanoUsd / 1e9,
    expected_between_usd: between,
    worst_usd: jobs * ceilingNanoUsd / 1e9,
    basis: seen?.basis ?? "list_prices",
    expected_seconds: Math.ceil(
      Math.max(jobs * USUAL_SECONDS / concurrency, jobs / perMinute * 60 - 60),
    ),
    project_left_usd: projectLeftNanoUsd === null ? null : projectLeftNanoUsd / 1e9,
  };
}
