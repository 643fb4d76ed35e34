import { countOf } from "../../_shared/client/count-of.ts";
import type { Authenticate } from "../../_shared/platform/auth/authenticate.ts";
import { ApiError, toResponseInit } from "../../_shared/platform/http/api-error.ts";
import { isReady } from "../../_shared/platform/settings/ready.ts";
import { describeProblems } from "../../_shared/platform/settings/variables.ts";
import { VERSION } from "../../_shared/platform/version.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Jobs, Progress } from "../jobs/jobs.ts";

/** A result of the doctor's. */
export interface Check {
  name: "configuration" | "jobs" | "last_run" | "failures";
  status: "ok" | "warning" | "failed";
  message: string;
  /** What to do; absent when there is nothing to do. */
  action?: string;
}

/** A job that is due for longer is not being worked on. */
const MAX_WAIT_SECONDS = 3_600;

/** A larger share of failures in a day is not the pictures' fault alone. */
const MAX_FAILING_SHARE = 0.1;

/** `GET …/health`: status and version; with a project secret, the doctor's findings. */
export async function showHealth(
  request: Request,
  dependencies: Dependencies,
): Promise<Response> {
  const isConfigured = isReady(dependencies);
  const body = { status: isConfigured ? "ok" : "not_configured", version: VERSION };
  if (!await isProject(request, dependencies.authenticate)) {
    return Response.json(body, isConfigured ? {} : toResponseInit("NOT_CONFIGURED"));
  }
  const checks = [
    checkConfiguration(dependencies),
    ...dependencies.jobs ? await checkJobs(dependencies.jobs, dependencies.settings) : [],
  ];
  const isFailing = checks.some(({ status }) => status === "failed");
  return Response.json(
    { ...body, ...(isFailing && isConfigured && { status: "failing" }), checks },
    isFailing ? toResponseInit(isConfigured ? "UPSTREAM_UNAVAILABLE" : "NOT_CONFIGURED") : {},
  );
}

function checkConfiguration({ problems }: Dependencies): Check {
  if (problems.length === 0) {
    return { name: "configuration", status: "ok", message: "Every setting can be used" };
  }
  return { name: "configuration", status: "failed", ...describeProblems(problems) };
}

async function checkJobs(jobs: Jobs, settings: Dependencies["settings"]): Promise<Check[]> {
  try {
    return toChecks(
      await jobs.readProgress({ run: null, failures: 0 }),
      settings?.nanoUsdPerMonth ?? null,
    );
  } catch (error) {
    const isMissing = error instanceof ApiError && error.code === "NOT_CONFIGURED";
    return [{
      name: "jobs",
      status: "failed",
      message: (error as Error).message,
      action: isMissing
        ? "Run: supabase db push --remote"
        : "See whether the project's database is running and not overloaded",
    }];
  }
}

/** What is worth an operator's look. */
function toChecks(progress: Progress, nanoUsdPerMonth: number | null): Check[] {
  const { waiting, due, oldest_waiting_s, last_run_at, is_paused } = progress;
  const { failed_last_day, ended_last_day, stopped_by } = progress;
  const isWaitingLong = (oldest_waiting_s ?? 0) > MAX_WAIT_SECONDS && !is_paused;
  // It runs, and why it does nothing is known.
  const isStopped = due > 0 && typeof stopped_by === "string" && !is_paused;
  const oldestMinutes = Math.round((oldest_waiting_s ?? 0) / 60);
  const share = ended_last_day === 0 ? 0 : failed_last_day / ended_last_day;
  return [
    {
      name: "jobs",
      status: isWaitingLong || isStopped ? "warning" : "ok",
      message: `${countOf(waiting, "job")} waiting, ${due} due` +
        (due > 0 ? `, the oldest for ${countOf(oldestMinutes, "minute")}` : "") +
        (is_paused ? "; work is paused by the operator" : "") +
        (isStopped ? `; the last run was stopped by ${stopped_by}` : ""),
      ...(isWaitingLong &&
        { action: toWaitAction(progress.month_spent_nano, nanoUsdPerMonth) }),
      ...(isStopped && { action: toStopAction(stopped_by) }),
    },
    {
      name: "last_run",
      status: "ok",
      message: last_run_at === null ? "No run has begun yet" : `The last run began ${last_run_at}`,
    },
    {
      name: "failures",
      status: share > MAX_FAILING_SHARE ? "warning" : "ok",
      message: `${failed_last_day} of ${countOf(ended_last_day, "job")} of the last day failed`,
      ...(share > MAX_FAILING_SHARE && { action: "Run: deno task catalogue status" }),
    },
  ];
}

function toWaitAction(spentNano: number, limitNano: number | null): string {
  const budget = limitNano === null ? "" : " and that CATALOGUE_USD_PER_MONTH is not used up " +
    `($${(spentNano / 1e9).toFixed(2)} of $${(limitNano / 1e9).toFixed(2)})`;
  return `See that the cron job runs${budget}, or run: deno task catalogue run`;
}

/** A run goes on by itself once that is over. */
function toStopAction(code: string): string {
  return code === "NOT_STORED"
    ? "Mend what deno task catalogue status tells of public.material_visual_analysis, then run: " +
      "deno task catalogue retry-failed"
    : `See docs/errors.md for ${code}, and the checks of semantic-analysis; then, to go on at once: ` +
      "deno task catalogue resume";
}

async function isProject(request: Request, authenticate: Authenticate | null): Promise<boolean> {
  try {
    return (await authenticate?.(request.headers))?.hasSecret ?? false;
  } catch {
    return false;
  }
}
