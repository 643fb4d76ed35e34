import assert from "node:assert/strict";
import type { AnalysisResponseBody } from "../../../../supabase/functions/_shared/client/contract.ts";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import type { RequestContext } from "../../../../supabase/functions/_shared/platform/http/endpoint.ts";
import { createTimings } from "../../../../supabase/functions/_shared/platform/http/timings.ts";
import { parseSearchRequest } from "../../../../supabase/functions/visual-search/request/parse-request.ts";
import type { Found } from "../../../../supabase/functions/visual-search/search/catalogue.ts";
import type {
  DescribedPicture,
  FailedPicture,
} from "../../../../supabase/functions/visual-search/search/picture.ts";
import { search } from "../../../../supabase/functions/visual-search/search/search.ts";
import { assertRejected } from "../../../support/api-errors.ts";

const FOUND: Found = {
  total_results: 0,
  total_relation: "eq",
  corrections: {},
  is_history_kept: false,
  embedding_models: [],
  embedding_space: "clip",
  similar: null,
  results: [],
  analytics: null,
};

const PROPERTIES = { family: "wood", colors: ["brown"] };

const OAK: DescribedPicture = {
  kind: "described",
  text: "wood brown",
  properties: PROPERTIES,
  analysis: { request_id: "a", cached: false } as AnalysisResponseBody,
};

const OUTAGE: FailedPicture = {
  kind: "failed",
  refusal: new ApiError("UPSTREAM_UNAVAILABLE", "The model is down"),
  requestId: "a",
};

/** What the database was asked, and what the answer tells of it. */
async function searchBy(
  body: Record<string, unknown>,
  picture: DescribedPicture | FailedPicture = OAK,
  onDescribe = () => {},
) {
  const asked: Record<string, unknown>[] = [];
  let described = 0;
  const context = {
    requestId: "r",
    timings: createTimings(() => 0),
    note: () => {},
  } as unknown as RequestContext;
  const { body: { search_metadata } } = await search(parseSearchRequest(body), context, {
    rights: { kind: "user", userId: "u", token: "t" },
    toTimeoutMs: () => 1_000,
    describe: () => {
      described += 1;
      onDescribe();
      return Promise.resolve(picture);
    },
    searchCatalogue: (parameters) => {
      asked.push(parameters);
      return Promise.resolve(FOUND);
    },
  });
  return { asked: asked[0]!, metadata: search_metadata, described };
}

const EMBEDDING = Array(512).fill(0.1);

Deno.test("search() by a picture alone, whatever the type: by what fits it of the picture", async () => {
  for (
    const [search_type, weights, text] of [
      ["semantic_analysis", [0, 0.6, 0.4, 0], "wood brown"],
      ["hybrid", [0, 0.5, 0.333333, 0.166667], "wood brown"],
      ["material_properties", [0, 0, 1, 0], undefined],
      ["visual_similarity", [0, 0, 1, 0], undefined],
    ] as const
  ) {
    const { asked, metadata } = await searchBy({ search_type, query_image: "image" });
    assert.deepEqual(asked.p_weights, weights, search_type);
    assert.deepEqual(asked.p_picture_properties, PROPERTIES);
    assert.equal(asked.p_picture_text, text, search_type);
    assert.deepEqual([metadata.query_type, metadata.ignored], ["image", []]);
  }
});

Deno.test("search() by a picture and a text: a type that takes words takes both, another names what it left", async () => {
  const both = { query_image: "image", query_text: "floor" };
  for (const search_type of ["semantic_analysis", "hybrid"]) {
    const { asked, metadata } = await searchBy({ search_type, ...both });
    assert.deepEqual([asked.p_query_text, asked.p_picture_text], ["floor", "wood brown"]);
    assert.deepEqual([metadata.query_type, metadata.ignored], ["multimodal", []]);
  }
  for (const search_type of ["material_properties", "visual_similarity"]) {
    const { asked, metadata } = await searchBy({ search_type, ...both });
    assert.equal(asked.p_query_text, undefined);
    assert.deepEqual(metadata.ignored, ["query_text"]);
  }
});

Deno.test("search() by looks: an embedding needs no analysis of the picture beside it", async () => {
  const { asked, metadata, described } = await searchBy({
    search_type: "visual_similarity",
    query_image: "image",
    query_embedding: EMBEDDING,
  });
  assert.deepEqual([described, asked.p_weights], [0, [1, 0, 0, 0]]);
  assert.equal(asked.p_embedding_space, "clip");
  assert.deepEqual(metadata.ignored, ["query_image"]);
  const named = await searchBy({
    search_type: "hybrid",
    query_embedding: [1, 2],
    embedding_space: "net",
  });
  assert.equal(named.asked.p_embedding_space, "net");
});

