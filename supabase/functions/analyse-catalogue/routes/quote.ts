import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import type { Ready } from "../dependencies.ts";
import type { AnalysisFacts } from "../jobs/analysis-facts.ts";
import type { Progress } from "../jobs/jobs.ts";
import { type Expectation, toExpectation, toMarginNanoUsd } from "./expectation.ts";
import { parseQuoteRequest, type QuoteRequest } from "./run-request.ts";

/** Seconds that an analysis takes where none has been timed. */
const USUAL_SECONDS = 4;

/** What the waiting jobs will cost, in US dollars. */
export interface Quote {
  jobs: number;
  /** Of them, how many are expected to be known already. */
  expected_known: number;
  expected_usd: number;
  /** Within it, with 95 %; null by list prices. */
  expected_between_usd: [number, number] | null;
  /** More can't be spent. */
  worst_usd: number;
  /**
   * From what the last analyses of this catalogue cost, from the sizes of its pictures, from what analyses
   * of all users cost, or from list prices: the first of them that is known.
   */
  basis: Expectation["basis"];
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

/** Adds up what `jobs` will cost. */
export function toQuote(
  { waiting, running, stranded, ...seen }: Progress,
  facts: AnalysisFacts,
  { limit, moreJobs, sample }: Pick<QuoteRequest, "limit" | "moreJobs" | "sample">,
  concurrency: number,
): Quote {
  const { ceilingNanoUsd, perMinute, projectLeftNanoUsd } = facts;
  const jobs = Math.min(waiting + running + stranded + moreJobs, limit ?? Infinity);
  const { basis, knownShare, meanNanoUsd, deviation } = toExpectation(seen, facts, sample);
  const paid = jobs * (1 - knownShare);
  const worstNanoUsd = jobs * ceilingNanoUsd;
  const expectedNanoUsd = Math.min(paid * meanNanoUsd, worstNanoUsd);
  const margin = toMarginNanoUsd(deviation, paid);
  const between = margin === null ? null : [
    Math.max(0, expectedNanoUsd - margin) / 1e9,
    Math.min(worstNanoUsd, expectedNanoUsd + margin) / 1e9,
  ] as [number, number];
  return {
    jobs,
    expected_known: Math.round(jobs * knownShare),
    expected_usd: expectedNanoUsd / 1e9,
    expected_between_usd: between,
    worst_usd: worstNanoUsd / 1e9,
    basis,
    expected_seconds: Math.ceil(
      Math.max(jobs * USUAL_SECONDS / concurrency, jobs / perMinute * 60 - 60),
    ),
    project_left_usd: projectLeftNanoUsd === null ? null : projectLeftNanoUsd / 1e9,
  };
}
