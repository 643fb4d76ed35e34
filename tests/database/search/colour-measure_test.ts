/** Colours as numbers in SQL, against a library and against the formula's own test data. */
import assert from "node:assert/strict";
import { converter, differenceCiede2000 } from "culori";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { createRandom } from "../../../dev/random.ts";
import { SHARMA } from "../../cases/colours/sharma.ts";

type Lab = [lightness: number, a: number, b: number];

async function measure(sql: postgres.Sql, pairs: number[][]): Promise<number[]> {
  const columns = Array.from({ length: 6 }, (_, index) => pairs.map((pair) => pair[index]!));
  const rows = await sql`
    select one.difference
    from unnest(
      ${columns[0]!}::float8[], ${columns[1]!}::float8[], ${columns[2]!}::float8[],
      ${columns[3]!}::float8[], ${columns[4]!}::float8[], ${columns[5]!}::float8[]
    ) with ordinality pair (l1, a1, b1, l2, a2, b2, n)
    cross join lateral material_search.compare_colors(
      row(null, null, array[l1], array[a1], array[b1]), row(null, null, array[l2], array[a2], array[b2])
    ) one
    order by pair.n`;
  return rows.map(({ difference }) => difference);
}

Deno.test("compare_colors(): Sharma's 34 pairs, in either order", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const there = await measure(sql, SHARMA);
  const back = await measure(
    sql,
    SHARMA.map(([l1, a1, b1, l2, a2, b2]) => [l2, a2, b2, l1, a1, b1]),
  );
  SHARMA.forEach((pair, index) => {
    const expected = pair[6];
    assert.ok(Math.abs(there[index]! - expected) < 0.00005, `${pair}: ${there[index]}`);
    assert.ok(Math.abs(back[index]! - expected) < 0.00005, `${pair}, back: ${back[index]}`);
  });
});

Deno.test("compare_colors() gives what culori gives, for 2,000 pairs of colours", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const random = createRandom(7);
  const lab = (): Lab => [100 * random(), 200 * random() - 100, 200 * random() - 100];
  const pairs = Array.from({ length: 2_000 }, () => [...lab(), ...lab()]);
  const differences = await measure(sql, pairs);
  const toColour = ([l, a, b]: number[]) => ({ mode: "lab65" as const, l: l!, a: a!, b: b! });
  const difference = differenceCiede2000();
  pairs.forEach((pair, index) => {
    const expected = difference(toColour(pair.slice(0, 3)), toColour(pair.slice(3)));
    assert.ok(Math.abs(differences[index]! - expected) < 1e-6, `${pair}: ${differences[index]}`);
  });
});

Deno.test("compare_colors() compares each colour of one list with each of the other", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const rows = await sql`
    select one.wanted::int, one.color::int, round(one.difference::numeric, 3)::float8 as difference
    from material_search.compare_colors(
      row(null, null, '{50,60}', '{0,0}', '{0,0}'), row(null, null, '{50,50,60}', '{0,5,0}', '{0,0,0}')
    ) one
    order by one.wanted, one.color`;
  const far = differenceCiede2000()(
    { mode: "lab65", l: 60, a: 0, b: 0 },
    { mode: "lab65", l: 50, a: 5, b: 0 },
  );
  assert.deepEqual(rows.map(({ wanted, color }) => [wanted, color]), [
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 1],
    [2, 2],
    [2, 3],
  ]);
  assert.equal(rows[0]!.difference, 0);
  assert.equal(rows[5]!.difference, 0);
  assert.ok(Math.abs(rows[4]!.difference - far) < 0.001, rows[4]!.difference);
});

Deno.test("to_cielab() gives what culori gives, for every 17th byte of each channel", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const bytes = Array.from(
    { length: 16 },
    (_, index) => (index * 17).toString(16).padStart(2, "0"),
  );
  const hexes = bytes.flatMap((r) => bytes.flatMap((g) => bytes.map((b) => `#${r}${g}${b}`)));
  const rows = await sql`
    select hex, lab.* from unnest(${hexes}::text[]) hex, material_search.to_cielab(hex) lab`;
  assert.equal(rows.length, 4_096);
  const toLab = converter("lab65");
  for (const { hex, lightness, a, b } of rows) {
    const expected = toLab(hex)!;
    const distance = Math.hypot(lightness - expected.l, a - expected.a, b - expected.b);
    assert.ok(distance < 0.05, `${hex}: ${[lightness, a, b]}`);
  }
});

Deno.test("to_cielab() refuses what is no colour", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const hex of ["b68350", "#b68", "#b6835g", "#b683500", "#b68350\n", "", null]) {
    await assert.rejects(
      sql`select material_search.to_cielab(${hex})`,
      { code: "22023" },
      `${hex}`,
    );
  }
});
