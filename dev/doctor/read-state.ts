/** What the doctor and the ledger of a project say, read with its secret. */
import { parseJson } from "../../supabase/functions/_shared/platform/parse-json.ts";
import { toKeyHeaders } from "../../supabase/functions/_shared/platform/auth/key-headers.ts";
import { PUBLIC_SCHEMA_HEADERS } from "../../supabase/functions/_shared/platform/database/postgrest.ts";
import { describeUnreached, type ProjectAddress } from "../catalogue/project-address.ts";

/** A finding of a function's doctor. */
export interface Finding {
  name: string;
  status: "ok" | "warning" | "failed" | "skipped";
  message: string;
  action?: string;
}

/** A function's health. */
export interface FunctionHealth {
  functionName: string;
  /** null where the function is not deployed, `failed` where what answers is no health. */
  status: string | null;
  version: string | null;
  checks: Finding[];
}

/** What `semantic_analysis_read_days` tells; dollars, milliseconds, UTC days. */
export interface Days {
  days: {
    day: string;
    requests: number;
    answered: number;
    denied: number;
    cost_usd: number;
    known: number;
    lookups: number;
    p50_ms: number | null;
    p95_ms: number | null;
  }[];
  models: { model: string; day: string; requests: number; cost_usd: number }[];
  denials: { limited_by: string; requests: number; subjects: number }[];
  outcomes: { outcome: string; requests: number }[];
  spenders: { subject: string; requests: number; cost_usd: number }[];
}

/** An embedding space, as `material_search_read_spaces` tells it. */
export interface EmbeddingSpace {
  name: string;
  model: string;
  dimensions: number;
  metric: string;
  is_searched: boolean;
  /** null until it is learnt. */
  cut_off: number | null;
  vectors: number;
  has_index: boolean;
}

/** What there is to print. */
export interface ProjectState {
  url: string;
  functions: FunctionHealth[];
  /** null where the database could not tell it, with the reason in `daysProblem`. */
  days: Days | null;
  daysProblem: string | null;
  /** None where the search is not installed. */
  spaces: EmbeddingSpace[];
}

/** Functions whose health has findings for a project secret. */
const FUNCTIONS = ["semantic-analysis", "analyse-catalogue"];

/** The project that was asked could not be reached, or does not know the secret. */
export class DoctorError extends Error {
  override name = "DoctorError";
}

/** @throws {DoctorError} when the project can't be reached or the secret is not its own */
export async function readProjectState(
  { url, secretKey }: ProjectAddress,
  days: number,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<ProjectState> {
  const headers = {
    "content-type": "application/json",
    ...toKeyHeaders(secretKey),
    ...PUBLIC_SCHEMA_HEADERS,
  };
  const ask = async (path: string, body?: object): Promise<{ status: number; text: string }> => {
    try {
      const response = await fetch(new URL(path, url), {
        headers,
        ...(body && { method: "POST", body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw new DoctorError(describeUnreached(url, error));
    }
  };
  const [functions, answer, spaces] = await Promise.all([
    Promise.all(
      FUNCTIONS.map(async (name) => toHealth(name, await ask(`/functions/v1/${name}/health`))),
    ),
    ask("/rest/v1/rpc/semantic_analysis_read_days", { p_days: days }),
    ask("/rest/v1/rpc/material_search_read_spaces", {}),
  ]);
  const isRead = answer.status === 200;
  return {
    url,
    functions,
    days: isRead ? JSON.parse(answer.text) : null,
    daysProblem: isRead ? null : toProblem(answer),
    spaces: spaces.status === 200 ? JSON.parse(spaces.text) : [],
  };
}

function toHealth(
  functionName: string,
  { status, text }: { status: number; text: string },
): FunctionHealth {
  if (status === 401) {
    throw new DoctorError(
      `${functionName} does not take the secret: is SUPABASE_SECRET_KEY this project's?`,
    );
  }
  // deno-lint-ignore no-explicit-any -- a function's health, or what the platform says instead
  const body = parseJson(text) as any;
  if (typeof body?.status === "string") {
    const { status, version = null, checks = [] } = body;
    return { functionName, status, version, checks };
  }
  if (status === 404) return { functionName, status: null, version: null, checks: [] };
  const failure: Finding = {
    name: "health",
    status: "failed",
    message: `It is deployed, and answered ${status}: ${text.slice(0, 200)}`,
    action: "See its log; deploying it again mends what was left out",
  };
  return { functionName, status: "failed", version: null, checks: [failure] };
}

function toProblem({ status, text }: { status: number; text: string }): string {
  if (status === 404) {
    return "The migrations of this version are missing: supabase db push --remote";
  }
  return `The database answered ${status}: ${text.slice(0, 200)}`;
}
