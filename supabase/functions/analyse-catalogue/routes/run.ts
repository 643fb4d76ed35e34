import { ApiError } from "../../_shared/platform/http/api-error.ts";
import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import { pause } from "../../_shared/platform/http/pause.ts";
import type { Ready } from "../dependencies.ts";
import { analyseJob } from "../jobs/analyse-job.ts";
import { analyseOnce } from "../jobs/analyse-once.ts";
import { work } from "../jobs/work.ts";
import { parseRunRequest } from "./run-request.ts";

/** A hosted request is sure of 75 s. */
const [WORK_MS, TOTAL_MS] = [50_000, 70_000];

/** `POST …`: works jobs off and tells what it did. */
export async function runJobs(
  request: Request,
  context: RequestContext,
  { settings, jobs, client, analyse, readAnalysisFacts, now }: Ready,
): Promise<Response> {
  const { run, limit } = await parseRunRequest(request);
  const { ceilingNanoUsd, promptVersion } = await context.timings.measure(
    "facts",
    () => readAnalysisFacts(),
  );
  if (ceilingNanoUsd <= 0) throw new ApiError("NOT_CONFIGURED", "An analysis has no price");
  const done = await context.timings.measure("work", () =>
    work({
      jobs,
      analyse: analyseOnce((job, timeoutMs) =>
        analyseJob(job, { client, analyse, timeoutMs, requestId: context.requestId })
      ),
      holder: context.requestId,
      run,
      nanoUsdPerMonth: settings.nanoUsdPerMonth,
      ceilingNanoUsd,
      promptVersion,
      concurrency: settings.concurrency,
      maxJobs: limit,
      workMs: WORK_MS,
      totalMs: TOTAL_MS,
      now,
      pause,
    }));
  const { reason, ...others } = done;
  context.note({ ...others, stopped_by: reason?.code ?? null });
  return Response.json({ ...done, request_id: context.requestId });
}