Deno.test("search() by a picture that the weights leave out: refused before it is described", async () => {
  let described = 0;
  const searchWith = (fusion_weights: Record<string, number>) =>
    searchBy(
      { search_type: "hybrid", query_image: "image", fusion_weights },
      OAK,
      () => void described++,
    );
  for (const fusion_weights of [{ visual_similarity: 1 }, { llama_confidence: 1 }]) {
    await assertRejected(searchWith(fusion_weights), "INVALID_REQUEST");
  }
  assert.equal(described, 0);
  await searchWith({ visual_similarity: 0.9, material_properties: 0.1 });
  assert.equal(described, 1);
});

Deno.test("search() by looks of a picture without structure: by its description", async () => {
  const prose = { ...OAK, text: "A brown board.", properties: null };
  const { asked } = await searchBy({ search_type: "visual_similarity", query_image: "x" }, prose);
  assert.deepEqual([asked.p_weights, asked.p_picture_text], [[0, 1, 0, 0], "A brown board."]);
});

Deno.test("search() by properties of a picture that tells none: by the filters, or not at all", async () => {
  const byProperties = { search_type: "material_properties", query_image: "image" };
  const filters = { material_types: ["wood"] };
  for (const picture of [{ ...OAK, properties: null }, OUTAGE]) {
    const { asked, metadata } = await searchBy({ ...byProperties, filters }, picture);
    assert.deepEqual(asked.p_material_types, ["wood"]);
    assert.equal(metadata.degraded?.[0]?.missing, "query_image");
    await assert.rejects(searchBy(byProperties, picture), {
      status: 502 + Number(picture === OUTAGE),
    });
  }
  await assert.rejects(
    searchBy({ search_type: "visual_similarity", query_image: "image", query_text: "x" }, OUTAGE),
    { code: "UPSTREAM_UNAVAILABLE" },
  );
});

const PALETTE = [{ hex: "#b68350", share: 0.6, name: "warm brown" }];

Deno.test("search() by a palette or a colour alone: nearest first, by nothing else", async () => {
  for (const search_type of ["visual_similarity", "hybrid"]) {
    const { asked, metadata } = await searchBy({ search_type, query_palette: PALETTE });
    assert.deepEqual(asked.p_palette, PALETTE);
    assert.deepEqual(asked.p_weights, [1, 0, 0, 0]);
    assert.equal(metadata.query_type, "palette");
  }
  const filters = { color: "#b68350", tolerance: 5, material_types: ["wood"] };
  const { asked, metadata } = await searchBy({ search_type: "material_properties", filters });
  assert.deepEqual([asked.p_color, asked.p_color_tolerance], ["#b68350", 5]);
  assert.deepEqual(asked.p_weights, [1, 0, 0, 0]);
  assert.equal(metadata.query_type, "filters");
});

Deno.test("search() by words with a colour: the colour narrows, the words rank", async () => {
  const { asked } = await searchBy({
    search_type: "semantic_analysis",
    query_text: "oak",
    filters: { color: "#b68350" },
  });
  assert.equal(asked.p_color, "#b68350");
  assert.deepEqual(asked.p_weights, [0, 1, 0, 0]);
});

Deno.test("search() by a picture with its palette: by looks and properties; an embedding takes its place", async () => {
  const both = { search_type: "visual_similarity", query_image: "image", query_palette: PALETTE };
  const { asked, metadata } = await searchBy(both);
  assert.deepEqual(asked.p_palette, PALETTE);
  assert.deepEqual(asked.p_weights, [0.666667, 0, 0.333333, 0]);
  assert.deepEqual(metadata.ignored, []);
  const withEmbedding = await searchBy({ ...both, query_embedding: EMBEDDING });
  assert.equal(withEmbedding.asked.p_palette, undefined);
  assert.ok(withEmbedding.metadata.ignored.includes("query_palette"));
  const words = await searchBy({
    search_type: "semantic_analysis",
    query_text: "oak",
    query_palette: PALETTE,
  });
  assert.equal(words.asked.p_palette, undefined);
  assert.deepEqual(words.metadata.ignored, ["query_palette"]);
});
