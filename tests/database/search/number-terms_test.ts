/** The terms by which ranges of numbers are found. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";

/** Where buckets begin and end, and what is just beside: as decimals, of which a float may make less. */
const NUMBERS = [
  ...["1e-9", "0.000001", "0.00029", "0.029", "0.03", "0.1", "0.19", "0.2", "0.28", "0.29", "0.3"],
  ...[
    "0.299999999999999999999",
    "0.58",
    "0.7",
    "1",
    "2.9",
    "3",
    "4.99999999999999999999",
    "5",
    "5.8",
  ],
  ...[
    "7",
    "9.9",
    "9.99999999999999999999",
    "10",
    "19",
    "20",
    "99",
    "100",
    "110",
    "999.99",
    "1000",
    "1e13",
  ],
];

Deno.test("to_number_terms: each number in a range, and none far from it, has one of its terms", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const numbers = ["0", ...NUMBERS, ...NUMBERS.map((number) => `-${number}`)];
  const [counted] = await sql`
    with number as materialized (
      select n, material_search.to_terms(jsonb_build_object('Width', n), '{}') as terms
      from unnest(${numbers}::numeric[]) n
    ),
    range as materialized (
      select a.n as low, b.n as high, material_search.to_number_terms('width', a.n, b.n) as terms
      from number a join number b on a.n <= b.n
    )
    select
      count(*) filter (where n between low and high)::integer as within,
      count(*) filter (where n between low and high and number.terms && range.terms)::integer as found,
      count(*) filter (
        where number.terms && range.terms
          and (n < low - abs(low) * 0.5 - 1e-6 or n > high + abs(high) * 0.5 + 1e-6)
      )::integer as far,
      max(cardinality(range.terms)) as most
    from range, number`;
  assert.ok(counted!.within > 40_000);
  assert.equal(counted!.found, counted!.within);
  assert.equal(counted!.far, 0);
  assert.ok(counted!.most < 360, counted!.most);
});

Deno.test("to_number_terms: a range of first digits takes few terms", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const count = async (low: number, high: number) => {
    const [row] = await sql`
      select cardinality(material_search.to_number_terms('width', ${low}, ${high})) as terms`;
    return row!.terms;
  };
  assert.deepEqual(
    [
      await count(5, 10),
      await count(5, 30),
      await count(3, 5),
      await count(20, 22),
      await count(7, 7),
    ],
    [8, 10, 5, 3, 1],
  );
});
