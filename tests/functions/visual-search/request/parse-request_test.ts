import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { parseSearchRequest } from "../../../../supabase/functions/visual-search/request/parse-request.ts";
import fc from "../../../support/fast-check.ts";

const parse = (body: object) => parseSearchRequest({ ...body });

function problemsOf(body: object): Record<string, string> {
  try {
    parse(body);
  } catch (error) {
    assert.ok(error instanceof ApiError);
    assert.equal(error.code, "INVALID_REQUEST");
    return error.details as Record<string, string>;
  }
  return {};
}

const TEXT = { search_type: "hybrid", query_text: "oak" };

Deno.test("parseSearchRequest() fills in the defaults", () => {
  assert.deepEqual(parse(TEXT), {
    type: "hybrid",
    image: null,
    text: "oak",
    embedding: null,
    embeddingSpace: "clip",
    palette: null,
    filters: {
      materialTypes: null,
      properties: null,
      confidenceThreshold: null,
      similarityThreshold: null,
      createdFrom: null,
      createdTo: null,
      color: null,
      tolerance: null,
    },
    filtersBody: {},
    weights: null,
    limit: 20,
    offset: 0,
    isWithAnalytics: false,
    isWithEmbeddings: false,
  });
});

Deno.test("parseSearchRequest() takes null for what is left out, and ignores what it does not know", () => {
  const request = parse({ ...TEXT, query_image: null, filters: null, limit: null, user_id: "x" });
  assert.deepEqual(request, parse(TEXT));
  assert.ok(!("user_id" in request));
});

Deno.test("parseSearchRequest() takes empty filters for none", () => {
  const { filters } = parse({ ...TEXT, filters: { material_types: [], property_filters: {} } });
  assert.deepEqual([filters.materialTypes, filters.properties], [null, null]);
});

Deno.test("parseSearchRequest() wants weights that add up to 1, and takes a missing one for 0", () => {
  const { weights } = parse({ ...TEXT, fusion_weights: { semantic_relevance: 1 } });
  assert.deepEqual(weights, {
    visual_similarity: 0,
    semantic_relevance: 1,
    material_properties: 0,
    llama_confidence: 0,
  });
  parse({ ...TEXT, fusion_weights: { visual_similarity: 0.1, semantic_relevance: 0.9 } });
  for (const sum of [{ visual_similarity: 0.5 }, {}, { semantic_relevance: 0.998 }]) {
    assert.deepEqual(Object.keys(problemsOf({ ...TEXT, fusion_weights: sum })), ["fusion_weights"]);
  }
});

Deno.test("parseSearchRequest() takes a date alone for its whole day", () => {
  const range = (date_range: unknown) => parse({ ...TEXT, filters: { date_range } }).filters;
  assert.deepEqual(
    [range({ start: "2026-11-25", end: "2026-11-25" })].map((f) => [f.createdFrom, f.createdTo]),
    [["2026-11-25T00:00:00.000Z", "2026-11-25T23:59:59.999Z"]],
  );
  assert.equal(range({ end: "2026-11-25T10:00:00+02:00" }).createdTo, "2026-11-25T08:00:00.000Z");
  for (const bad of ["yesterday", "2026-13-01", "2026-11-25T10:00:00", "1; drop"]) {
    assert.deepEqual(
      Object.keys(problemsOf({ ...TEXT, filters: { date_range: { start: bad } } })),
      ["filters.date_range.start"],
    );
  }
  const backwards = { date_range: { start: "2026-11-26", end: "2026-11-25" } };
  assert.deepEqual(Object.keys(problemsOf({ ...TEXT, filters: backwards })), [
    "filters.date_range",
  ]);
});

