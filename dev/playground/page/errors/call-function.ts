/** Calls that no client makes, of wrong paths, methods and bodies, with the errors of the one that there is. */
import { FunctionsHttpError } from "@supabase/supabase-js";
import { SemanticAnalysisError } from "../../../../supabase/functions/_shared/client/client.ts";
import { requireUser, supabase } from "../project/session.ts";

/**
 * Calls a function of the project in the user's name, as it is told.
 *
 * @throws {SemanticAnalysisError} and nothing else
 */
export async function callFunction(
  name: string,
  options: {
    method?: "POST" | "GET";
    body?: Blob | Record<string, unknown>;
    headers?: Record<string, string>;
  },
): Promise<unknown> {
  const client = supabase.value!;
  await requireUser(client);
  const { data, error } = await client.functions.invoke(name, options);
  if (error) throw await toError(error);
  return data;
}

async function toError(error: unknown): Promise<SemanticAnalysisError> {
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
