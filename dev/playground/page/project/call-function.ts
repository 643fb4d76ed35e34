/** Calls of functions that have no client of their own, with the errors of the one that has. */
import { FunctionsHttpError } from "@supabase/supabase-js";
import { SemanticAnalysisError } from "../../../../supabase/functions/_shared/client/client.ts";
import { requireUser, supabase } from "./session.ts";

/** Longer than the functions' own deadlines. */
const TIMEOUT_MS = 75_000;

/**
 * Calls a function of the project in the user's name.
 *
 * @throws {SemanticAnalysisError} and nothing else
 */
export async function callFunction<Answer>(
  name: string,
  body: object | null,
  signal: AbortSignal,
  options: { method?: "POST" | "GET"; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const client = supabase.value!;
  await requireUser(client);
  const { data, error } = await client.functions.invoke<Answer>(name, {
    ...options,
    ...(body && { body: body as Record<string, unknown> }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  if (!error) return data as Answer;
  throw await toError(error, signal);
}

async function toError(error: unknown, signal: AbortSignal): Promise<SemanticAnalysisError> {
  if (signal.aborted) return new SemanticAnalysisError("Stopped", { code: "ABORTED" });
  if (!(error instanceof FunctionsHttpError)) {
    return new SemanticAnalysisError(String(error), { code: "NETWORK_ERROR", cause: error });
  }
  const response: Response = error.context;
  const { headers, status } = response;
  const body = await response.json().catch(() => null);
  const { code = "PLATFORM_ERROR", message = "No answer", request_id: requestId = null, details } =
    body?.error ?? {};
  const retryAfterMs = details?.retry_after_ms ?? Number(headers.get("Retry-After")) * 1_000;
  return new SemanticAnalysisError(message, {
    code,
    status,
    requestId,
    details: details ?? null,
    retryAfterMs: retryAfterMs || null,
    headers,
  });
}
