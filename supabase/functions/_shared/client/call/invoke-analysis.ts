/** One call of the function through supabase-js. */

import type { AnalysisRequestBody, FeedbackRequestBody } from "../contract.ts";
import type { SearchRequestBody } from "../search/search-contract.ts";
import type { AnalysisRequest } from "../picture/picture-source.ts";
import { type AnalysePictureOptions, toCallHeaders } from "./call-options.ts";
import type { CallSignal } from "./call-signal.ts";
import { prepareCall } from "./prepare-call.ts";
import { toCallError } from "./read-error.ts";

/** The part of a supabase-js client that a call needs; any version from 2.39 has it. */
export interface FunctionsClient {
  functions: {
    invoke(
      functionName: string,
      options: {
        body: AnalysisRequestBody | FeedbackRequestBody | SearchRequestBody | FormData;
        headers: Record<string, string>;
        signal: AbortSignal;
      },
    ): Promise<{ data: unknown; error: unknown; response?: Response | undefined }>;
  };
}

/** A success: the parsed body, or for a stream the raw Response, and the response's headers. */
export interface InvokedAnalysis {
  data: unknown;
  headers: Headers;
}

/** Calls the function once. @throws {SemanticAnalysisError} for everything that is no success. */
export async function invokeAnalysis(
  client: FunctionsClient,
  request: AnalysisRequest,
  options: AnalysePictureOptions,
  call: CallSignal,
): Promise<InvokedAnalysis> {
  // A call that is over before it began sends nothing, and takes nothing from a limit.
  call.check();
  const prepared = await call.race(prepareCall(request, options, call));
  return await invoke(client, "semantic-analysis", prepared, call);
}

/** Calls a path of the function once. @throws as `invokeAnalysis` */
export async function invoke(
  client: FunctionsClient,
  path: string,
  { body, options }: {
    body: Parameters<FunctionsClient["functions"]["invoke"]>[1]["body"];
    options: AnalysePictureOptions;
  },
  call: CallSignal,
): Promise<InvokedAnalysis> {
  call.check();
  const headers = toCallHeaders(options);
  const invoke = async () =>
    await client.functions.invoke(path, { body, headers, signal: call.signal });
  const { data, error, response } = await call.race(invoke().catch(toFailure));
  if (!error) return { data, headers: response?.headers ?? new Headers() };
  const failure = await call.race(toCallError(error, path.split("/")[0]!));
  call.check();
  throw failure;
}

/** supabase-js returns its errors; a client that is wrapped in something else may throw them. */
function toFailure(error: unknown) {
  return { data: null, error: error || new Error("The client threw nothing"), response: undefined };
}
