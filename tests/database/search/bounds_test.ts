/** The search's function is an API itself: what is out of bounds is refused in SQL. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { alice, openSeededDatabase, runAs, searchAs } from "./search-as.ts";

const listOf = (count: number) => Array.from({ length: count }, (_, n) => `item ${n}`);

const objectOf = (count: number) => Object.fromEntries(listOf(count).map((key) => [key, "x"]));

const embedding = (first: number, length = 512) => [first, ...Array(length - 1).fill(0.1)];

const REFUSED: [name: string, parameters: Record<string, unknown>][] = [
  ["a text of 8 MB", { query_text: "oak ".repeat(2_000_000) }],
  ["a text of 4,001 bytes", { query_text: "x".repeat(4_001) }],
  ["a picture's text of 8 MB", { picture_text: "oak ".repeat(2_000_000) }],
  ["a list of 60,000 items", { property_filters: { finish: listOf(60_000) } }],
  ["a list of 51 items", { property_filters: { finish: listOf(51) } }],
  ["a list of lists", { property_filters: { finish: [["raw"]] } }],
  ["100,000 filters", { property_filters: objectOf(100_000) }],
  ["21 filters", { property_filters: objectOf(21) }],
  ["a filter's value of 201 characters", { property_filters: { a: "x".repeat(201) } }],
  ["a filter's name of 65 characters", { property_filters: { ["x".repeat(65)]: 1 } }],
  ["filters that are a list", { property_filters: [1] }],
  ["filters that are a text", { property_filters: "x" }],
  ["a range of texts", { property_filters: { a: { min: "1" } } }],
  ["a range with another bound", { property_filters: { a: { gt: 1 } } }],
  ["a range of ranges", { property_filters: { a: { min: { min: 1 } } } }],
  ["a range of 301 digits", { property_filters: { a: { min: 1e300 } } }],
  ["a range of 300 decimal places", { property_filters: { a: { max: 1e-300 } } }],
  ["a share of 310 decimal places", { palette: [{ hex: "#b68350", share: 1e-310 }] }],
  ["a range of 100,000 bounds", { property_filters: { a: objectOf(100_000) } }],
  ["a million types", { material_types: Array(1_000_000).fill("x") }],
  ["51 types", { material_types: listOf(51) }],
  ["a type of 101 characters", { material_types: ["x".repeat(101)] }],
  ["500,000 colours", { picture_properties: { colors: Array(500_000).fill("red") } }],
  ["picture properties that are a list", { picture_properties: [] }],
  ["a limit of 0", { limit: 0 }],
  ["a limit of a million", { limit: 1_000_000 }],
  ["no limit", { limit: null }],
  ["an offset of -100", { offset: -100 }],
  ["an offset of a billion", { offset: 1_000_000_000 }],
  ["negative weights", { weights: [-1, 1, 1, 1] }],
  ["a weight of NaN", { weights: ["NaN", 1, 1, 1] }],
  ["an infinite weight", { weights: ["Infinity", 1, 1, 1] }],
  ["a weight of null", { weights: [null, 1, 1, 1] }],
  ["three weights", { weights: [1, 1, 1] }],
  ["a million weights", { weights: Array(1_000_000).fill(0.1) }],
  ["weights of 0", { weights: [0, 0, 0, 0] }],
  ["no weights", { weights: null }],
  ["a confidence of NaN", { confidence_threshold: "NaN" }],
  ["a confidence of 2", { confidence_threshold: 2 }],
  ["a similarity of -Infinity", { similarity_threshold: "-Infinity" }],
  ["an embedding of 3 numbers", { query_embedding: [1, 2, 3] }],
  ["an embedding of a million numbers", { query_embedding: embedding(1, 1_000_000) }],
  ["an embedding with NaN", { query_embedding: embedding(NaN) }],
  ["an embedding with Infinity", { query_embedding: embedding(Infinity) }],
  ["an embedding with 1e7", { query_embedding: embedding(1e7) }],
  ["an embedding of zeros", { query_embedding: Array(512).fill(0) }],
];

Deno.test("a search that is out of bounds is refused", async (t) => {
  await using database = await openSeededDatabase();
  for (const [name, parameters] of REFUSED) {
    await t.step(name, async () => {
      await assert.rejects(searchAs(database.sql, alice, parameters), { code: "22023" });
    });
  }
});

Deno.test("a search in times without end is refused", async () => {
  await using database = await openSeededDatabase();
  for (const parameter of ["p_created_from", "p_created_to"]) {
    await assert.rejects(
      runAs(database.sql, alice, (transaction) =>
        transaction.unsafe(
          `select public.material_search_find_materials(${parameter} => 'infinity')`,
        )),
      { code: "22023" },
    );
  }
});

Deno.test("the largest search that is allowed is answered", async () => {
  await using database = await openSeededDatabase();
  const { sql } = database;
  await sql`set statement_timeout = '5s'`;
  const words = Array.from({ length: 600 }, (_, n) => `w${n}`).join(" ");
  const found = await searchAs(sql, alice, {
    query_text: words,
    picture_text: words,
    picture_properties: { family: "wood", colors: listOf(50) },
    material_types: listOf(50),
    property_filters: Object.fromEntries(listOf(20).map((key) => [key, listOf(50)])),
    confidence_threshold: 0,
    created_from: "1000-01-01",
    created_to: "9999-12-31",
    include_analytics: true,
    limit: 100,
    offset: 100_000,
  });
  assert.deepEqual([found.total_results, found.results], [0, []]);
});

Deno.test("numbers of any size are compared as numbers", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql.unsafe(`
    insert into public.materials_catalog (name, category, properties)
    values ('Heavy', 'test', '{"weight": 1e40}'), ('Light', 'test', '{"weight": 1e-40}')`);
  for (const [range, total] of [[{ min: 1e39 }, 1], [{ max: 1 }, 1], [{ min: 0, max: 1e41 }, 2]]) {
    const found = await searchAs(sql, alice, { property_filters: { weight: range } });
    assert.equal(found.total_results, total, JSON.stringify(range));
  }
});

Deno.test("a search in a read-only transaction is refused, not answered for nothing", async () => {
  await using database = await openSeededDatabase();
  await assert.rejects(
    runAs(database.sql, alice, async (transaction) => {
      await transaction`set transaction read only`;
      await transaction`select public.material_search_find_materials('oak')`;
    }),
    { code: "25006" },
  );
});
