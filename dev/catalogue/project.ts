/** A project whose catalogue is analysed, asked with its secret. */
import { toKeyHeaders } from "../../supabase/functions/_shared/platform/auth/key-headers.ts";
import { PUBLIC_SCHEMA_HEADERS } from "../../supabase/functions/_shared/platform/database/postgrest.ts";
import { parseJson } from "../../supabase/functions/_shared/platform/parse-json.ts";
import type { WorkDone } from "../../supabase/functions/analyse-catalogue/jobs/run.ts";
import type { Quote } from "../../supabase/functions/analyse-catalogue/routes/quote.ts";
import type { PictureSample } from "../../supabase/functions/analyse-catalogue/routes/run-request.ts";
import type { CatalogueProgress } from "./catalogue-progress.ts";
import type { ColourStore } from "./measure-colours.ts";
import { measurePictures } from "./measure-pictures.ts";
import { CatalogueError, describeUnreached, type ProjectAddress } from "./project-address.ts";

/** An accepted quote. */
export type AcceptedQuote = Quote & { run: string; budget_usd: number };

/** Which materials are meant; all that have no analysis where nothing is said. */
export interface MaterialChoice {
  materialIds?: string[];
  category?: string;
  /** Those without an analysis by this version of the prompt. */
  olderThanPrompt?: string;
  limit?: number;
}

/** The calls of a project's analyse-catalogue and of its jobs. */
export interface CatalogueProject {
  /** The last failures, at most a thousand. */
  readProgress(options?: { run?: string; failures?: number }): Promise<CatalogueProgress>;
  /** With `isDry` it is counted and nothing is changed. */
  enqueue(choice: MaterialChoice, options?: { isDry?: boolean }): Promise<
    { enqueued: number; without_picture: number }
  >;
  /** Of semantic-analysis as it is deployed. */
  readPromptVersion(): Promise<string>;
  /** Looks at the first bytes of at most 200 pictures; once the signal is aborted, at no further one. */
  measurePictures(choice: MaterialChoice, signal?: AbortSignal): Promise<PictureSample>;
  quote(
    options: { moreJobs?: number; limit?: number; sample?: PictureSample | null },
  ): Promise<Quote>;
  acceptQuote(
    options: { budgetUsd?: number; limit?: number; sample?: PictureSample | null },
  ): Promise<AcceptedQuote>;
  /** Works for up to a minute. */
  work(run: string, signal?: AbortSignal): Promise<WorkDone>;
  pause(isPaused: boolean): Promise<void>;
  retryFailed(code?: string): Promise<number>;
}

/** What the function tells at a time. */
const MOST_FAILURES = 1_000;

/** @returns calls that throw {CatalogueError}, or the reason of their signal */
export function createCatalogueProject(
  { url, secretKey }: ProjectAddress,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): CatalogueProject & ColourStore {
  const headers = {
    "content-type": "application/json",
    ...toKeyHeaders(secretKey),
    ...PUBLIC_SCHEMA_HEADERS,
  };

  // deno-lint-ignore no-explicit-any -- the bodies are this version's own
  async function call(path: string, body?: object, signal?: AbortSignal): Promise<any> {
    let response: Response;
    try {
      response = await fetch(new URL(path, url), {
        method: body ? "POST" : "GET",
        headers,
        ...(body && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw new CatalogueError(describeUnreached(url, error), { isPassing: true });
    }
    const { ok, status } = response;
    const text = await response.text();
    // deno-lint-ignore no-explicit-any -- as above, or an error's
    const answer = parseJson(text) as any;
    if (ok && (text === "" || answer !== undefined)) return answer ?? null;
    if (ok) throw new CatalogueError(`"${url}" is no Supabase project: ${path} is no JSON`);
    const told = answer?.error?.message ?? answer?.message ?? text.slice(0, 500);
    throw new CatalogueError(
      `${path.split("?")[0]} answered ${status}: ${told}` +
        (status === 401 || status === 403
          ? `; SUPABASE_SECRET_KEY must be a secret key of "${url}"`
          : ""),
      {
        isPassing: status === 429 || status >= 500 && answer?.error?.code !== "NOT_CONFIGURED",
      },
    );
  }

  const callFunction = (path: string, body?: object, signal?: AbortSignal) =>
    call(`/functions/v1/analyse-catalogue${path}`, body, signal);
  const callDatabase = (name: string, parameters: object) =>
    call(`/rest/v1/rpc/semantic_analysis_${name}`, parameters);
  const callSearch = (name: string, parameters: object) =>
    call(`/rest/v1/rpc/material_search_${name}`, parameters);

  return {
    readProgress({ run, failures = 0 } = {}) {
      const query = new URLSearchParams({
        failures: String(Math.min(failures, MOST_FAILURES)),
        ...(run && { run }),
      });
      return callFunction(`?${query}`);
    },
    enqueue: (choice, { isDry = false } = {}) =>
      callDatabase("enqueue", { ...toParameters(choice), p_is_dry: isDry }),
    async readPromptVersion() {
      const { analysis } = await call("/functions/v1/semantic-analysis/limits");
      return analysis.prompt_version;
    },
    async measurePictures(choice, signal) {
      const [chosen, { analysis }] = await Promise.all([
        callDatabase("sample_pictures", toParameters(choice)),
        call("/functions/v1/semantic-analysis/limits"),
      ]);
      return await measurePictures(chosen, {
        project: { url, secretKey },
        storedEdge: analysis.stored_picture_edge,
        fetch,
        ...(signal && { signal }),
      });
    },
    quote: ({ moreJobs = 0, limit, sample }) =>
      callFunction("/quote", {
        more_jobs: moreJobs,
        limit: limit ?? null,
        sample: sample ?? null,
      }),
    acceptQuote: ({ budgetUsd, limit, sample }) =>
      callFunction("/quote", {
        accept: true,
        budget_usd: budgetUsd ?? null,
        limit: limit ?? null,
        sample: sample ?? null,
      }),
    work: (run, signal) => callFunction("", { run }, signal),
    listPictures: ({ after, limit, isAgain, category }) =>
      callSearch("list_pictures", {
        p_after: after,
        p_limit: limit,
        p_is_again: isAgain,
        p_category: category,
      }),
    storePalette: ({ material_id, source }, { colors, hash }) =>
      callSearch("store_palette", {
        p_material_id: material_id,
        p_palette: colors,
        p_source: source,
        p_source_hash: hash,
      }),
    pause: (isPaused) => callDatabase("pause_jobs", { p_is_paused: isPaused }),
    retryFailed: (code) => callDatabase("retry_failed_jobs", { p_code: code ?? null }),
  };
}

function toParameters({ materialIds, category, olderThanPrompt, limit }: MaterialChoice) {
  return {
    p_material_ids: materialIds ?? null,
    p_category: category ?? null,
    p_older_than_prompt: olderThanPrompt ?? null,
    p_limit: limit ?? null,
  };
}
