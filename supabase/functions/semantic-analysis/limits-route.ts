import { type RequestContext, setHeaders } from "../_shared/http/endpoint.ts";
import { identify } from "../_shared/identify.ts";
import { toRateLimitHeaders } from "../_shared/rate-limiter.ts";
import type { LimitsResponseBody } from "../_shared/semantic-analysis/contract.ts";
import { limitsOf, type Ready } from "./dependencies.ts";

/** `GET …/limits`: the caller's limits and what is left of them, taking nothing. */
export async function showLimits(
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
