import { ApiError } from "../../_shared/platform/http/api-error.ts";
import { parseJson } from "../../_shared/platform/parse-json.ts";

/**
 * Reads JSON of at most `maxBytes`, counted as it comes.
 *
 * @throws {ApiError} UPSTREAM_INVALID_RESPONSE when it is larger, or no JSON.
 */
export async function readAnswer(response: Response, maxBytes: number): Promise<unknown> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let byteCount = 0;
  for await (const chunk of response.body ?? []) {
    byteCount += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (byteCount > maxBytes) throw invalid("sent more than is taken");
    chunks.push(chunk);
  }
  const json = parseJson(await new Blob(chunks).text());
  if (json === undefined) throw invalid("did not answer with JSON");
  return json;
}

function invalid(what: string): ApiError {
  return new ApiError("UPSTREAM_INVALID_RESPONSE", `The MIVAA service ${what}`);
}
