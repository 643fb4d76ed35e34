import type { Caller } from "../_shared/auth.ts";
import { ApiError, toApiError, toErrorBody } from "../_shared/http/api-error.ts";
import type { Room } from "../_shared/http/bytes-in-flight.ts";
import { type RequestContext, setHeaders } from "../_shared/http/endpoint.ts";
import { createEventStream } from "../_shared/http/event-stream.ts";
import { identify, toLogHash } from "../_shared/identify.ts";
import {
  type RateLimiter,
  toRateLimitedError,
  toRateLimitHeaders,
} from "../_shared/rate-limiter.ts";
import type { AnalysisResponseBody } from "../_shared/semantic-analysis/contract.ts";
import { TogetherError } from "../_shared/together-ai/errors.ts";
import type { Analyse, AnalyseOptions } from "./analysis.ts";
import { limitsOf, type Ready } from "./dependencies.ts";
import { toAnalysisFields, toAttemptFields } from "./log-fields.ts";
import { readAnalysisRequest, toHeldBytes, toReservedBytes } from "./read-request.ts";
import type { AnalysisRequest } from "./request.ts";
import type { Settings } from "./settings.ts";

/** `POST …`: who is it, what is wanted, may they, ask, answer; in this order, cheapest first. */
export async function analysePicture(
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
  );
}

async function readAndAnswer(
  request: Request,
  context: RequestContext,
  caller: Caller,
  room: Room,
  { settings, rateLimiter, analyse }: Ready,
): Promise<Response> {
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
  room.shrinkTo(toHeldBytes(analysisRequest));
  // Nothing above costs the caller anything.
  await takeFromLimits(caller, context, rateLimiter, settings);

  const { isStreamed, prompt } = analysisRequest;
  Object.assign(context.logFields, {
    is_streamed: isStreamed,
    cache: "off",
    ...(prompt !== null && { prompt_hash: toLogHash(prompt) }),
  });
  const timeoutMs = toTimeoutMs(request, settings.together.timeoutMs, context.timings.totalMs());
  const run = (options: Omit<AnalyseOptions, "timeoutMs"> = {}) =>
    runAnalysis(analyse, analysisRequest, context, { timeoutMs, ...options });
  if (!isStreamed) return Response.json(await run());
  const { response, finished } = stream(context, run);
  context.finished = finished;
  room.keepUntil(finished);
  return response;
}

/** Runs the analysis, and notes in the log what came of it. */
async function runAnalysis(
  analyse: Analyse,
  request: AnalysisRequest,
  context: RequestContext,
  options: AnalyseOptions,
): Promise<AnalysisResponseBody> {
  try {
    const { analysis, attempts } = await context.timings.measure(
      "upstream",
      () => analyse(request, options),
    );
    Object.assign(context.logFields, toAnalysisFields(analysis), toAttemptFields(attempts));
    return {
      ...analysis,
      processing_time_ms: Math.round(context.timings.totalMs()),
      request_id: context.requestId,
    };
  } catch (error) {
    const cause = error instanceof ApiError ? error.cause : null;
    if (cause instanceof TogetherError) {
      Object.assign(context.logFields, toAttemptFields(cause.attempts));
    }
    throw error;
  }
}

/** Answers with events: `delta` after `delta`, then one `result` or one `error`. */
function stream(
  context: RequestContext,
  run: (options: Omit<AnalyseOptions, "timeoutMs">) => Promise<AnalysisResponseBody>,
): { response: Response; finished: Promise<void> } {
  const events = createEventStream();
  const deliver = async () => {
    try {
      const onText = (text: string) => events.send("delta", { text });
      events.send("result", await run({ signal: events.signal, onText }));
    } catch (error) {
      // Nobody is left to be told, and nobody's fault.
      if (events.signal.aborted) {
        context.logFields.is_disconnected = true;
        return;
      }
      events.send("error", toErrorBody(toApiError(error), context.requestId));
      throw error;
    } finally {
      events.close();
    }
  };
  return { response: events.response, finished: deliver() };
}

async function takeFromLimits(
  caller: Caller,
  context: RequestContext,
  rateLimiter: RateLimiter,
  settings: Settings,
): Promise<void> {
  const decision = await context.timings.measure(
    "limit",
    () => rateLimiter.reserve(caller.subject, limitsOf(caller, settings)),
  );
  setHeaders(context, toRateLimitHeaders(decision));
  context.logFields.limited_by = decision.limitedBy ?? undefined;
  if (!decision.isAllowed) throw toRateLimitedError(decision);
}

/**
 * What is left for the provider: our own limit or, when it is shorter, the time the caller has
 * (`X-Deadline-Ms`, counted from the request's arrival) less a second for the way back.
 */
function toTimeoutMs(request: Request, ownTimeoutMs: number, elapsedMs: number): number {
  const header = request.headers.get("x-deadline-ms");
  const givenMs = header !== null && /^\d{1,9}$/.test(header) ? Number(header) - 1_000 : Infinity;
  return Math.max(0, Math.min(ownTimeoutMs, givenMs - elapsedMs));
}