Deno.test("parseSearchRequest() takes a range of any size for one that the database reads", () => {
  const range = (size: unknown) =>
    parse({ ...TEXT, filters: { property_filters: { size } } }).filters.properties?.size;
  assert.deepEqual(range({ min: -Number.MAX_VALUE, max: Number.MAX_VALUE }), {
    min: -1e150,
    max: 1e150,
  });
  assert.deepEqual(range({ min: -Number.MIN_VALUE, max: Number.MIN_VALUE }), { min: 0, max: 0 });
  assert.deepEqual(range({ min: 0.1, max: null }), { min: 0.1, max: null });
});

const problemsOfDate = (start: unknown) =>
  problemsOf({ ...TEXT, filters: { date_range: { start } } });

Deno.test("parseSearchRequest() refuses a day that no month has", () => {
  for (
    const day of ["2026-02-30", "2020-02-31", "2026-02-29", "2026-11-31", "2026-02-30T10:00:00Z"]
  ) {
    assert.match(problemsOfDate(day)["filters.date_range.start"] ?? "", /^must be a date/, day);
  }
  assert.deepEqual(problemsOfDate("2028-02-29"), {});
});

Deno.test("parseSearchRequest() refuses a year that the database or JavaScript writes otherwise", () => {
  for (
    const day of [
      "0000-01-01",
      "0999-12-31",
      "1000-01-01T00:00:00+00:01",
      "9999-12-31T23:59:59-12:00",
    ]
  ) {
    assert.deepEqual(problemsOfDate(day), {
      "filters.date_range.start": "must be in the years 1000 to 9999, in UTC",
    }, day);
  }
  const date_range = { start: "1000-01-01", end: "9999-12-31" };
  const { createdFrom, createdTo } = parse({ ...TEXT, filters: { date_range } }).filters;
  assert.deepEqual([createdFrom, createdTo], [
    "1000-01-01T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z",
  ]);
});

Deno.test("parseSearchRequest() keeps every day that it takes", () => {
  const pad = (number: number, length = 2) => String(number).padStart(length, "0");
  const parts = [fc.nat(9999), fc.nat(13), fc.nat(32)] as const;
  fc.assert(fc.property(...parts, (year, month, day) => {
    const date = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
    if (Object.keys(problemsOfDate(date)).length > 0) return;
    const { filters } = parse({ ...TEXT, filters: { date_range: { start: date } } });
    assert.equal(filters.createdFrom, `${date}T00:00:00.000Z`);
  }));
});

Deno.test("parseSearchRequest() names what a type of search needs", () => {
  const keysOf = (body: object) => Object.keys(problemsOf(body));
  assert.deepEqual(keysOf({ search_type: "visual_similarity", query_text: "x" }), [
    "query_embedding",
  ]);
  assert.deepEqual(keysOf({ search_type: "semantic_analysis" }), ["query_text"]);
  assert.deepEqual(
    keysOf({ search_type: "material_properties", filters: { similarity_threshold: 0.5 } }),
    ["filters"],
  );
  assert.deepEqual(keysOf({ search_type: "hybrid" }), ["query_text"]);
  assert.deepEqual(keysOf({}), ["search_type"]);
});

Deno.test("parseSearchRequest() takes an embedding of any space with up to 4,000 numbers", () => {
  const embedded = (length: number, embedding_space: unknown) =>
    problemsOf({
      search_type: "visual_similarity",
      query_embedding: Array(length).fill(0.1),
      embedding_space,
    });
  for (const length of [1, 512, 768, 4_000]) {
    assert.deepEqual(embedded(length, "google/siglip-2.b_16"), {});
  }
  assert.deepEqual(embedded(512, "clip"), {});
  assert.match(embedded(4_001, "net").query_embedding ?? "", /1 to 4000 numbers/);
  assert.match(embedded(768, "clip").query_embedding ?? "", /512 numbers .* embedding_space/);
  for (const bad of ["", "a b", "-a", 7, "a".repeat(64)]) {
    assert.deepEqual(Object.keys(embedded(512, bad)), ["embedding_space"]);
  }
  const { embeddingSpace } = parse({
    search_type: "visual_similarity",
    query_embedding: [1],
    embedding_space: "net",
  });
  assert.equal(embeddingSpace, "net");
});

