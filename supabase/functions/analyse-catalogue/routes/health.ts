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
    ...dependencies.jobs ? await checkJobs(dependencies.jobs) : [],
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

async function checkJobs(jobs: Jobs): Promise<Check[]> {
  try {
    return toChecks(await jobs.readProgress({ run: null, failures: 0 }));
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
function toChecks(progress: Progress): Check[] {
  const { waiting, due, oldest_waiting_s, last_run_at, is_paused } = progress;
  const { failed_last_day, ended_last_day } = progress;
  const isWaitingLong = (oldest_waiting_s ?? 0) > MAX_WAIT_SECONDS && !is_paused;
  const oldestMinutes = Math.round((oldest_waiting_s ?? 0) / 60);
  const share = ended_last_day === 0 ? 0 : failed_last_day / ended_last_day;
  return [
    {
      name: "jobs",
      status: isWaitingLong ? "warning" : "ok",
      message: `${countOf(waiting, "job")} waiting, ${due} due` +
        (due > 0 ? `, the oldest for ${countOf(oldestMinutes, "minute")}` : "") +
        (is_paused ? "; work is paused by the operator" : ""),
      ...(isWaitingLong &&
        { action: "See that the cron job runs, or run: deno task catalogue run" }),
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

async function isProject(request: Request, authenticate: Authenticate | null): Promise<boolean> {
  try {
    return (await authenticate?.(request.headers))?.hasSecret ?? false;
  } catch {
    return false;
  }
}
