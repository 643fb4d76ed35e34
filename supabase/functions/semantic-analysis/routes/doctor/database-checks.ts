/** What the database tells: whether its parts are there and fit, and what happened in the last day. */

import { countOf } from "../../../_shared/client/count-of.ts";
import { type PartName, PARTS } from "../../../_shared/platform/database/migrations.ts";
import {
  EXPOSE_PUBLIC,
  isSchemaNotExposed,
} from "../../../_shared/platform/database/not-set-up.ts";
import { ApiError } from "../../../_shared/platform/http/api-error.ts";
import type { RateLimiter } from "../../../_shared/platform/limits/rate-limiter.ts";
import type { Check } from "./check.ts";
import type { ChainHealth, ProjectState, SearchState } from "./read-project-state.ts";

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const INSUFFICIENT_PRIVILEGE = "42501";

const NOT_CHECKED = "Not checked: the database comes first";

/** Of each part that isn't always there, the function that needs it. */
const PART_OF_FUNCTION: Record<string, PartName> = {
  "visual-search": "material_search",
  "analyse-catalogue": "catalogue_jobs",
};

/** Whether the limiter answers, by reading the limits of a service that makes no requests. */
export async function checkDatabase(
  rateLimiter: Pick<RateLimiter, "read"> | null,
): Promise<Check> {
  if (rateLimiter === null) {
    return {
      name: "database",
      status: "failed",
      message: "SUPABASE_URL or SUPABASE_SECRET_KEYS is not set",
      action: "The platform sets both; see whether the function runs on Supabase",
    };
  }
  try {
    await rateLimiter.read("service:doctor", {
      perMinute: 1,
      burst: 1,
      perDay: 1,
      concurrent: 1,
      nanoUsdPerMonth: null,
    }, { kind: "signed_in" });
    return { name: "database", status: "ok", message: "The rate limit answers" };
  } catch (error) {
    return { name: "database", status: "failed", ...explain(error) };
  }
}

/** What failed and what to do about it. */
function explain(error: unknown): { message: string; action: string } {
  const cause = ((error as { cause?: unknown } | null)?.cause ?? {}) as Record<string, unknown>;
  if (error instanceof ApiError && error.code === "NOT_CONFIGURED") {
    const action = isSchemaNotExposed(cause) ? EXPOSE_PUBLIC : "Run: supabase db push --remote";
    return { message: error.message, action };
  }
  const told = typeof cause.message === "string" && cause.message !== ""
    ? `: ${cause.message}`
    : "";
  return {
    message: `The rate limit does not answer${told}`,
    action: cause.code === INSUFFICIENT_PRIVILEGE
      ? "Grant to service_role what this names: every function of ours is called by that role"
      : "See whether the project's database is running and not overloaded",
  };
}

/** Whether each part has exactly the migrations of this version. */
export function checkMigrations(
  { applied }: ProjectState,
  deployed: readonly string[],
): Check {
  const name = "migrations";
  if (applied === null) return { name, status: "skipped", message: NOT_CHECKED };
  const needed = new Set<PartName>([
    "semantic_analysis",
    ...deployed.flatMap((each) => PART_OF_FUNCTION[each] ?? []),
  ]);
  // The first of all is there before the function that tells the list: its name was taken out later.
  if (!applied.includes(PARTS.semantic_analysis[0]!)) {
    return {
      name,
      status: "warning",
      message: "The database's list of migrations has lost the names of the first, as after " +
        "supabase migration squash: whether all are applied can't be told by it",
      action: "See that it finds nothing to push: supabase db push --remote --dry-run",
    };
  }
  const isApplied = (part: PartName) => applied.some((each) => each.startsWith(`${part}_`));
  const parts = (Object.keys(PARTS) as PartName[])
    .filter((part) => needed.has(part) || isApplied(part));
  const missing = parts.flatMap((part) => PARTS[part].filter((each) => !applied.includes(each)));
  if (missing.length > 0) {
    return {
      name,
      status: "failed",
      message: `Of this version's migrations, ${missing.length} are not applied: ${
        missing.slice(0, 3).join(", ")
      }${missing.length > 3 ? " …" : ""}`,
      action: "Run: supabase db push --remote",
    };
  }
  const known = new Set<string>(Object.values(PARTS).flat());
  const newer = applied.filter((each) => !known.has(each));
  if (newer.length > 0) {
    return {
      name,
      status: "warning",
      message: `The database has migrations of another version: ${newer.slice(0, 3).join(", ")}`,
      action: "Deploy the functions of the version that was installed last",
    };
  }
  return { name, status: "ok", message: `Applied as in this version: ${parts.join(", ")}` };
}

/** What of the catalogue can't be found. */
export function checkSearch(search: SearchState | null): Check {
  const name = "search";
  if (search === null) {
    return { name, status: "skipped", message: "Not checked: the search is not installed" };
  }
  if (search.settings === null) {
    return {
      name,
      status: "failed",
      message:
        "The search has lost its settings, so nothing is found: only the schema came along, " +
        "as a restore or supabase migration squash may leave it",
      action: "Copy the rows of material_search.settings, synonyms and synonym_stems from the " +
        "database that it was made of",
    };
  }
  const { unfollowed = [] } = search;
  if (unfollowed.length > 0) {
    return {
      name,
      status: "warning",
      message: `Another table has taken the place of ${unfollowed.join(" and ")}: ` +
        "what is written there is not found",
      action: "Run: select public.material_search_refresh_documents(), until nothing is pending",
    };
  }
  if (search.skipped === 0) {
    return { name, status: "ok", message: `${countOf(search.documents, "material")} can be found` };
  }
  const reasons = Object.entries(search.skipped_reasons)
    .map(([reason, count]) => `${count} × ${reason}`).join(", ");
  return {
    name,
    status: "warning",
    message: `${
      countOf(search.skipped, "material")
    } could not be indexed (${reasons}); ${search.documents} can be found`,
    action: "See: select * from material_search.skipped",
  };
}

/** What each problem means, and what to do about it. */
const PROBLEMS: Record<string, { message: string; action: string }> = {
  first_model_never_answers: {
    message: "the first model has not answered once",
    action: "set TOGETHER_MODEL to a model that is served, such as the one that answers",
  },
  fallback_always_answers: {
    message: "a fallback answers nearly always",
    action: "set TOGETHER_MODEL to the model that answers",
  },
  cache_never_hits: {
    message: "the cache has never hit",
    action:
      "see whether clients send the same picture in other bytes each time, and ANALYSIS_CACHE_TTL",
  },
  provider_fails: {
    message: "the provider failed on nearly all of its latest calls",
    action: "see the outcomes: select * from semantic_analysis.outcomes_by_day",
  },
};

/** Whether the chain of models does what it is there for. */
export function checkChain(chain: ChainHealth | null): Check {
  const name = "chain";
  if (chain === null) return { name, status: "skipped", message: NOT_CHECKED };
  const models = chain.models.map(({ model, answers }) =>
    `"${model}" answered ${countOf(answers, "time")}`
  );
  const answered = models.length === 0
    ? "No model has answered in the last day"
    : `In the last day ${models.slice(0, 5).join(", ")}`;
  const known = chain.problems.map((problem) =>
    PROBLEMS[problem] ?? { message: problem, action: "see docs/operations.md" }
  );
  if (known.length === 0) return { name, status: "ok", message: answered };
  return {
    name,
    status: "warning",
    message: `${answered}; ${known.map(({ message }) => message).join("; ")}`,
    action: `To do: ${known.map(({ action }) => action).join("; ")}`,
  };
}
