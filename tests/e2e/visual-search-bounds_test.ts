/** What a search can be asked, and how much it finds. */
import assert from "node:assert/strict";
import { namesOf, search, startSeededStack } from "./catalogue.ts";
import { type Body, signUp } from "./project.ts";

const EMBEDDING = Array.from({ length: 512 }, (_, index) => Math.sin(index + 1));

Deno.test("a search is asked for too much, or in the wrong way", async (t) => {
  await using stack = await startSeededStack();
  const sql = stack.database.connect();
  const alice = await signUp(stack);

  await t.step("visual_similarity by an embedding wants pgvector", async () => {
    const nothing = await search(alice.supabase, { search_type: "visual_similarity" });
    assert.equal(nothing.status, 400);
    assert.match(nothing.body.error.details.query_embedding, /or query_image.* needed/);
    for (
      const [field, body] of [
        ["embedding_space", { query_embedding: [1, 2], embedding_space: "none" }],
        ["query_embedding", { query_embedding: [1, 2] }],
      ] as [string, Body][]
    ) {
      const other = await search(alice.supabase, { search_type: "visual_similarity", ...body });
      assert.deepEqual([other.status, other.body.error.code], [400, "INVALID_REQUEST"]);
      assert.deepEqual(Object.keys(other.body.error.details), [field]);
    }
    const embedding = await search(alice.supabase, {
      search_type: "visual_similarity",
      query_embedding: EMBEDDING,
    });
    assert.equal(embedding.status, 503);
    assert.equal(embedding.body.error.code, "NOT_CONFIGURED");
    assert.match(embedding.body.error.message, /pgvector/);
    const hybrid = await search(alice.supabase, {
      search_type: "hybrid",
      query_embedding: EMBEDDING,
      query_text: "marble",
    });
    assert.equal(hybrid.status, 200);
    assert.deepEqual(
      hybrid.body.search_metadata.degraded.map(({ missing, code }: Body) => [missing, code]),
      [["query_embedding", "NOT_CONFIGURED"]],
    );
    assert.equal(hybrid.body.search_metadata.fusion_weights_used.visual_similarity, 0);
  });

  await t.step(
    "what the database would not take is refused, and what is taken it takes",
    async () => {
      const filled = (number: number) => Array<number>(512).fill(number);
      const dated = (start: string, end: string) => ({ filters: { date_range: { start, end } } });
      const asked = (body: Body) =>
        search(alice.supabase, { search_type: "hybrid", query_text: "oak", ...body });
      for (
        const [path, body] of [
          ["filters.date_range.start", dated("0000-01-01", "2026-11-25")],
          ["filters.date_range.end", dated("2026-11-25", "9999-12-31T23:59:59-12:00")],
          ["filters.date_range.start", dated("2026-02-30", "2026-11-25")],
          ["query_embedding", { query_embedding: filled(1e308) }],
          ["filters.property_filters.finish", { filters: { property_filters: { finish: [] } } }],
          ["query_image", { query_image: "http://example.com/oak.jpg" }],
        ] as [string, Body][]
      ) {
        const { status, headers, body: { error } } = await asked(body);
        assert.deepEqual([status, error.code], [400, "INVALID_REQUEST"], path);
        assert.deepEqual(Object.keys(error.details), [path]);
        assert.equal(headers.has("retry-after"), false);
      }
      for (
        const body of [
          dated("1000-01-01", "9999-12-31"),
          { query_embedding: filled(1e6) },
          { query_embedding: [1, ...filled(1e-44).slice(1)] },
          { query_embedding: [1, ...filled(1e-50).slice(1)] },
          { filters: { confidence_threshold: 1e-50, similarity_threshold: 5e-324 } },
        ]
      ) {
        const { status, body: found } = await asked(body);
        assert.equal(status, 200, JSON.stringify(found));
        assert.ok(namesOf(found).includes("White oak plank flooring"));
      }
    },
  );

  await t.step("hostile filters and texts find nothing and break nothing", async () => {
    const hostile = [
      "'; drop table materials_catalog; --",
      `$.** ? (@ == 1)`,
      "a' | 'b",
      "\\",
      "%",
    ];
    for (const text of hostile) {
      const { status, body } = await search(alice.supabase, {
        search_type: "material_properties",
        filters: { property_filters: { [text]: text }, material_types: [text] },
      });
      assert.equal(status, 200, text);
      assert.equal(body.search_metadata.total_results, 0, text);
      const texts = await search(alice.supabase, { search_type: "hybrid", query_text: text });
      assert.equal(texts.status, 200, text);
    }
    const [row] = await sql`select count(*)::int from public.materials_catalog`;
    assert.ok(row!.count >= 20);
  });

  await t.step("every wrong field is named", async () => {
    const { status, body } = await search(alice.supabase, {
      search_type: "by_magic",
      query_embedding: [],
      limit: 0,
      offset: -1,
      fusion_weights: { visual_similarity: 0.9, semantic_relevance: 0.9 },
      filters: {
        confidence_threshold: 7,
        property_filters: { a: { $gt: 1 } },
        date_range: { start: 1 },
      },
    });
    assert.deepEqual([status, body.error.code], [400, "INVALID_REQUEST"]);
    assert.deepEqual(Object.keys(body.error.details).toSorted(), [
      "filters.confidence_threshold",
      "filters.date_range.start",
      "filters.property_filters.a",
      "fusion_weights",
      "limit",
      "offset",
      "query_embedding",
      "search_type",
    ]);
  });

  await t.step("ten thousand materials are searched with a right total", async () => {
    await sql`
      insert into public.materials_catalog (name, category, properties)
      select 'Sample panel ' || n, 'bulk', jsonb_build_object('lot', n % 10)
      from generate_series(1, 10000) n`;
    // As the cron job does it: a call through PostgREST has eight seconds.
    const [row] = await sql`select public.material_search_refresh_documents() as done`;
    assert.deepEqual(row!.done, { refreshed: 10_000, is_pending: false });
    // The steps before have used up the requests that may be bad.
    const { supabase } = await signUp(stack);
    const { body } = await search(supabase, {
      search_type: "hybrid",
      query_text: "panel",
      filters: { material_types: ["bulk"], property_filters: { lot: 3 } },
      offset: 990,
    });
    assert.equal(body.search_metadata?.total_results, 1000, JSON.stringify(body));
    assert.equal(body.results.length, 10);
  });
});
