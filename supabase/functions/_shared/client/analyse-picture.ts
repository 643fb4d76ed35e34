/** How another function of the project, or a frontend, has a picture analysed. */

import type { AnalysePictureOptions } from "./call/call-options.ts";
import { createCallSignal } from "./call/call-signal.ts";
import type { AnalysisResponseBody } from "./contract.ts";
import { type FunctionsClient, invokeAnalysis } from "./call/invoke-analysis.ts";
import { isObject, wrongResponse } from "./call/read-error.ts";
import {
  type AnalysisRequest,
  type PictureSource,
  toAnalysisRequest,
} from "./picture/picture-source.ts";

export type { AnalysePictureOptions } from "./call/call-options.ts";
export type { FunctionsClient } from "./call/invoke-analysis.ts";

/**
 * Analyses a picture through the client's `functions.invoke`. One call, never retried: the function
 * itself has retried what is worth it, and each call takes from a limit.
 *
 * @example
 * ```ts
 * import { createClient } from "@supabase/supabase-js";
 *
 * const supabase = createClient("https://<ref>.supabase.co", "sb_publishable_…");
 *
 * export async function describe(file: File): Promise<string> {
 *   const { analysis } = await analysePicture(supabase, file, { timeoutMs: 30_000 });
 *   return analysis;
 * }
 * ```
 *
 * @param client A supabase-js client: the end user's, or one with a project secret.
 * @param picture A picture, or a request with a question, options or an analysis type beside it. In a
 *   browser's page a picture that is sent, and not named, is made small first: see `preparePicture`.
 * @returns the function's analysis; `cached` says whether it is a stored answer.
 * @throws {SemanticAnalysisError} and nothing else.
 */
export async function analysePicture(
  client: FunctionsClient,
  picture: PictureSource | AnalysisRequest,
  options: AnalysePictureOptions = {},
): Promise<AnalysisResponseBody> {
  const call = createCallSignal(options);
  try {
    const request = withoutStream(toAnalysisRequest(picture));
    const { data, headers } = await invokeAnalysis(client, request, options, call);
    const analysis = requireAnalysis(data, headers);
    options.onHeaders?.(headers);
    return analysis;
  } finally {
    call.release();
  }
}

/** A value that is no request goes on as it is, for the function to say what is wrong with it. */
function withoutStream(request: AnalysisRequest): AnalysisRequest {
  return request.options?.stream
    ? { ...request, options: { ...request.options, stream: false } }
    : request;
}

/**
 * Narrows a body to an analysis.
 *
 * @throws {SemanticAnalysisError} INVALID_RESPONSE when it lacks what every analysis has.
 */
export function requireAnalysis(data: unknown, headers: Headers): AnalysisResponseBody {
  const isAnalysis = isObject(data) && typeof data.analysis === "string" &&
    (typeof data.confidence === "number" || data.confidence === null) &&
    typeof data.model_used === "string";
  if (isAnalysis) return data as unknown as AnalysisResponseBody;
  throw wrongResponse("The response of semantic-analysis is no analysis", headers);
}
