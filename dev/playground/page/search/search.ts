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
  /** What of the picture is searched by. */
  pictureUse: "content" | "colours";
  families: string[];
  /** `#rrggbb`; null for any. */
  color: string | null;
  /** Of the combined score, in [0, 1]; 0 for any. */
  minScore: number;
}

/** How far a search is, and what it has found. */
export type Search =
  | { state: "idle" | "searching" }
  | { state: "found"; response: SearchResponseBody; searchType: SearchType }
  | { state: "failed"; error: unknown };

/** Of the form. */
export const query = signal<Query>({
  text: "",
  picture: null,
  pictureUse: "content",
  families: [],
  color: null,
  minScore: 0,
});

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
export function isSearchable({ text, picture, families, color }: Query): boolean {
  return text.trim() !== "" || picture !== null || families.length > 0 || color !== null;
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

/** Words and a picture together are a hybrid search, colours a visual one; filters go by properties. */
function toSearchType({ text, picture, pictureUse, color }: Query): SearchType {
  const hasText = text.trim() !== "";
  if (picture) return pictureUse === "colours" && !hasText ? "visual_similarity" : "hybrid";
  if (hasText) return "semantic_analysis";
  return color === null ? "material_properties" : "visual_similarity";
}

async function toBody(
  { text, picture, pictureUse, families, color, minScore }: Query,
  searchType: SearchType,
  signal: AbortSignal,
): Promise<SearchRequestBody> {
  const filters: SearchFiltersBody = {
    ...(families.length > 0 && { material_types: families }),
    ...(color !== null && { color }),
    ...(minScore > 0 && { similarity_threshold: minScore }),
  };
  return {
    search_type: searchType,
    ...(text.trim() !== "" && { query_text: text.trim() }),
    ...(picture && await toPictureFields(picture.blob, pictureUse, signal)),
    ...(Object.keys(filters).length > 0 && { filters }),
  };
}

async function toPictureFields(
  blob: Blob,
  use: Query["pictureUse"],
  signal: AbortSignal,
): Promise<Partial<SearchRequestBody>> {
  const prepared = await preparePicture(blob, { signal }).catch(() => null);
  if (use === "colours" && prepared) return { query_palette: prepared.colors };
  return { query_image: await toDataUri(prepared?.picture ?? blob) };
}

function toDataUri(blob: Blob): Promise<string> {
  const reader = new FileReader();
  reader.readAsDataURL(blob);
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
  });
}
