import type { AnalysePictureOptions } from "../call/call-options.ts";
import { createCallSignal } from "../call/call-signal.ts";
import { type FunctionsClient, invoke } from "../call/invoke-analysis.ts";
import { callError, isObject, wrongResponse } from "../call/read-error.ts";
import type { StoredImage } from "../contract.ts";
import { isBytes, type PictureBytes, toBase64 } from "../picture/picture-source.ts";
import { isPage, preparePicture } from "../picture/prepare-picture.ts";
import type { SearchRequestBody, SearchResponseBody } from "./search-contract.ts";

/** The body of a search, with its picture in any form; a File is a Blob. */
export interface SearchRequest extends Omit<SearchRequestBody, "query_image"> {
  query_image?: string | URL | PictureBytes | StoredImage;
}

/** As of `analysePicture`, whose picture is prepared in the same way. */
export type SearchMaterialsOptions = Pick<
  AnalysePictureOptions,
  "userToken" | "timeoutMs" | "signal" | "requestId" | "traceHeaders" | "prepare" | "onHeaders"
>;

/**
 * Searches the materials that the caller may read. One call, never retried.
 *
 * @example
 * ```ts
 * import { createClient } from "@supabase/supabase-js";
 *
 * const supabase = createClient("https://<ref>.supabase.co", "sb_publishable_…");
 *
 * export async function findAlike(vector: number[]): Promise<string[]> {
 *   const { results } = await searchMaterials(supabase, {
 *     search_type: "visual_similarity",
 *     query_embedding: vector,
 *     embedding_space: "siglip2-base",
 *   });
 *   return results.map(({ material_name }) => material_name);
 * }
 * ```
 *
 * @param client A supabase-js client: the end user's, or one with a project secret.
 * @throws {SemanticAnalysisError} and nothing else.
 */
export async function searchMaterials(
  client: FunctionsClient,
  request: SearchRequest,
  options: SearchMaterialsOptions = {},
): Promise<SearchResponseBody> {
  const call = createCallSignal(options);
  try {
    call.check();
    const body = await call.race(toBody(request, options, call.signal));
    const { data, headers } = await invoke(client, "visual-search", { body, options }, call);
    if (!isObject(data) || !Array.isArray(data.results) || !isObject(data.search_metadata)) {
      throw wrongResponse("The response of visual-search is no search", headers);
    }
    options.onHeaders?.(headers);
    return data as unknown as SearchResponseBody;
  } finally {
    call.release();
  }
}

async function toBody(
  { query_image: picture, ...others }: SearchRequest,
  { prepare = isPage() }: SearchMaterialsOptions,
  signal: AbortSignal,
): Promise<SearchRequestBody> {
  if (picture === undefined) return others;
  if (picture instanceof URL) return { ...others, query_image: picture.href };
  if (!isBytes(picture)) return { ...others, query_image: picture };
  const settings = { ...(typeof prepare === "object" && prepare), signal };
  const prepared = prepare ? await preparePicture(picture, settings).catch(() => null) : null;
  try {
    return { ...others, query_image: await toBase64(prepared?.picture ?? picture) };
  } catch (cause) {
    throw callError("PICTURE_UNREADABLE", "The picture could not be read", { cause });
  }
}
