/** Filters of a search, and texts that try to be more than texts. */
import assert from "node:assert/strict";
import { alice, namesOf, openSeededDatabase, searchAs } from "./search-as.ts";

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
