import { type AnalysePictureOptions, toCallHeaders } from "./call-options.ts";
import type { CallSignal } from "./call-signal.ts";
import type { AnalysisRequestBody } from "./contract.ts";
import { toCallError } from "./read-error.ts";

/** What is needed of a supabase-js client. */
export interface FunctionsClient {
  functions: {
    invoke(
      functionName: string,
      options: {
        body: AnalysisRequestBody;
        headers: Record<string, string>;
        signal: AbortSignal;
      },
    ): Promise<{ data: unknown; error: unknown; response?: Response | undefined }>;
  };
}

/** What a success left: the parsed body, or for a stream the raw Response. */
export interface InvokedAnalysis {
  data: unknown;
  headers: Headers;
}

/** Calls the function once. @throws {SemanticAnalysisError} for everything that is no success. */
export async function invokeAnalysis(
  client: FunctionsClient,
  request: AnalysisRequestBody,
  options: AnalysePictureOptions,
  call: CallSignal,
): Promise<InvokedAnalysis> {
  // Nothing is sent for somebody who has gone.
  call.check();
  const invoked = client.functions.invoke("semantic-analysis", {
    body: request,
    headers: toCallHeaders(options),
    signal: call.signal,
  });
  const { data, error, response } = await call.race(invoked.catch(toFailure));
  if (!error) return { data, headers: response?.headers ?? new Headers() };
  const failure = await call.race(toCallError(error));
  call.check();
  throw failure;
}

/** supabase-js returns its errors; a client that is wrapped in something else may throw them. */
function toFailure(error: unknown) {
  return { data: null, error: error ?? new Error("Nothing was thrown"), response: undefined };
}
