import type { Caller } from "../../_shared/platform/auth/authenticate.ts";
import { toBytesOwner } from "../../_shared/platform/body/body-limits.ts";
import { ApiError, toApiError, toErrorEvent } from "../../_shared/platform/http/api-error.ts";
import type { Room } from "../../_shared/platform/body/bytes-in-flight.ts";
import { parseDeadlineMs } from "../../_shared/platform/http/deadline.ts";
import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import { createEventStream } from "../../_shared/platform/http/event-stream.ts";
import { identify, toLogHash } from "../../_shared/platform/auth/identify.ts";
import type { AnalysisResponseBody } from "../../_shared/client/contract.ts";
import { answer, type AnswerOptions, reserve, type Run } from "../answer/answer.ts";
import type { Ready } from "../dependencies.ts";
import { type Job, toJob } from "../answer/job.ts";
import { readAnalysisRequest, toHeldBytes, toReservedBytes } from "../request/read-request.ts";

/**
 * The end of a request, counted from its arrival. The smallest hosted plan cuts a request at 75 s, and a
 * body may take 30 of them to arrive: what a slow upload took is missing at the model, or the platform
 * would answer in our place. The rest is for sending the answer and settling.
 */
const MAX_TOTAL_MS = 70_000;

/** `POST …`: who is it, what is wanted, may they, ask, answer; in this order, cheapest first. */
export async function serveAnalysis(
  request: Request,
  context: RequestContext,
  ready: Ready,
): Promise<Response> {
  const { settings, authenticate, bytesInFlight } = ready;
  if (!settings.isAnalysisEnabled) {
    throw new ApiError("DISABLED", "Analysis is switched off for the time being");
  }
  const caller = await identify(request, context, authenticate);
  // The picture stays in memory until the provider has answered.
  return await bytesInFlight.hold(
    toReservedBytes(request, settings.maxImageBytes),
    (room) => readAndAnswer(request, context, caller, room, ready),
    toBytesOwner(caller),
  );
}

async function readAndAnswer(
  request: Request,
  context: RequestContext,
  caller: Caller,
  room: Room,
  ready: Ready,
): Promise<Response> {
  const { settings } = ready;
  const analysisRequest = await context.timings.measure(
    "body",
    () =>
      readAnalysisRequest(request, {
        maxImageBytes: settings.maxImageBytes,
        isImageUrlAllowed: settings.isImageUrlAllowed,
        isCustomPromptAllowed: settings.isCustomPromptAllowed,
        temperature: settings.together.temperature,
        maxTokens: settings.together.maxTokens,
      }),
  );
  const { picture, isStreamed, prompt } = analysisRequest;
  room.shrinkTo(toHeldBytes(analysisRequest));
  if (picture.kind === "bytes") room.atTheEnd(picture.base64.release);
  context.note({
    is_streamed: isStreamed,
    ...(prompt !== null && { prompt_hash: toLogHash(prompt) }),
  });
  const run = toRun(
    request,
    context,
    toJob(context.requestId, caller, analysisRequest, settings),
    ready,
  );
  // Nothing above costs the caller anything.
  const admitted = await reserve(run);
  if (!isStreamed) return Response.json(await answer(admitted, run));
  const { response, finished } = stream(context, (options) => answer(admitted, run, options));
  context.finished = finished;
  room.keepUntil(finished);
  return response;
}

/** Answers with events: `delta` after `delta`, then one `result` or one `error`. */
function stream(
  context: RequestContext,
  run: (options: AnswerOptions) => Promise<AnalysisResponseBody>,
): { response: Response; finished: Promise<void> } {
  const events = createEventStream();
  const deliver = async () => {
    try {
      const onText = (text: string) => events.send("delta", { text });
      events.send("result", await run({ signal: events.signal, onText }));
    } catch (error) {
      // Nobody is left to be told, and nobody's fault.
      if (events.signal.aborted) {
        context.note({ is_disconnected: true });
        return;
      }
      events.send("error", toErrorEvent(toApiError(error), context.requestId));
      throw error;
    } finally {
      events.close();
    }
  };
  return { response: events.response, finished: deliver() };
}

/** With the time there is for an answer: our own or, when it is shorter, the caller's. */
function toRun(request: Request, context: RequestContext, job: Job, ready: Ready): Run {
  const givenMs = parseDeadlineMs(request);
  const { timeoutMs } = ready.settings.together;
  const ownMs = Math.min(context.timings.totalMs() + timeoutMs, MAX_TOTAL_MS);
  return {
    job,
    context,
    ready,
    deadlineMs: Math.min(ownMs, givenMs),
    isShortened: givenMs < ownMs,
  };
}
