import assert from "node:assert/strict";
import { toSearchResult } from "../../../../supabase/functions/visual-search/search/results.ts";

const ROW: Parameters<typeof toSearchResult>[0] = {
  rank: 1,
  found_by: ["visual_similarity"],
  visual: null,
  semantic: null,
  property: null,
  combined: 0.5,
  confidence: null,
  embedding: null,
  material: { id: "m", name: "Oak", category: "wood", created_at: null },
  analysis: null,
};

Deno.test("search results: the distance of colours is as the similarity, null without one alone", () => {
  for (const [visual, distance] of [[1, 0], [0.9766, 2.34], [0, 100], [null, null]] as const) {
    const distanceOf = (isByColour: boolean) =>
      toSearchResult({ ...ROW, visual }, null, isByColour).scores.color_distance;
    assert.equal(distanceOf(true), distance);
    assert.equal(distanceOf(false), null);
  }
});
