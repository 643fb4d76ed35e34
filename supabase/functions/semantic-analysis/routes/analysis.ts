import type { Caller } from "../../_shared/platform/auth/authenticate.ts";
import { toBytesOwner } from "../../_shared/platform/body/body-limits.ts";
import { ApiError, toApiError, toErrorEvent } from "../../_shared/platform/http/api-error.ts";
import type { Allocation } from "../../_shared/platform/body/byte-semaphore.ts";
import { parseDeadlineMs } from "../../_shared/platform/http/deadline.ts";
import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import { createEventStream } from "../../_shared/platform/http/event-stream.ts";
import { identify, toLogHash } from "../../_shared/platform/auth/identify.ts";
import type { AnalysisResponseBody } from "../../_shared/client/contract.ts";
import type { AnswerOptions } from "../answer/answer.ts";
import type { Ready } from "../dependencies.ts";
import { type FindStoredPicture, findStoredPicture } from "../request/stored-picture.ts";
import { toStorageRights } from "../../_shared/platform/storage/storage-rights.ts";
import { type RequestUnderWay, toPricedRequest } from "../answer/priced-request.ts";
import { toChoosableModels } from "./choosable-models.ts";
import { toResponseBody } from "../answer/response.ts";
import { isUrlPassed, type Settings } from "../settings.ts";
import { readAnalysisRequest } from "../request/read-request.ts";

/**
 * The end of a request, counted from its arrival. The smallest hosted plan cuts a request at 75 s, and a
 * body may take 30 of them to arrive: what a slow upload took is missing at the model, or the platform
 * would answer in our place. The rest is for sending the answer and settling.
 */
const MAX_TOTAL_MS = 70_000;

/** `POST …`: authenticate, read, price, reserve, answer, respond; in this order, cheapest first. */
export async function serveAnalysis(
  request: Request,
  context: RequestContext,
  ready: Ready,
): Promise<Response> {
  const { settings, authenticate, badRequests, byteSemaphore } = ready;
  if (!settings.isAnalysisEnabled) {
    throw new ApiError("DISABLED", "Analysis is switched off for the time being");
  }
  const caller = await identify(request, context, authenticate);
  // The picture stays in memory until the provider has answered.
  return await badRequests.guard(caller, request, () =>
    byteSemaphore.hold(
      (allocation) => readAndAnswer(request, context, caller, allocation, ready),
      toBytesOwner(caller),
    ));
}

async function readAndAnswer(
  request: Request,
  context: RequestContext,
  caller: Caller,
  allocation: Allocation,
  ready: Ready,
): Promise<Response> {
  const { settings, answering } = ready;
  const analysisRequest = await context.timings.measure(
    "body",
    () =>
      readAnalysisRequest(request, allocation, {
        maxImageBytes: settings.maxImageBytes,
        isImageUrlAllowed: settings.isImageUrlAllowed,
        isCustomPromptAllowed: mayPrompt(caller, settings),
        choosableModels: toChoosableModels(caller, settings),
        temperature: settings.together.temperature,
        maxTokens: settings.together.maxTokens,
        findStored: (place) => findStoredPicture(place, toStoredOptions(request, caller, ready)),
      }),
  );
  const { isStreamed, prompt } = analysisRequest;
  context.note({
    is_streamed: isStreamed,
    ...(prompt !== null && { prompt_hash: toLogHash(prompt) }),
  });
  const priced = toPricedRequest(context.requestId, caller, analysisRequest, settings);
  const underWay = { priced, context, deadline: toDeadline(request, context, settings) };
  // Up to here nothing was taken from the caller's limits.
  const reservation = await answering.reserve(underWay);
  const answer = async (options?: AnswerOptions) =>
    toResponseBody(
      await answering.answer(reservation, underWay, options),
      priced,
      context,
      reservation.maps,
    );
  if (!isStreamed || reservation.outcome === "denied") return Response.json(await answer());
  const { response, finished } = stream(context, answer);
  context.finished = finished;
  allocation.keepUntil(finished);
  return response;
}

/** A static key of the gateway counts as a service. */
function mayPrompt({ kind }: Caller, { customPrompts }: Settings): boolean {
  return customPrompts === "all" || customPrompts === "signed-in" && kind !== "anonymous";
}

/** The URL must outlive the slowest answer, and not by much. */
const URL_LIFETIME_SECONDS = MAX_TOTAL_MS / 1000 + 60;

function toStoredOptions(
  { headers }: Request,
  caller: Caller,
  { settings, storage, byteSemaphore }: Ready,
): FindStoredPicture {
  return {
    objects: storage.objects,
    rights: toStorageRights(caller, headers, storage.keys),
    byteSemaphore,
    bytesOwner: toBytesOwner(caller),
    maxImageBytes: settings.maxImageBytes,
    isUrlPassed: isUrlPassed(settings, storage),
    isTransformed: settings.storage.isTransformed,
    urlLifetimeSeconds: URL_LIFETIME_SECONDS,
  };
}

/** Answers with events: `delta` after `delta`, then one `result` or one `error`. */
function stream(
  context: RequestContext,
  answer: (options: AnswerOptions) => Promise<AnalysisResponseBody>,
): { response: Response; finished: Promise<void> } {
  const events = createEventStream();
  const deliver = async () => {
    try {
      const onText = (text: string) => events.send("delta", { text });
      events.send("result", await answer({ signal: events.signal, onText }));
    } catch (error) {
      // The caller has gone; the outcome `disconnected` is logged already.
      if (events.signal.aborted) return;
      events.send("error", toErrorEvent(toApiError(error), context.requestId));
      throw error;
    } finally {
      events.close();
    }
  };
  return { response: events.response, finished: deliver() };
}

/** When the request must be answered: by this project's own time or, when it is shorter, the caller's. */
function toDeadline(
  request: Request,
  { timings }: RequestContext,
  { together }: Settings,
): RequestUnderWay["deadline"] {
  const givenMs = parseDeadlineMs(request);
  const ownMs = Math.min(timings.totalMs() + together.timeoutMs, MAX_TOTAL_MS);
  return { atMs: Math.min(ownMs, givenMs), isShortened: givenMs < ownMs };
}
