/** A search of the catalogue: what it goes by, and what was found. */
import { signal } from "@preact/signals";
import { preparePicture } from "../../../../supabase/functions/_shared/client/client.ts";
import type {
  SearchFiltersBody,
  SearchRequestBody,
  SearchResponseBody,
  SearchType,
} from "../../../../supabase/functions/visual-search/request/contract.ts";
import { callFunction } from "../project/call-function.ts";
import { readLimits } from "../project/limits.ts";

/** A picture to search with. */
export interface QueryPicture {
  /** For an `<img>`. */
  url: string;
  name: string;
  blob: Blob;
}

/** What is searched by, as it is in the form. */
export interface Query {
  text: string;
  picture: QueryPicture | null;
  families: string[];
  /** Of the combined score, in [0, 1]; 0 for any. */
  minScore: number;
}

export type Search =
  | { state: "idle" | "searching" }
  | { state: "found"; response: SearchResponseBody; searchType: SearchType }
  | { state: "failed"; error: unknown };

/** Of the form. */
export const query = signal<Query>({ text: "", picture: null, families: [], minScore: 0 });

/** The last one. */
export const search = signal<Search>({ state: "idle" });

let controller = new AbortController();

/** Stops a search under way. */
export function stopSearch(): void {
  controller.abort();
  search.value = { state: "idle" };
}

/** Takes a picture into the form, in place of the one before. */
export function setPicture(picture: File | null): void {
  if (query.value.picture) URL.revokeObjectURL(query.value.picture.url);
  query.value = {
    ...query.value,
    picture: picture &&
      { url: URL.createObjectURL(picture), name: picture.name, blob: picture },
  };
}

/** Whether the form says anything to search by. */
export function isSearchable({ text, picture, families }: Query): boolean {
  return text.trim() !== "" || picture !== null || families.length > 0;
}

/** Searches by what is in the form, in place of the search before. */
export async function startSearch(): Promise<void> {
  controller.abort();
  const own = controller = new AbortController();
  const asked = query.value;
  const searchType = toSearchType(asked);
  search.value = { state: "searching" };
  let found: Search;
  try {
    const body = await toBody(asked, searchType, own.signal);
    const response = await callFunction<SearchResponseBody>("visual-search", body, own.signal);
    found = { state: "found", response, searchType };
  } catch (error) {
    found = { state: "failed", error };
  }
  if (own !== controller || own.signal.aborted) return;
  search.value = found;
  await readLimits();
}

/** Words and pictures together are a hybrid search; filters alone go by properties. */
function toSearchType({ text, picture }: Query): SearchType {
  if (picture) return "hybrid";
  return text.trim() === "" ? "material_properties" : "semantic_analysis";
}

async function toBody(
  { text, picture, families, minScore }: Query,
  searchType: SearchType,
  signal: AbortSignal,
): Promise<SearchRequestBody> {
  const filters: SearchFiltersBody = {
    ...(families.length > 0 && { material_types: families }),
    ...(minScore > 0 && { similarity_threshold: minScore }),
  };
  return {
    search_type: searchType,
    ...(text.trim() !== "" && { query_text: text.trim() }),
    ...(picture && { query_image: await toDataUri(picture.blob, signal) }),
    ...(Object.keys(filters).length > 0 && { filters }),
  };
}

async function toDataUri(blob: Blob, signal: AbortSignal): Promise<string> {
  const prepared = await preparePicture(blob, { signal }).catch(() => null);
  const reader = new FileReader();
  reader.readAsDataURL(prepared?.picture ?? blob);
  return await new Promise((resolve, reject) => {
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
  });
}
