/** The demo's catalogue: pictures in a private bucket that are analysed as jobs, and then found. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { WorkDone } from "../../supabase/functions/analyse-catalogue/jobs/run.ts";
import type { SearchResponseBody } from "../../supabase/functions/_shared/client/search/search-contract.ts";
import type { Stack } from "../stack/stack.ts";
import type { DemoPicture } from "./pictures.ts";

/** What became of them. */
export interface AnalysedCatalogue {
  names: string[];
  done: WorkDone;
  /** What each analysis says that its picture shows, searched for, and the names that were found by it. */
  searches: { searchedFor: string; found: string[] }[];
}

const BUCKET = "catalogue";

/**
 * Uploads pictures into a private bucket, makes a material of each, has them analysed, and searches by what
 * was written of each.
 *
 * @throws {Error} when a step fails
 */
export async function analyseCatalogue(
  stack: Stack,
  user: SupabaseClient,
  pictures: readonly DemoPicture[],
): Promise<AnalysedCatalogue> {
  const admin = createClient(stack.apiUrl, stack.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const must = <Data>({ data, error }: { data: Data; error: { message: string } | null }) => {
    if (error) throw new Error(`the catalogue: ${error.message}`);
    return data;
  };
  must(await admin.storage.createBucket(BUCKET, { public: false }));
  const names = pictures.map(({ name }) => `Sample ${name}`);
  for (const [index, { bytes }] of pictures.entries()) {
    const path = `sample ${index + 1}`;
    must(await admin.storage.from(BUCKET).upload(path, bytes));
    must(
      await admin.from("materials_catalog").insert({
        name: names[index],
        category: "sample",
        thumbnail_url: `storage://${BUCKET}/${path}`,
      }),
    );
  }
  must(await admin.rpc("semantic_analysis_enqueue", { p_category: "sample" }));
  const done = must(await admin.functions.invoke<WorkDone>("analyse-catalogue"))!;
  const rows = must(
    await admin.from("material_visual_analysis").select("material_type")
      .like("source_image_url", `storage://${BUCKET}/%`).order("source_image_url"),
  ) ?? [];
  const searches: AnalysedCatalogue["searches"] = [];
  for (const searchedFor of new Set(rows.flatMap(({ material_type }) => material_type ?? []))) {
    const search = must(
      await user.functions.invoke<SearchResponseBody>("visual-search", {
        body: { search_type: "semantic_analysis", query_text: searchedFor, limit: 20 },
      }),
    );
    const found = search!.results.map(({ material_name }) => material_name)
      .filter((name) => names.includes(name));
    searches.push({ searchedFor, found });
  }
  return { names, done, searches };
}
