/** Filters of a search, and texts that try to be more than texts. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { addMaterial, alice, namesOf, openSeededDatabase, searchAs } from "./search-as.ts";

Deno.test("filters: kinds, values, lists, ranges, confidence and dates", async () => {
  await using database = await openSeededDatabase();
  const search = async (parameters: Record<string, unknown>) =>
    namesOf(await searchAs(database.sql, alice, { ...parameters, limit: 100 })).toSorted();
  assert.deepEqual(await search({ material_types: ["Textile", "leather"] }), [
    "Blue woven upholstery",
    "Cognac saddle leather",
    "Green velvet",
    "Natural linen curtain fabric",
  ]);
  assert.deepEqual(await search({ property_filters: { finish: "Hammered" } }), [
    "Hammered copper sheet",
  ]);
  assert.deepEqual(await search({ property_filters: { frost_resistant: true } }), [
    "Red clay facing brick",
  ]);
  assert.deepEqual(await search({ property_filters: { color: ["pink", "green"] } }), [
    "Green velvet",
    "Rosa Porriño granite worktop",
  ]);
  assert.deepEqual(
    await search({ property_filters: { thickness_mm: { min: 30, max: 100 }, finish: "polished" } }),
    ["Polished concrete floor", "Rosa Porriño granite worktop"],
  );
  const confident = await search({ confidence_threshold: 0.9 });
  assert.deepEqual(confident, ["Carrara marble slab", "Red clay facing brick"]);
  assert.deepEqual(await search({ created_from: "2999-01-01" }), []);
  assert.ok((await search({ created_to: "2999-01-01" })).length >= 20);
});

Deno.test("filters: values are compared as texts are, whatever their accents, width and hyphens", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await addMaterial(sql, "Mur", {
    category: "Béton brut",
    properties: { Oberfläche: "Geölt", coating: "powder-coated", größe: 12.5 },
  });
  const found = async (parameters: Record<string, unknown>) =>
    (await searchAs(sql, alice, parameters)).total_results;
  for (const kind of ["béton brut", "BETON BRUT", "be\u0301ton_brut", "ｂéton brut"]) {
    assert.equal(await found({ material_types: [kind] }), 1, kind);
  }
  for (
    const filters of [
      { oberfläche: "geölt" },
      { OBERFLACHE: ["Geolt", "lackiert"] },
      { coating: "powder_coated" },
      { coating: "Powder coated" },
      { Größe: { min: 12, max: 13 } },
      { grosse: 12.5 },
    ]
  ) {
    assert.equal(await found({ property_filters: filters }), 1, JSON.stringify(filters));
  }
  assert.equal(await found({ property_filters: { größe: { min: 13 } } }), 0);
});

Deno.test("filters: a number is found however many zeros it was written with, a text whatever is around it", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  // As other languages than JavaScript write them, and as a cell of a table may be.
  await sql`
    insert into public.materials_catalog (name, category, properties) values
      ('Tile', ' stone', '{"mm": 20.0, "ratio": 0.50, "sizes": [2.50, 100], "below": -3.0, "norm": "1.40", "finish": " Satin\\t"}')`;
  const found = async (parameters: Record<string, unknown>) =>
    (await searchAs(sql, alice, parameters)).total_results;
  for (
    const filters of [
      { mm: 20 },
      { ratio: [0.5, 7] },
      { sizes: 2.5 },
      { sizes: 100 },
      { below: -3 },
      { norm: "1.40" },
      { finish: "satin" },
      { finish: ["satin "] },
    ]
  ) {
    assert.equal(await found({ property_filters: filters }), 1, JSON.stringify(filters));
  }
  assert.equal(await found({ material_types: ["stone"] }), 1);
  for (const filters of [{ below: 3 }, { norm: "1.4" }, { mm: 2 }, { sizes: 1 }]) {
    assert.equal(await found({ property_filters: filters }), 0, JSON.stringify(filters));
  }
});

Deno.test("filters: a range finds what lies in it, at the edges of every magnitude", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const sizes = [-1000, -999, -1, -0.001, 0, 1e-9, 0.1, 0.99, 1, 9.99, 10, 99.5, 100, 1e6, 1e13];
  for (const size of sizes) await addMaterial(sql, `Size ${size}`, { properties: { size } });
  for (const min of sizes) {
    for (const max of sizes) {
      const { total_results } = await searchAs(sql, alice, {
        property_filters: { size: { min, max } },
      });
      const expected = sizes.filter((size) => size >= min && size <= max).length;
      assert.equal(total_results, expected, `${min} to ${max}`);
    }
  }
});

Deno.test("hostile filters and texts are only ever values", async () => {
  await using database = await openSeededDatabase();
  const hostile = [
    "'; drop table public.materials_catalog; --",
    `"$.**" ? (@ == 1)`,
    "{finish,0}",
    "$[*]",
    "a' | 'b",
    "\\",
    "!(oak)",
    "oak:* & <-> !",
    "%_%",
    "\u001f",
    "🪵",
  ];
  for (const text of hostile) {
    const filtered = await searchAs(database.sql, alice, { property_filters: { [text]: text } });
    assert.equal(filtered.total_results, 0, text);
    const listed = await searchAs(database.sql, alice, { property_filters: { finish: [text] } });
    assert.equal(listed.total_results, 0, text);
    const kinds = await searchAs(database.sql, alice, { material_types: [text] });
    assert.equal(kinds.total_results, 0, text);
    await searchAs(database.sql, alice, { query_text: text, picture_text: text });
  }
  const [{ count }] = await database.sql`
    select count(*)::int from public.materials_catalog` as unknown as [{ count: number }];
  assert.ok(count >= 20);
});
