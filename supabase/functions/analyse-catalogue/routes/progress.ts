import { invalidRequest } from "../../_shared/platform/http/invalid-request.ts";
import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import type { Ready } from "../dependencies.ts";
import type { Progress } from "../jobs/jobs.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `GET …?run=&failures=`: how the analysis of the catalogue is getting on. */
export async function showProgress(
  request: Request,
  context: RequestContext,
  { settings, jobs }: Ready,
): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const run = searchParams.get("run");
  // Set to nothing, it counts as not set, like `failures`.
  if (run && !UUID.test(run)) {
    throw invalidRequest({ run: "must be the id of an accepted quote" });
  }
  const failures = Number(searchParams.get("failures") ?? 0);
  if (!Number.isInteger(failures) || failures < 0 || failures > 1000) {
    throw invalidRequest({ failures: "must be a whole number from 0 to 1000" });
  }
  const progress = await jobs.readProgress({ run: run === "" ? null : run, failures });
  return Response.json({
    ...toProgressBody(progress, settings.nanoUsdPerMonth),
    request_id: context.requestId,
  });
}

/** Money in dollars, and what can be said of the time left. */
function toProgressBody(progress: Progress, nanoUsdPerMonth: number | null) {
  const { cost_nano, month_spent_nano, run, usual: _usual, ledger: _ledger, ...others } = progress;
  const left = progress.waiting + progress.running + progress.stranded;
  const ended = progress.ended_last_10_min;
  return {
    ...others,
    stopped_by: progress.stopped_by ?? null,
    per_minute: ended / 10,
    left_seconds: ended > 0 ? Math.ceil(left * 600 / ended) : null,
    cost_usd: cost_nano / 1e9,
    month: {
      spent_usd: month_spent_nano / 1e9,
      limit_usd: nanoUsdPerMonth === null ? null : nanoUsdPerMonth / 1e9,
    },
    run: run && {
      spent_usd: run.spent_nano / 1e9,
      budget_usd: run.limit_nano / 1e9,
      jobs_left: run.jobs_left,
    },
  };
}
