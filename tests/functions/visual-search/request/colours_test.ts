/** Colours in a search's request. */
import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { parseSearchRequest } from "../../../../supabase/functions/visual-search/request/parse-request.ts";

const PALETTE = [{ hex: "#b68350", share: 0.6, name: "warm brown" }];

function problemsOf(body: Record<string, unknown>): string[] {
  try {
    parseSearchRequest(body);
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return Object.keys(error.details ?? {});
  }
  return [];
}

Deno.test("parseSearchRequest() takes a colour with its tolerance, in either case", () => {
  const { filters } = parseSearchRequest({
    search_type: "material_properties",
    filters: { color: "#B68350", tolerance: 5 },
  });
  assert.deepEqual([filters.color, filters.tolerance], ["#b68350", 5]);
});

Deno.test("parseSearchRequest() takes a colour as people type it, and a tolerance of next to nothing", () => {
  for (const color of ["#b83", "b83", "BB8833", "#BB8833", "#Bb8833"]) {
    const { filters } = parseSearchRequest({
      search_type: "material_properties",
      filters: { color, tolerance: 1e-300 },
    });
    assert.deepEqual([filters.color, filters.tolerance], ["#bb8833", 0]);
  }
});

Deno.test("parseSearchRequest() takes a colour or a palette as all that a search goes by", () => {
  for (const search_type of ["visual_similarity", "hybrid", "material_properties"]) {
    const filters = { color: "#b68350" };
    assert.equal(parseSearchRequest({ search_type, filters }).filters.color, "#b68350");
  }
  for (const search_type of ["visual_similarity", "hybrid"]) {
    const { palette } = parseSearchRequest({ search_type, query_palette: PALETTE });
    assert.deepEqual(palette, PALETTE);
  }
  assert.deepEqual(problemsOf({ search_type: "visual_similarity", query_palette: [] }), [
    "query_embedding",
  ]);
});

Deno.test("parseSearchRequest() refuses what is no colour, tolerance or palette by its field", () => {
  const text = { search_type: "hybrid", query_text: "oak" };
  for (
    const [body, field] of [
      [{ filters: { color: "brown" } }, "filters.color"],
      [{ filters: { color: 0xb68350 } }, "filters.color"],
      [{ filters: { color: "#b683" } }, "filters.color"],
      [{ filters: { color: "##b68350" } }, "filters.color"],
      [{ filters: { color: "#b68350ff" } }, "filters.color"],
      [{ filters: { color: "#b68350", tolerance: 101 } }, "filters.tolerance"],
      [{ filters: { tolerance: 5 } }, "filters.tolerance"],
      [{ query_palette: "brown" }, "query_palette"],
      [{ query_palette: [{ ...PALETTE[0], share: 2 }] }, "query_palette.0.share"],
      [{ query_palette: Array(9).fill({ ...PALETTE[0], share: 0.1 }) }, "query_palette"],
    ] as const
  ) {
    assert.ok(
      problemsOf({ ...text, ...body }).includes(field),
      `${JSON.stringify(body)}: ${field}`,
    );
  }
});
