import { toBytesOwner } from "../../../_shared/platform/body/body-limits.ts";
import { readSmallObject } from "../../../_shared/platform/body/read-json.ts";
import { identify } from "../../../_shared/platform/auth/identify.ts";
import { ApiError } from "../../../_shared/platform/http/api-error.ts";
import { type RequestContext, setHeaders } from "../../../_shared/platform/http/endpoint.ts";
import { createTakeMinute } from "../../../_shared/platform/limits/take-minute.ts";
import type { FeedbackResponseBody } from "../../../_shared/client/contract.ts";
import type { Ready } from "../../dependencies.ts";
import { parseFeedback } from "./feedback-request.ts";

/** `POST …/feedback`: what the caller says of an answer that it was given. Takes a minute unit. */
export async function serveFeedback(
  request: Request,
  context: RequestContext,
  { settings, authenticate, badRequests, byteSemaphore, rateLimiter, storeFeedback }: Ready,
): Promise<Response> {
  const caller = await identify(request, context, authenticate);
  const feedback = await badRequests.guard(
    caller,
    request,
    async () =>
      parseFeedback(
        await readSmallObject(request, { byteSemaphore, owner: toBytesOwner(caller) }),
      ),
  );
  const takeMinute = createTakeMinute(rateLimiter, settings.limits);
  setHeaders(context, await context.timings.measure("limit", () => takeMinute(caller)));
  if (!await storeFeedback(caller.subject, feedback)) {
    throw new ApiError("NOT_FOUND", "You were given no answer with this id in the last 30 days");
  }
  context.note({ feedback: feedback.verdict });
  const body: FeedbackResponseBody = { feedback, request_id: context.requestId };
  return Response.json(body);
}
