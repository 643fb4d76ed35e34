/** What is just within the bounds of a search is taken, and what is just beyond refused. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";

type Value = string | number | null;

const text = (length: number) => "x".repeat(length);
const listOf = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const objectOf = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key ${index}`, value]));
const largest = listOf(50, text(200));

/** Of `material_search.check_page`: the two texts' lengths, the threshold, the limit and the offset. */
const PAGES: [isTaken: boolean, page: Value[]][] = [
  [true, [4_000, 40_000, 0, 1, 0]],
  [true, [0, 0, 1, 100, 100_000]],
  [true, [0, 0, null, 1, 0]],
  [false, [4_001, 0, 0, 1, 0]],
  [false, [0, 40_001, 0, 1, 0]],
  [false, [0, 0, -0.001, 1, 0]],
  [false, [0, 0, 1.001, 1, 0]],
  [false, [0, 0, "NaN", 1, 0]],
  [false, [0, 0, 0, 0, 0]],
  [false, [0, 0, 0, 101, 0]],
  [false, [0, 0, 0, null, 0]],
  [false, [0, 0, 0, 1, -1]],
  [false, [0, 0, 0, 1, 100_001]],
  [false, [0, 0, 0, 1, null]],
];

/** Of `material_search.check_object`, with three properties at most. */
const OBJECTS: [isTaken: boolean, object: unknown][] = [
  [true, null],
  [true, objectOf(3, 1)],
  [false, objectOf(4, 1)],
  [true, { [text(64)]: 1 }],
  [false, { [text(65)]: 1 }],
  [true, { a: largest, b: text(200) }],
  [false, { a: listOf(51, "x") }],
  [false, { a: [text(201)] }],
  [false, { a: text(201) }],
  [false, { a: [["x"]] }],
  [false, { a: [{ b: 1 }] }],
  [false, [1]],
];

/** Of `material_search.check_search`. */
const SEARCHES: [isTaken: boolean, search: Record<string, unknown>][] = [
  [true, {}],
  [true, { material_types: listOf(50, text(100)) }],
  [false, { material_types: listOf(51, "x") }],
  [false, { material_types: [text(101)] }],
  [true, { property_filters: objectOf(20, 1), picture_properties: objectOf(20, 1) }],
  [false, { property_filters: objectOf(21, 1) }],
  [false, { picture_properties: objectOf(21, 1) }],
  [true, { property_filters: objectOf(6, largest) }],
  [false, { property_filters: objectOf(7, largest) }],
  [true, { property_filters: { a: { min: 1e199, max: null } } }],
  [false, { property_filters: { a: { min: 1e200 } } }],
  [false, { property_filters: { a: { least: 1 } } }],
  [true, { confidence_threshold: 0 }],
  [true, { confidence_threshold: 1 }],
  [false, { confidence_threshold: 1.001 }],
  [false, { confidence_threshold: -0.001 }],
  [true, { weights: [0, 0, 0, 1] }],
  [false, { weights: [0, 0, 0, 0] }],
  [false, { weights: [0, 0, 0, 1.001] }],
  [false, { weights: [0, 0, -0.001, 1] }],
  [false, { weights: [1, 1, 1] }],
  [false, { weights: [1, 1, 1, 1, 1] }],
  [true, { query: listOf(150, "'a'").join(" & ") }],
  [false, { query: listOf(151, "'a'").join(" & ") }],
  [false, { picture_query: listOf(151, "'a'").join(" & ") }],
  [true, { items: listOf(6, "a") }],
  [false, { items: listOf(7, "a") }],
];

Deno.test("a search's bounds: what is just within is taken, and what is just beyond refused", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const check = async (isTaken: boolean, call: string, value: unknown) => {
    // As text, for the driver makes JSON of what is a parameter of JSON.
    const json = JSON.stringify(value);
    const run = sql.unsafe(`select ${call} from (select $1::text::jsonb as value) given`, [json]);
    const code = await run.then(() => null, (error) => error.code);
    assert.equal(code, isTaken ? null : "22023", `${call} of ${json.slice(0, 200)}`);
  };
  for (const [isTaken, page] of PAGES) {
    await check(
      isTaken,
      `material_search.check_page(
        repeat('x', (value ->> 0)::integer), repeat('x', (value ->> 1)::integer),
        (value ->> 2)::real, (value ->> 3)::integer, (value ->> 4)::integer)`,
      page,
    );
  }
  for (const [isTaken, object] of OBJECTS) {
    await check(isTaken, "material_search.check_object('a', nullif(value, 'null'), 3)", object);
  }
  for (const [isTaken, search] of SEARCHES) {
    await check(
      isTaken,
      "material_search.check_search(jsonb_populate_record(null::material_search.search, value))",
      { weights: [0.25, 0.25, 0.25, 0.25], ...search },
    );
  }
});

Deno.test("a search's total is exact up to 2,000 found, and bounded beyond by what was looked at", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const count = async (found: number, least: number, isNarrow: boolean) => {
    const [row] = await sql`
      select material_search.count_found(
        jsonb_populate_record(null::material_search.search, ${sql.json({ is_narrow: isNarrow })}),
        array_fill(gen_random_uuid(), array[${found}::integer]), 7, ${least}::real
      ) as told`;
    return [row!.told.total_results, row!.told.total_relation];
  };
  assert.deepEqual(await count(2_000, 0, false), [7, "eq"]);
  assert.deepEqual(await count(2_000, 0.1, false), [7, "eq"]);
  assert.deepEqual(await count(2_000, 0, true), [7, "gte"]);
  assert.deepEqual(await count(2_001, 0, false), [2_001, "eq"]);
  assert.deepEqual(await count(2_001, 0.1, false), [7, "gte"]);
  assert.deepEqual(await count(2_001, 0, true), [2_000, "gte"]);
  assert.deepEqual(await count(10_000, 0, false), [10_000, "eq"]);
  assert.deepEqual(await count(10_001, 0, false), [10_000, "gte"]);
});
