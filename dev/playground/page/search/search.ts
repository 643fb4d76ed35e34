/** A search of the catalogue: what it goes by, and what was found. */
import { signal } from "@preact/signals";
import {
  preparePicture,
  type SearchFiltersBody,
  searchMaterials,
  type SearchRequest,
  type SearchResponseBody,
  type SearchType,
} from "../../../../supabase/functions/_shared/client/client.ts";
import { readLimits } from "../project/limits.ts";
import { requireUser, supabase } from "../project/session.ts";

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
  | {
    state: "found";
    response: SearchResponseBody;
    searchType: SearchType;
    /** Whether measured colours decide, alone or beside others. */
    isByColour: boolean;
  }
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

/** Longer than the function's own deadline, so that the function is the one to say what was late. */
const TIMEOUT_MS = 75_000;

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
  const { signal } = own;
  const asked = query.value;
  const searchType = toSearchType(asked);
  const client = supabase.value!;
  search.value = { state: "searching" };
  let found: Search;
  try {
    await requireUser(client);
    const request = await toRequest(asked, searchType, signal);
    const response = await searchMaterials(client, request, { signal, timeoutMs: TIMEOUT_MS });
    const { color, picture, pictureUse } = asked;
    const isByColour = color !== null || picture !== null && pictureUse === "colours";
    found = { state: "found", response, searchType, isByColour };
  } catch (error) {
    found = { state: "failed", error };
  }
  if (own !== controller || signal.aborted) return;
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

async function toRequest(
  { text, picture, pictureUse, families, color, minScore }: Query,
  searchType: SearchType,
  signal: AbortSignal,
): Promise<SearchRequest> {
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

/** The client prepares the picture; its colours alone are measured here. */
async function toPictureFields(
  blob: Blob,
  use: Query["pictureUse"],
  signal: AbortSignal,
): Promise<Partial<SearchRequest>> {
  if (use === "content") return { query_image: blob };
  const prepared = await preparePicture(blob, { signal }).catch(() => null);
  return prepared ? { query_palette: prepared.colors } : { query_image: blob };
}
