/** What a developer gets who searches the catalogue from an app. */
import assert from "node:assert/strict";
import type { SupabaseClient } from "@supabase/supabase-js";
import { until } from "../support/until.ts";
import { namesOf, search, startSeededStack } from "./catalogue.ts";
import { measureSwatches, SWATCHES } from "./swatches.ts";
import { type Body, createTestClient, request, signUp, untilLogged, WOOD } from "./project.ts";

Deno.test("a catalogue is searched", async (t) => {
  await using stack = await startSeededStack({
    functionEnvironment: { RATE_LIMIT_PER_MINUTE: "1000" },
  });
  const sql = stack.database.connect();
  const alice = await signUp(stack);
  const bob = await signUp(stack);
  await sql`select public.material_search_change_settings(p_is_history_kept => true)`;

  await t.step("semantic_analysis by text, with every field of the contract", async () => {
    const { status, headers, body } = await search(alice.supabase, {
      search_type: "semantic_analysis",
      query_text: "white marble with grey veins",
      limit: 3,
    });
    assert.equal(status, 200, JSON.stringify(body));
    const [best] = body.results;
    assert.equal(best.material_name, "Carrara marble slab");
    assert.equal(best.material_type, "carrara marble");
    assert.match(best.visual_analysis.llama_analysis.detailed_description, /soft grey veins/);
    assert.equal(best.visual_analysis.llama_analysis.material_properties.family, "stone");
    assert.equal(best.visual_analysis.llama_analysis.visual_features.finish_type, "polished");
    assert.ok(!("clip_embedding" in best.visual_analysis));
    assert.equal(best.scores.visual_similarity_score, null);
    assert.equal(best.scores.combined_score, best.scores.semantic_relevance_score);
    assert.deepEqual(best.found_by, ["semantic_relevance"]);
    assert.equal(best.metadata.search_rank, 1);
    assert.equal(best.metadata.source, "materials_catalog");
    const { search_metadata: metadata } = body;
    assert.equal(metadata.query_type, "text");
    assert.equal(metadata.search_strategy, "semantic_relevance");
    assert.ok(metadata.total_results > body.results.length);
    assert.equal(body.results.length, 3);
    assert.deepEqual(metadata.fusion_weights_used, {
      visual_similarity: 0,
      semantic_relevance: 1,
      material_properties: 0,
      llama_confidence: 0,
    });
    assert.equal(metadata.analysis, null);
    assert.equal(metadata.cache_hit, false);
    assert.ok(!("degraded" in metadata) && !("analytics" in body));
    assert.equal(body.request_id, headers.get("x-request-id"));
  });

  await t.step("semantic_analysis by picture: described function to function", async () => {
    const { status, headers, body } = await search(alice.supabase, {
      search_type: "semantic_analysis",
      query_image: WOOD,
    });
    assert.equal(status, 200, JSON.stringify(body));
    const { search_metadata: metadata } = body;
    assert.equal(metadata.query_type, "image");
    assert.equal(metadata.search_strategy, "semantic_relevance+material_properties");
    assert.equal(metadata.analysis.model_used, "local/pixel-analyst");
    // The limits that the analysis used are the user's to see.
    assert.match(headers.get("ratelimit")!, /^"minute";r=999;/);
    for (const result of body.results.slice(0, 3)) {
      assert.equal(result.visual_analysis.llama_analysis.material_properties.family, "wood");
      assert.ok(result.found_by.includes("material_properties"));
    }
    // One request id leads through both logs.
    const line = await untilLogged(stack, "semantic-analysis", metadata.analysis.request_id);
    assert.equal(JSON.parse(line).client_request_id, body.request_id);
  });

  await t.step("the same picture again is remembered, and said to be", async () => {
    const { body } = await search(alice.supabase, {
      search_type: "semantic_analysis",
      query_image: WOOD,
    });
    assert.equal(body.search_metadata.cache_hit, true);
    assert.equal(body.search_metadata.analysis.cached, true);
  });

  await t.step("material_properties: typed filters, without a query", async () => {
    const { body } = await search(alice.supabase, {
      search_type: "material_properties",
      filters: {
        material_types: ["stone"],
        property_filters: { finish: ["polished", "honed"], thickness_mm: { max: 12 } },
      },
    });
    assert.deepEqual(namesOf(body).toSorted(), [
      "Nero Marquina marble tile",
      "Travertine wall tile",
    ]);
    assert.equal(body.search_metadata.query_type, "filters");
    // All satisfy the filters alike: the surer analysis comes first.
    assert.equal(namesOf(body)[0], "Nero Marquina marble tile");
  });

  await t.step("hybrid without a picture", async () => {
    const { body } = await search(alice.supabase, {
      search_type: "hybrid",
      query_text: "brushed steel kitchen",
      filters: { material_types: ["metal"] },
      include_analytics: true,
    });
    assert.equal(namesOf(body)[0], "Brushed stainless steel sheet");
    const { fusion_weights_used: weights } = body.search_metadata;
    assert.equal(weights.visual_similarity, 0);
    assert.equal(weights.semantic_relevance, 0.5);
    assert.deepEqual(body.results[0].found_by, ["semantic_relevance", "material_properties"]);
    assert.equal(body.analytics.by_category.metal, body.search_metadata.total_results);
    assert.ok(body.analytics.average_score > 0);
  });

  await t.step("hybrid with a picture and a text", async () => {
    const { body } = await search(alice.supabase, {
      search_type: "hybrid",
      query_image: WOOD,
      query_text: "oak floor",
    });
    assert.equal(namesOf(body)[0], "White oak plank flooring");
    assert.equal(body.search_metadata.query_type, "multimodal");
    const { scores } = body.results[0];
    const weights = body.search_metadata.fusion_weights_used;
    const expected = weights.semantic_relevance * scores.semantic_relevance_score +
      weights.material_properties * scores.material_property_score +
      weights.llama_confidence * scores.confidence_score;
    assert.ok(Math.abs(scores.combined_score - expected) < 1e-5);
    const combined = body.results.map((result: Body) => result.scores.combined_score);
    assert.deepEqual(combined, combined.toSorted((a: number, b: number) => b - a));
  });

  await t.step("a misspelt word is corrected, and the answer says so", async () => {
    const { body } = await search(alice.supabase, {
      search_type: "semantic_analysis",
      query_text: "carara",
    });
    assert.equal(namesOf(body)[0], "Carrara marble slab");
    assert.deepEqual(body.search_metadata.corrections, { carara: "carrara" });
  });

  await t.step("a picture alone is a query of every type: wood is found by wood", async () => {
    for (const search_type of ["visual_similarity", "material_properties", "hybrid"]) {
      const { status, body } = await search(alice.supabase, { search_type, query_image: WOOD });
      assert.equal(status, 200, search_type);
      const [best] = body.results;
      assert.equal(best.visual_analysis.llama_analysis.material_properties.family, "wood");
      assert.ok(best.scores.material_property_score >= 0.5);
      assert.equal(best.scores.visual_similarity_score, null);
      assert.deepEqual(body.search_metadata.ignored, []);
    }
  });

  await t.step("pages: every material once, one total", async () => {
    const seen = new Set<string>();
    let total = Infinity;
    for (let offset = 0; offset < total; offset += 5) {
      const { body } = await search(alice.supabase, {
        search_type: "hybrid",
        query_text: "tile stone wood metal",
        limit: 5,
        offset,
      });
      total = body.search_metadata.total_results;
      body.results.forEach((result: Body, index: number) => {
        assert.equal(result.metadata.search_rank, offset + index + 1);
        seen.add(result.material_id);
      });
    }
    assert.equal(seen.size, total);
  });

  await t.step("a private material is its owner's alone", async () => {
    const { error } = await alice.supabase.from("materials_catalog").insert({
      name: "Zebrano sample",
      category: "veneer",
      visibility: "private",
    });
    assert.equal(error, null);
    const body = { search_type: "semantic_analysis", query_text: "zebrano", user_id: alice.id };
    assert.deepEqual(namesOf((await search(alice.supabase, body)).body), ["Zebrano sample"]);
    const asBob = await search(bob.supabase, body);
    assert.equal(asBob.body.search_metadata.total_results, 0);
    const service = createTestClient(stack, stack.secretKey);
    assert.deepEqual(namesOf((await search(service, body)).body), ["Zebrano sample"]);
  });

  await t.step(
    "credentials: a named user is refused, a token beside a secret is a user",
    async () => {
      const body = { search_type: "semantic_analysis", query_text: "zebrano" };
      const send = (headers: Record<string, string>) =>
        request(stack, {
          path: "/visual-search",
          method: "POST",
          headers: { "Content-Type": "application/json", ...headers },
          body: JSON.stringify(body),
        });
      assert.equal((await send({})).status, 401);
      assert.equal((await send({ apikey: stack.publishableKey })).status, 401);
      const named = await send({ apikey: stack.secretKey, "x-user-id": alice.id });
      assert.deepEqual([named.status, named.body.error.code], [403, "FORBIDDEN"]);
      const legacy = await send({
        apikey: stack.serviceRoleKey,
        Authorization: `Bearer ${stack.serviceRoleKey}`,
        "x-user-id": alice.id,
      });
      assert.equal(legacy.status, 403);
      const beside = await send({ apikey: stack.secretKey, Authorization: `Bearer ${bob.token}` });
      assert.deepEqual([beside.status, beside.body.search_metadata.total_results], [200, 0]);
      const legacyAlone = await send({ Authorization: `Bearer ${stack.serviceRoleKey}` });
      assert.deepEqual([legacyAlone.status, legacyAlone.body.search_metadata.total_results], [
        200,
        1,
      ]);
    },
  );

  await t.step("by measured colours: rendered swatches come back within 3 of theirs", async () => {
    await measureSwatches(stack, sql);
    for (const hex of SWATCHES) {
      const { status, body } = await search(alice.supabase, {
        search_type: "material_properties",
        filters: { color: hex },
      });
      assert.equal(status, 200, JSON.stringify(body));
      const [best] = body.results;
      assert.equal(best.material_name, `Swatch ${hex}`);
      assert.ok(best.scores.color_distance < 3, `${hex}: ${best.scores.color_distance}`);
      assert.equal(body.search_metadata.query_type, "filters");
    }
    const { body } = await search(alice.supabase, {
      search_type: "visual_similarity",
      query_palette: [{ hex: SWATCHES[0], share: 1, name: "brown" }],
    });
    assert.equal(body.results[0].material_name, `Swatch ${SWATCHES[0]}`);
    assert.equal(body.search_metadata.query_type, "palette");
    const distances = body.results.map(({ scores }: Body) => scores.color_distance);
    assert.deepEqual(distances, distances.toSorted((one: number, other: number) => one - other));
  });

  await t.step("history: the user's own searches, without the picture", async () => {
    const read = async (supabase: SupabaseClient) =>
      (await supabase.from("material_search_history").select()).data ?? [];
    const findPictured = async () =>
      (await read(alice.supabase)).find((row) => row.has_image && row.search_type === "hybrid");
    // A search is kept after it was answered.
    await until(async () => (await read(bob.supabase)).length > 0);
    await until(async () => await findPictured() !== undefined);
    assert.ok((await read(bob.supabase)).every((row) => row.user_id === bob.id));
    assert.equal((await findPictured())!.query_text, "oak floor");
    assert.ok(!JSON.stringify(await read(alice.supabase)).includes(WOOD.slice(100, 160)));
  });
});
