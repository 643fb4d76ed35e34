import type { Caller } from "../_shared/auth.ts";
import type { Settings } from "../_shared/env.ts";
import { ApiError } from "../_shared/http/api-error.ts";
import { readText } from "../_shared/http/body.ts";
import type { RequestContext } from "../_shared/http/endpoint.ts";
import {
  type RateLimiter,
  toRateLimitedError,
  toRateLimitHeaders,
} from "../_shared/rate-limiter.ts";
import type { AnalysisResponseBody } from "../_shared/semantic-analysis/contract.ts";
import type { Attempt } from "../_shared/together-ai/attempt.ts";
import { TogetherError } from "../_shared/together-ai/errors.ts";
import { identify, limitsOf, type Ready, setHeaders } from "./dependencies.ts";
import { parseAnalysisRequest } from "./request.ts";

/** `POST …`: who is it, what is wanted, may they, ask, answer; in this order, cheapest first. */
export async function analysePicture(
  request: Request,
  context: RequestContext,
  { settings, authenticate, rateLimiter, analyse }: Ready,
): Promise<Response> {
  if (!settings.isAnalysisEnabled) {
    throw new ApiError("DISABLED", "Analysis is switched off for the time being");
  }
  const caller = await identify(request, context, authenticate);
  requireJson(request);
  const text = await context.timings.measure(
    "body",
    () => readText(request, toMaxBodyBytes(settings.maxImageBytes)),
  );
  const analysisRequest = parseAnalysisRequest(text, {
    maxImageBytes: settings.maxImageBytes,
    isImageUrlAllowed: settings.isImageUrlAllowed,
    isCustomPromptAllowed: settings.isCustomPromptAllowed,
    temperature: settings.together.temperature,
    maxTokens: settings.together.maxTokens,
  });
  // Nothing above costs the caller anything.
  await takeFromLimits(caller, context, rateLimiter, settings);

  const timeoutMs = toTimeoutMs(request, settings.together.timeoutMs, context.timings.totalMs());
  try {
    const { analysis, attempts } = await context.timings.measure(
      "upstream",
      () => analyse(analysisRequest, { timeoutMs }),
    );
    Object.assign(context.logFields, {
      "gen_ai.request.model": analysis.model_requested,
      "gen_ai.response.model": analysis.model_used,
      "gen_ai.usage.input_tokens": analysis.usage?.prompt_tokens,
      "gen_ai.usage.output_tokens": analysis.usage?.completion_tokens,
      cost_usd: analysis.usage?.cost_usd,
      attempts: attempts.map(toLogFields),
    });
    const body: AnalysisResponseBody = {
      ...analysis,
      processing_time_ms: Math.round(context.timings.totalMs()),
      request_id: context.requestId,
    };
    return Response.json(body);
  } catch (error) {
    const cause = error instanceof ApiError ? error.cause : null;
    if (cause instanceof TogetherError) {
      context.logFields.attempts = cause.attempts.map(toLogFields);
    }
    throw error;
  }
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
  if (!decision.isAllowed) throw toRateLimitedError(decision);
}

function requireJson(request: Request): void {
  const mediaType = (request.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
  if (mediaType === "application/json") return;
  throw new ApiError(
    "UNSUPPORTED_MEDIA_TYPE",
    `The body is ${
      mediaType ? `"${mediaType.slice(0, 64)}"` : "of no stated type"
    }, "application/json" is wanted`,
  );
}

/** Base64 makes 4 bytes of 3; the rest is room for the other fields. */
function toMaxBodyBytes(maxImageBytes: number): number {
  return Math.ceil(maxImageBytes / 3) * 4 + 64 * 1024;
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

function toLogFields(attempt: Attempt): Record<string, unknown> {
  return {
    model: attempt.model,
    status: attempt.status,
    duration_ms: Math.round(attempt.durationMs),
    reason: attempt.reason,
  };
}
