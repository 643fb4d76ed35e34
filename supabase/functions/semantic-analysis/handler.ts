/** The routes of the function and the order of things in one request. */

import type { Authenticate, Caller } from "../_shared/auth.ts";
import type { SettingProblem, Settings } from "../_shared/env.ts";
import { ApiError } from "../_shared/http/api-error.ts";
import { readText } from "../_shared/http/body.ts";
import type { Handle, RequestContext } from "../_shared/http/endpoint.ts";
import {
  type Limits,
  type RateLimiter,
  toRateLimitedError,
  toRateLimitHeaders,
} from "../_shared/rate-limiter.ts";
import type {
  AnalysisResponseBody,
  LimitsResponseBody,
} from "../_shared/semantic-analysis/contract.ts";
import type { Attempt } from "../_shared/together-ai/attempt.ts";
import type { TogetherClient } from "../_shared/together-ai/client.ts";
import { TogetherError } from "../_shared/together-ai/errors.ts";
import { VERSION } from "../_shared/version.ts";
import type { Analyse } from "./analysis.ts";
import { runDoctor } from "./doctor.ts";
import { parseAnalysisRequest } from "./request.ts";

/** What the handler works with; null where the configuration doesn't allow for it. */
export interface HandlerDependencies {
  settings: Settings | null;
  problems: readonly SettingProblem[];
  authenticate: Authenticate | null;
  rateLimiter: RateLimiter | null;
  client: TogetherClient | null;
  analyse: Analyse | null;
}

type Ready = { [Key in keyof HandlerDependencies]: NonNullable<HandlerDependencies[Key]> };

/** Serves `POST /`, `GET /limits` and `GET /health` below the function's own path. */
export function createHandler(dependencies: HandlerDependencies): Handle {
  return (request, context) => {
    // Each answer about a caller's own limits or picture is that caller's alone.
    context.responseHeaders.set("Cache-Control", "no-store");
    context.responseHeaders.set("X-Cache", "off");
    switch (toRoute(request)) {
      case "/":
      case "/api/semantic-analysis":
        requireMethod(request, "POST");
        return analysePicture(request, context, requireReady(dependencies));
      case "/limits":
        requireMethod(request, "GET");
        return showLimits(request, context, requireReady(dependencies));
      case "/health":
        requireMethod(request, "GET");
        return showHealth(request, context, dependencies);
      default:
        throw new ApiError("NOT_FOUND", "There is nothing at this path");
    }
  };
}

/** The path below the function, whichever part of it the platform has already taken off. */
function toRoute(request: Request): string {
  const { pathname } = new URL(request.url);
  return pathname.replace(/^(\/functions\/v1)?\/semantic-analysis(?=\/|$)/, "")
    .replace(/\/+$/, "") || "/";
}

function requireMethod(request: Request, method: "GET" | "POST"): void {
  if (request.method === method) return;
  throw new ApiError(
    "METHOD_NOT_ALLOWED",
    `"${request.method}" is not allowed here, "${method}" is`,
    {
      headers: { Allow: `${method}, OPTIONS` },
    },
  );
}

function requireReady(dependencies: HandlerDependencies): Ready {
  if (Object.values(dependencies).some((dependency) => dependency === null)) {
    throw new ApiError(
      "NOT_CONFIGURED",
      "This function is not configured; its log and its /health name what an operator must set",
    );
  }
  return dependencies as Ready;
}

async function analysePicture(
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

async function showLimits(
  request: Request,
  context: RequestContext,
  { settings, authenticate, rateLimiter }: Ready,
): Promise<Response> {
  const caller = await identify(request, context, authenticate);
  const limits = limitsOf(caller, settings);
  const state = await context.timings.measure(
    "limit",
    () => rateLimiter.read(caller.subject, limits),
  );
  setHeaders(context, toRateLimitHeaders(state));
  const body: LimitsResponseBody = {
    subject: caller.subject,
    minute: {
      limit: limits.perMinute,
      burst: limits.burst,
      remaining: state.minute.remaining,
      reset_ms: state.minute.resetMs,
    },
    day: {
      limit: limits.perDay,
      remaining: state.day.remaining,
      reset_ms: state.day.resetMs,
    },
    request_id: context.requestId,
  };
  return Response.json(body);
}

async function showHealth(
  request: Request,
  context: RequestContext,
  dependencies: HandlerDependencies,
): Promise<Response> {
  const isConfigured = Object.values(dependencies).every((dependency) => dependency !== null);
  const status = !isConfigured
    ? "not_configured"
    : dependencies.settings?.isAnalysisEnabled
    ? "ok"
    : "disabled";
  const body = { status, version: VERSION };
  if (!await isProject(request, dependencies.authenticate)) {
    return Response.json(body, { status: status === "not_configured" ? 503 : 200 });
  }
  const checks = await context.timings.measure("doctor", () => runDoctor(dependencies));
  const isFailing = checks.some((check) => check.status === "failed");
  return Response.json(
    { ...body, ...(isFailing && isConfigured && { status: "failing" }), checks },
    { status: isFailing ? 503 : 200 },
  );
}

/** Everybody may see the health, the project's own code sees why. Only a wrong secret is refused. */
async function isProject(request: Request, authenticate: Authenticate | null): Promise<boolean> {
  try {
    return (await authenticate?.(request.headers))?.hasSecret ?? false;
  } catch (error) {
    if (request.headers.get("apikey")?.startsWith("sb_secret_")) throw error;
    return false;
  }
}

async function identify(
  request: Request,
  context: RequestContext,
  authenticate: Authenticate,
): Promise<Caller> {
  const caller = await context.timings.measure("auth", () => authenticate(request.headers));
  context.logFields.caller = caller.kind;
  return caller;
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

function limitsOf(caller: Caller, { limits }: Settings): Limits {
  return caller.kind === "anonymous" ? limits.anonymous : limits.user;
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

function setHeaders(context: RequestContext, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) context.responseHeaders.set(name, value);
}

function toLogFields(attempt: Attempt): Record<string, unknown> {
  return {
    model: attempt.model,
    status: attempt.status,
    duration_ms: Math.round(attempt.durationMs),
    reason: attempt.reason,
  };
}
