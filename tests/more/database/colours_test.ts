/** The search by colour beside the exact one: of every colour of a catalogue, measured by a library. */
import assert from "node:assert/strict";
import { differenceCiede2000, formatHex, parse } from "culori";
import type postgres from "postgres";
import { createRandom } from "../../../dev/random.ts";
import { drawPalettes } from "../../../dev/samples/palettes.ts";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import type { PaletteColor } from "../../../supabase/functions/_shared/client/contract.ts";

const MATERIALS = 2_000;
const QUERIES = 1_000;
const FIRST = 20;

/** The colours alone, for the index is what is tested; a material's id is its place. */
async function openCatalogue(palettes: PaletteColor[][]) {
  const database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`
    insert into material_search.colors (material_id, position, share, lightness, a, b, place)
    select lpad((one.n - 1)::text, 32, '0')::uuid, color.n, (color.it ->> 'share')::real,
      lab.lightness, lab.a, lab.b, material_search.to_place(lab.lightness, lab.a, lab.b)
    from jsonb_array_elements(${sql.json(palettes as unknown as postgres.JSONValue)})
      with ordinality one (palette, n)
    cross join lateral jsonb_array_elements(one.palette) with ordinality color (it, n)
    cross join lateral material_search.to_cielab(color.it ->> 'hex') lab`;
  await sql.unsafe("analyze material_search.colors");
  return { sql, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

Deno.test("colours: the first 20 are the exact ones for 99 % of random colours of sRGB", async () => {
  const random = createRandom(20);
  const palettes = drawPalettes(MATERIALS, random);
  await using catalogue = await openCatalogue(palettes);
  const difference = differenceCiede2000();
  const parsed = palettes.map((palette) => palette.map(({ hex }) => parse(hex)!));
  let exact = 0;
  for (let query = 0; query < QUERIES; query++) {
    const colour = { mode: "rgb" as const, r: random(), g: random(), b: random() };
    const hex = formatHex(colour);
    const [row] = await catalogue.sql`
      select distances[1:${FIRST}] as distances
      from material_search.rank_colors(
        null::material_search.search, ${catalogue.sql.json([{ hex, share: 1 }])}, 500
      )`;
    const wanted = parse(hex)!;
    const all = parsed.map((colours) =>
      Math.min(...colours.map((colour) => difference(wanted, colour)))
    ).sort((one, other) => one - other);
    // By distance, for materials that are equally far are in any order.
    const isExact = (row!.distances as number[])
      .every((distance, place) => Math.abs(distance - all[place]!) < 0.01);
    if (isExact) exact++;
  }
  assert.ok(exact >= 0.99 * QUERIES, `${exact} of ${QUERIES}`);
});
