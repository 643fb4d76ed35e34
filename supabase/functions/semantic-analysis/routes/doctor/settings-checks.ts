/** What the environment says, and which credentials came. */

import type {
  UnauthorizedCounts,
  UnauthorizedReason,
} from "../../../_shared/platform/auth/unauthorized.ts";
import { toUsd } from "../../../_shared/platform/limits/rate-limits.ts";
import {
  describeProblems,
  type SettingProblem,
  WANTED_ORIGINS,
} from "../../../_shared/platform/settings/variables.ts";
import { isUrlPassed, type Settings } from "../../settings.ts";
import type { Check } from "./check.ts";

/** Tells the variables that can't be used, or the origins that allow nothing. */
export function checkConfiguration(
  settings: Settings | null,
  problems: readonly SettingProblem[],
): Check {
  const wrongOrigins = settings?.wrongOrigins ?? [];
  if (wrongOrigins.length > 0) {
    return {
      name: "configuration",
      status: "warning",
      message: `ALLOWED_ORIGINS has entries that no browser sends, and that allow nothing: ${
        wrongOrigins.map((origin) => `"${origin}"`).join(", ")
      }; it must be ${WANTED_ORIGINS}`,
      action: "Run: supabase secrets set ALLOWED_ORIGINS=…",
    };
  }
  if (problems.length === 0) {
    return { name: "configuration", status: "ok", message: "Every setting can be used" };
  }
  return { name: "configuration", status: "failed", ...describeProblems(problems) };
}

/** What the project can cost at most. */
export function checkCeiling(settings: Settings | null): Check {
  if (settings === null) {
    return {
      name: "ceiling",
      status: "skipped",
      message: "Not checked: the configuration comes first",
    };
  }
  const { projectNanoUsdPerMonth, anonymousNanoUsdPerDay } = settings.limits;
  const open = [
    ...(projectNanoUsdPerMonth === null ? ["PROJECT_USD_PER_MONTH"] : []),
    ...(anonymousNanoUsdPerDay === null && settings.isAnonymousAllowed
      ? ["ANONYMOUS_USD_PER_DAY"]
      : []),
  ];
  const project = projectNanoUsdPerMonth === null
    ? "no ceiling"
    : `at most $${toUsd(projectNanoUsdPerMonth)}`;
  const anonymous = !settings.isAnonymousAllowed
    ? "may not call"
    : anonymousNanoUsdPerDay === null
    ? "have no ceiling"
    : `together have $${toUsd(anonymousNanoUsdPerDay)} a day`;
  return {
    name: "ceiling",
    status: open.length === 0 ? "ok" : "warning",
    message: `A month has ${project}; anonymous users ${anonymous}`,
    ...(open.length > 0 && {
      action: `Run: supabase secrets set ${open.map((name) => `${name}=<dollars>`).join(" ")}`,
    }),
  };
}

/** How pictures in Storage reach the provider: what an operator must know of their privacy. */
export function describeStorage(
  settings: Settings | null,
  storage: { isReachable: boolean } | null,
): Check[] {
  if (settings === null || storage === null) return [];
  const message = isUrlPassed(settings, storage)
    ? "Pictures in Storage are passed on as signed URLs; their metadata, such as where they were " +
      "taken, goes along. STORAGE_PASS=bytes passes them on like pictures given as bytes"
    : "Pictures in Storage are read by the function and passed on as bytes";
  return [{ name: "storage", status: "ok", message }];
}

/** Reasons that no user can do anything about. */
const OPERATORS_REASONS: Partial<Record<UnauthorizedReason, string>> = {
  legacy_secret: "move the project to signing keys (docs/operations.md)",
  wrong_key: "see whether an app uses the keys of another project",
  third_party:
    "let users sign in with Supabase Auth: the token of another provider names no user here",
};

/** Which credentials were not taken, in this worker since its start. */
export function checkCredentials(unauthorized: Pick<UnauthorizedCounts, "read">): Check {
  const counts = Object.entries(unauthorized.read()) as [UnauthorizedReason, number][];
  if (counts.length === 0) {
    return {
      name: "credentials",
      status: "ok",
      message: "This worker has taken every credential since its start",
    };
  }
  const message = "Credentials that this worker did not take since its start: " +
    counts.map(([reason, count]) => `${count} × ${reason}`).join(", ");
  const actions = counts.flatMap(([reason]) => OPERATORS_REASONS[reason] ?? []);
  return {
    name: "credentials",
    status: actions.length > 0 ? "warning" : "ok",
    message,
    ...(actions.length > 0 && { action: toSentence(actions.join("; ")) }),
  };
}

function toSentence(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
