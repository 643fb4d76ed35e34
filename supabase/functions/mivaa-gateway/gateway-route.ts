import type { Caller } from "../_shared/platform/auth/authenticate.ts";
import { toBytesOwner } from "../_shared/platform/body/body-limits.ts";
import { ApiError } from "../_shared/platform/http/api-error.ts";
import type { Allocation } from "../_shared/platform/body/byte-semaphore.ts";
import { readJsonObject } from "../_shared/platform/body/read-json.ts";
import { parseDeadlineMs } from "../_shared/platform/http/deadline.ts";
import { type RequestContext, setHeaders } from "../_shared/platform/http/endpoint.ts";
import { identify } from "../_shared/platform/auth/identify.ts";
import { runAnalysisAction } from "./actions/analysis-action.ts";
import type { Ready } from "./dependencies.ts";
import {
  type ActionAnswer,
  type Envelope,
  invalidBody,
  parseEnvelope,
  toAnswer,
} from "./envelope/envelope.ts";
import { MivaaServiceError } from "./actions/mivaa-service-error.ts";
import { askService, toServiceRequest } from "./actions/service-action.ts";

/** For everything: existing clients give up after 30 s, and then ask again. */
const TOTAL_TIMEOUT_MS = 29_000;

/** `POST …`: authenticate, read the envelope, run its action, answer. */
export async function serveAction(
  request: Request,
  context: RequestContext,
  ready: Ready,
): Promise<Response> {
  const { settings, authenticate, badRequests, byteSemaphore } = ready;
  const caller = await identify(request, context, authenticate);
  const serve = async (allocation: Allocation) => {
    const envelope = await readEnvelope(request, context, allocation, settings.maxImageBytes);
    context.note({ action: envelope.name });
    const answer = await context.timings.measure(
      "upstream",
      () => runAction(envelope, caller, request, context, ready),
    );
    return toAnswer(answer, context);
  };
  const hold = () => byteSemaphore.hold(serve, toBytesOwner(caller));
  // What the MIVAA service does not take has had a unit of the minute.
  const isOfRequest = (error: ApiError) => !(error instanceof MivaaServiceError);
  return await badRequests.guard(caller, request, hold, isOfRequest);
}

async function readEnvelope(
  request: Request,
  context: RequestContext,
  allocation: Allocation,
  maxImageBytes: number,
): Promise<Envelope> {
  const timeoutMs = toRemainingMs(request, context);
  const body = await context.timings.measure(
    "body",
    () =>
      readJsonObject(request, { maxImageBytes, allocation, timeoutMs }).catch((error) => {
        if (!(error instanceof ApiError) || error.code !== "INVALID_REQUEST") throw error;
        throw invalidBody(error.message, error.details ?? {});
      }),
  );
  return parseEnvelope(body);
}

async function runAction(
  { action, payload }: Envelope,
  caller: Caller,
  request: Request,
  context: RequestContext,
  { settings, client, takeMinute, fetch, startTimer }: Ready,
): Promise<ActionAnswer> {
  if (action.kind === "analysis") {
    const timeoutMs = toRemainingMs(request, context);
    const data = await runAnalysisAction(client, payload, context, {
      caller,
      request,
      timeoutMs,
    });
    return { data };
  }
  const { service } = settings;
  if (service === null) {
    throw new ApiError(
      "NOT_CONFIGURED",
      "This action needs the MIVAA service: an operator sets MIVAA_SERVICE_URL",
    );
  }
  const serviceRequest = toServiceRequest(action, payload);
  setHeaders(context, await context.timings.measure("limit", () => takeMinute(caller)));
  const data = await askService(serviceRequest, context, {
    service,
    timeoutMs: Math.min(service.timeoutMs, toRemainingMs(request, context)),
    maxBytes: settings.maxBodyBytes,
    signal: request.signal,
    ...(fetch && { fetch }),
    ...(startTimer && { startTimer }),
  });
  return { data, mivaaEndpoint: serviceRequest.path };
}

/** Our own time or, when it is shorter, the caller's. */
function toRemainingMs(request: Request, { timings }: RequestContext): number {
  const deadlineMs = Math.min(TOTAL_TIMEOUT_MS, parseDeadlineMs(request));
  return Math.max(0, deadlineMs - timings.totalMs());
}