Deno.test("parseSearchRequest() wants an embedding of 512 numbers where none is named, not all 0", () => {
  const embedded = (query_embedding: unknown) =>
    problemsOf({ search_type: "visual_similarity", query_embedding });
  assert.deepEqual(embedded(Array(512).fill(0.1)), {});
  for (const bad of [[], Array(511).fill(1), Array(512).fill(0), Array(512).fill("1"), "x"]) {
    assert.deepEqual(Object.keys(embedded(bad)), ["query_embedding"]);
  }
});

Deno.test("parseSearchRequest() takes an embedding of no larger or smaller numbers than a cosine can", () => {
  const embedded = (query_embedding: number[]) =>
    problemsOf({ search_type: "visual_similarity", query_embedding });
  const filled = (number: number) => Array<number>(512).fill(number);
  for (const good of [1e6, -1e6, 1e-6]) assert.deepEqual(embedded(filled(good)), {});
  assert.deepEqual(embedded([1, ...filled(0).slice(1)]), {});
  for (const bad of [1e308, -1e308, 3e38, 1_000_001, 1e-7, 1e-50, 5e-324]) {
    const problem = embedded(filled(bad)).query_embedding ?? "";
    assert.match(problem, /numbers from -1000000 to 1000000/);
  }
});

Deno.test("parseSearchRequest() gives the database no number that a float4 has none for", () => {
  const { embedding, filters } = parse({
    search_type: "visual_similarity",
    query_embedding: [1, ...Array(511).fill(1e-50)],
    filters: { confidence_threshold: 1e-50, similarity_threshold: 5e-324 },
  });
  assert.deepEqual(embedding, [1, ...Array(511).fill(0)]);
  assert.deepEqual([filters.confidenceThreshold, filters.similarityThreshold], [0, 0]);
});

Deno.test("parseSearchRequest() says of each property filter what is wanted", () => {
  const problem = (filter: unknown) =>
    problemsOf({ ...TEXT, filters: { property_filters: { finish: filter } } });
  const path = "filters.property_filters.finish";
  assert.match(problem([])[path] ?? "", /a list of 1 to 50 of these/);
  assert.match(problem(Array(51).fill("a"))[path] ?? "", /a list of 1 to 50 of these/);
  assert.match(problem("a".repeat(201))[path] ?? "", /a text of up to 200 characters/);
  assert.match(problem({ minimum: 1 })[path] ?? "", /\{ min, max \}/);
});

Deno.test("parseSearchRequest() never leaves a problem unsaid", () => {
  const filters = fc.dictionary(
    fc.string(),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        [],
        {},
        "\0",
        ["\0"],
        [[]],
        { min: "1" },
        { min: 1, mean: 1 },
        "a".repeat(201),
      ),
    ),
  );
  fc.assert(fc.property(filters, (property_filters) => {
    const problems = problemsOf({ ...TEXT, filters: { property_filters } });
    for (const problem of Object.values(problems)) assert.match(problem, /^must /);
  }));
});

Deno.test("parseSearchRequest() refuses text that no database stores", () => {
  for (const text of ["a\0", "\ud800"]) {
    assert.deepEqual(Object.keys(problemsOf({ ...TEXT, query_text: text })), ["query_text"]);
    for (const property_filters of [{ [text]: 1 }, { a: text }, { a: [text] }]) {
      const [path] = Object.keys(problemsOf({ ...TEXT, filters: { property_filters } }));
      assert.ok(path!.startsWith("filters.property_filters"), path);
    }
  }
});

Deno.test("parseSearchRequest() takes any JSON without another error than INVALID_REQUEST", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
    problemsOf(body);
  }));
  const property = fc.record({
    search_type: fc.constantFrom("hybrid", "material_properties"),
    query_text: fc.string(),
    filters: fc.record({ property_filters: fc.dictionary(fc.string(), fc.jsonValue()) }),
  });
  fc.assert(fc.property(property, (body) => {
    problemsOf(body);
  }));
});
