/**
 * What the page may ask of the server on this machine, which holds the local secret: the progress of the
 * catalogue, by GET alone, and the errors that a healthy stack does not make by itself.
 */
import {
  ApiError,
  toErrorResponse,
} from "../../supabase/functions/_shared/platform/http/api-error.ts";
import type { FaultInput } from "../together-stand-in/faults/faults.ts";

/** The stack, and its secret. */
export interface LocalStack {
  apiUrl: string;
  secretKey: string;
  /** undefined where a real provider is asked. */
  standInUrl: string | undefined;
}

/** Enough for every attempt of one request; the page takes the rest back. */
const TIMES = 20;

/** How the provider's stand-in misbehaves, by the error that it leads to. */
const FAULTS = new Map<string, FaultInput[]>(Object.entries({
  UPSTREAM_REJECTED: [{ kind: "status", status: 400, times: TIMES }],
  UPSTREAM_INVALID_RESPONSE: [{ kind: "garbage", times: TIMES }],
  UPSTREAM_UNAVAILABLE: [{ kind: "status", status: 503, times: TIMES }],
  UPSTREAM_RATE_LIMITED: [{ kind: "status", status: 429, times: TIMES }],
  UPSTREAM_TIMEOUT: [{ kind: "stall_before_headers", times: TIMES }],
}));

/** What the function would say, where only an operator or a bug can bring it about. */
const STATED = new Map<string, () => unknown>(Object.entries({
  INTERNAL: () => new Error("A bug"),
  RATE_LIMITER_UNAVAILABLE: () =>
    new ApiError(
      "RATE_LIMITER_UNAVAILABLE",
      "The rate limit could not be checked, so nothing was started",
    ),
  OVERLOADED: () =>
    new ApiError("OVERLOADED", "Too many large requests are being served at once; try again"),
  NOT_CONFIGURED: () =>
    new ApiError(
      "NOT_CONFIGURED",
      "The analysis is not configured; the log names what an operator must set",
    ),
  DISABLED: () => new ApiError("DISABLED", "Analysis is switched off for the time being"),
}));

/** Whether a path is one of these. */
export function isLocalPath(pathname: string): boolean {
  return pathname.startsWith("/local/");
}

/** Answers what the page asks; the caller has checked that it is the page that asks. */
export async function answerLocally(request: Request, stack: LocalStack): Promise<Response> {
  const { pathname } = new URL(request.url);
  const [, , room, name = ""] = pathname.split("/");
  switch (`${request.method} ${room}`) {
    case "GET catalogue":
      return await readProgress(stack);
    case "GET faults":
      return Response.json({ names: stack.standInUrl ? [...FAULTS.keys()] : [] });
    case "PUT faults":
      return await setFaults(stack, FAULTS.get(name));
    case "DELETE faults":
      return await setFaults(stack, []);
    case "PUT limit":
      return await useUpDay(stack, name);
    case "POST stated":
      return state(STATED.get(name));
    default:
      return notFound();
  }
}

async function readProgress({ apiUrl, secretKey }: LocalStack): Promise<Response> {
  const response = await fetch(`${apiUrl}/functions/v1/analyse-catalogue?failures=20`, {
    headers: { apikey: secretKey },
  });
  return new Response(response.body, {
    status: response.status,
    headers: { "Content-Type": "application/json" },
  });
}

async function setFaults(
  { standInUrl }: LocalStack,
  faults: FaultInput[] | undefined,
): Promise<Response> {
  if (!standInUrl || !faults) return notFound();
  const response = await fetch(new URL("/__faults", standInUrl), {
    method: "PUT",
    body: JSON.stringify(faults),
  });
  await response.body?.cancel();
  return new Response(null, { status: response.ok ? 204 : 502 });
}

/** Leaves a user no request for today; for a user of the page's own making. */
async function useUpDay({ apiUrl, secretKey }: LocalStack, userId: string): Promise<Response> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(userId)) return notFound();
  const response = await fetch(`${apiUrl}/rest/v1/rpc/semantic_analysis_set_limits`, {
    method: "POST",
    headers: { apikey: secretKey, "Content-Type": "application/json" },
    body: JSON.stringify({ p_subject: `user:${userId}`, p_per_day: 0 }),
  });
  await response.body?.cancel();
  return new Response(null, { status: response.ok ? 204 : 502 });
}

function state(toError: (() => unknown) | undefined): Response {
  return toError ? toErrorResponse(toError(), crypto.randomUUID()) : notFound();
}

function notFound(): Response {
  return Response.json({ error: "There is nothing here" }, { status: 404 });
}
