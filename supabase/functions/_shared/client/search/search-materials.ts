import type { AnalysePictureOptions } from "../call/call-options.ts";
import { createCallSignal, withTimeLeft } from "../call/call-signal.ts";
import { type FunctionsClient, invoke } from "../call/invoke-analysis.ts";
import { callError, isObject, wrongResponse } from "../call/read-error.ts";
import type { StoredImage } from "../contract.ts";
import { isBytes, type PictureBytes, toBase64, toBytes } from "../picture/picture-source.ts";
import { isPage, preparePicture } from "../picture/prepare-picture.ts";
import type { SearchRequestBody, SearchResponseBody } from "./search-contract.ts";

/** The body of a search, with its picture in any form; a File is a Blob. */
export interface SearchRequest extends Omit<SearchRequestBody, "query_image"> {
  query_image?: string | URL | PictureBytes | StoredImage | undefined;
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
  const call = createCallSignal(options, "visual-search");
  try {
    call.check();
    const body = await call.race(toBody(request, options, call.signal));
    const prepared = { body, options: withTimeLeft(options, call) };
    const { data, headers } = await invoke(client, "visual-search", prepared, call);
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
  const bytes = prepare ? await toBytes(picture) : null;
  const settings = { ...(typeof prepare === "object" && prepare), signal };
  const prepared = bytes && await preparePicture(bytes, settings).catch(() => null);
  const sent = prepared?.picture ?? picture;
  if (!isBytes(sent)) return { ...others, query_image: sent };
  try {
    return { ...others, query_image: await toBase64(sent) };
  } catch (cause) {
    throw callError("PICTURE_UNREADABLE", "The picture could not be read", { cause });
  }
}
