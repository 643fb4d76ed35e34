import * as z from "zod/mini";
import { readSmallObject } from "../../_shared/platform/body/read-json.ts";
import { invalidFields } from "../../_shared/platform/http/invalid-request.ts";

/** What a run is asked to do. */
export interface RunRequest {
  /** Of an accepted quote; null for the month's budget. */
  run: string | null;
  /** Jobs at most. */
  limit: number;
}

/**
 * Jobs of one run at most. A worker is retired after 1 s of CPU in all its life, and on Deno 2.1.4 a job
 * takes 2.5 ms of it, whatever its picture.
 */
const MAX_JOBS = 100;

const runError = { error: "must be the id of an accepted quote" };
const limitError = { error: `must be a whole number from 1 to ${MAX_JOBS}` };
const schema = z.object({
  run: z.optional(z.nullable(z.guid(runError))),
  limit: z.optional(
    z.nullable(z.int(limitError).check(z.gte(1, limitError), z.lte(MAX_JOBS, limitError))),
  ),
});

/** An empty body means a run of all defaults. @throws {ApiError} INVALID_REQUEST */
export async function parseRunRequest(request: Request): Promise<RunRequest> {
  const { run, limit } = parse(schema, await readSmallObject(request));
  return { run: run ?? null, limit: limit ?? MAX_JOBS };
}

/** What a quote is asked for: null accepts none of it. */
export interface QuoteRequest {
  /** Jobs that are not enqueued yet. */
  moreJobs: number;
  /** Make a budget of it. */
  isAccepted: boolean;
  /** US dollars at most; null for the worst that the jobs can cost. */
  budgetUsd: number | null;
  /** Jobs at most; null for all that wait. */
  limit: number | null;
  /** null where no picture was looked at. */
  sample: PictureSample | null;
}

/** What some of the pictures take. */
export interface PictureSample {
  /** Pictures whose bytes are another one's: they are paid once. */
  known: number;
  /** Groups of pictures of a kind, at most a hundred. */
  strata: readonly PictureStratum[];
}

/** Pictures of about the same length, and the sizes of those that were looked at. */
export interface PictureStratum {
  /** All of the stratum. */
  pictures: number;
  /**
   * Of those that were looked at, what Together counts for their sizes; null for one that is no picture
   * and costs nothing.
   */
  tokens: readonly (number | null)[];
}

/** More than any catalogue has; beyond, Postgres' numbers end. */
const MOST_JOBS = 10_000_000;
const MAX_BUDGET_USD = 1_000_000;

const budgetError = { error: `must be US dollars, more than 0, at most ${MAX_BUDGET_USD}` };
const jobsError = { error: "must be a whole number of at least 1" };
const countError = { error: `must be a whole number from 0 to ${MOST_JOBS}` };
const strataError = { error: "must be a list of at most 100 of { pictures, tokens }" };
const sizesError = { error: "must be a list of at most 1000" };
const count = z.int(countError).check(z.gte(0, countError), z.lte(MOST_JOBS, countError));
const tokensError = { error: "must be tokens, a whole number" };
const quoteSchema = z.object({
  more_jobs: z.optional(z.nullable(count)),
  accept: z.optional(z.nullable(z.boolean({ error: "must be true or false" }))),
  budget_usd: z.optional(
    z.nullable(
      z.number(budgetError).check(z.gt(0, budgetError), z.lte(MAX_BUDGET_USD, budgetError)),
    ),
  ),
  limit: z.optional(z.nullable(z.int(jobsError).check(z.gte(1, jobsError)))),
  sample: z.optional(z.nullable(z.object({
    known: count,
    strata: z.array(
      z.object({
        pictures: z.int(jobsError).check(z.gte(1, jobsError)),
        tokens: z.array(z.nullable(z.int(tokensError).check(z.gte(0, tokensError))), sizesError)
          .check(z.maxLength(1_000, sizesError)),
      }),
      strataError,
    ).check(z.maxLength(100, strataError)),
  }))),
});

/** @throws {ApiError} INVALID_REQUEST */
export async function parseQuoteRequest(request: Request): Promise<QuoteRequest> {
  const body = parse(quoteSchema, await readSmallObject(request));
  return {
    moreJobs: body.more_jobs ?? 0,
    isAccepted: body.accept ?? false,
    budgetUsd: body.budget_usd ?? null,
    limit: body.limit ?? null,
    sample: body.sample ?? null,
  };
}

function parse<T>(schema: z.ZodMiniType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalidFields(result.error);
}
