/** What a search finds, and in which order. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import {
  addMaterial,
  alice,
  applySeed,
  namesOf,
  openSeededDatabase,
  searchAs,
} from "./search-as.ts";

Deno.test("the seed may be applied twice", async () => {
  await using database = await openSeededDatabase();
  await applySeed(database.sql);
  const [{ materials, analyses, documents }] = await database.sql`
    select (select count(*)::int from public.materials_catalog) as materials,
      (select count(*)::int from public.material_visual_analysis) as analyses,
      (select count(*)::int from material_search.documents) as documents` as unknown as [
    Record<string, number>,
  ];
  assert.ok(materials! >= 20);
  assert.equal(analyses, materials);
  assert.equal(documents, materials);
});

Deno.test("full text finds by name, category, description, properties and analysis", async () => {
  await using database = await openSeededDatabase();
  const best = async (query_text: string) =>
    namesOf(await searchAs(database.sql, alice, { query_text, weights: [0, 1, 0, 0] }))[0];
  assert.equal(await best("white oak flooring"), "White oak plank flooring");
  assert.equal(await best("roofing"), "Welsh slate roofing");
  assert.equal(await best("fleece back"), "American walnut veneer");
  assert.equal(await best("304"), "Brushed stainless steel sheet");
  assert.equal(await best("purple undertones"), "American walnut veneer");
});

Deno.test("a word in the name counts more than one in the prose", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const mentioned = await addMaterial(sql, "A board");
  await sql`
    insert into public.material_visual_analysis (material_id, material_type, visual_characteristics)
    values (${mentioned}, 'wood', 'It stands beside a zebrano cabinet.')`;
  await addMaterial(sql, "Zebrano board");
  const found = await searchAs(sql, alice, { query_text: "zebrano", weights: [0, 1, 0, 0] });
  assert.deepEqual(namesOf(found), ["Zebrano board", "A board"]);
  assert.equal(found.results[0].semantic, 1);
  assert.ok(found.results[1].semantic < 0.5);
});

Deno.test("a misspelt word finds what it resembles; a known one is not replaced", async () => {
  await using database = await openSeededDatabase();
  for (
    const [query_text, meant] of [
      ["marbel", "marble"],
      ["alumnium pannel", "aluminium"],
      ["travertin", "travertine"],
    ] as const
  ) {
    const found = await searchAs(database.sql, alice, { query_text, weights: [0, 1, 0, 0] });
    assert.ok(found.total_results > 0, query_text);
    assert.match(namesOf(found)[0]!.toLowerCase(), new RegExp(meant), query_text);
  }
  for (const query_text of ["marble", "mark7 xx marb1e"]) {
    const kept = await searchAs(database.sql, alice, { query_text });
    assert.deepEqual(kept.corrections, {}, query_text);
  }
  const corrected = await searchAs(database.sql, alice, { query_text: "marbel" });
  assert.deepEqual(corrected.corrections, { marbel: "marble" });
});

Deno.test("a text without a word that counts finds nothing", async () => {
  await using database = await openSeededDatabase();
  for (const query_text of ["the of", "?!", "qqqqqqxx", " "]) {
    const found = await searchAs(database.sql, alice, { query_text });
    assert.equal(found.total_results, 0, query_text);
  }
});

Deno.test("the properties of a picture find what has most of them", async () => {
  await using database = await openSeededDatabase();
  const found = await searchAs(database.sql, alice, {
    picture_properties: { family: "Metal", finish: "brushed", colors: ["warm grey"] },
    weights: [0, 0, 1, 0],
  });
  assert.equal(namesOf(found)[0], "Brushed stainless steel sheet");
  assert.equal(found.results[0].property, 1);
  assert.deepEqual(found.results[0].found_by, ["material_properties"]);
  assert.ok(found.total_results > 1);
});

Deno.test("a material without a confidence is weighed without one", async () => {
  await using database = await openSeededDatabase();
  const found = await searchAs(database.sql, alice, {
    query_text: "green velvet",
    weights: [0, 0.9, 0, 0.1],
  });
  const [velvet] = found.results;
  assert.equal(velvet.material.name, "Green velvet");
  assert.equal(velvet.confidence, null);
  assert.equal(velvet.combined, velvet.semantic);
});

Deno.test("pages follow each other without a gap, and the total is that of all", async () => {
  await using database = await openSeededDatabase();
  const all = await searchAs(database.sql, alice, { created_to: "2999-01-01", limit: 100 });
  const paged: string[] = [];
  for (let offset = 0; offset < all.total_results; offset += 7) {
    const page = await searchAs(database.sql, alice, {
      created_to: "2999-01-01",
      limit: 7,
      offset,
    });
    assert.equal(page.total_results, all.total_results);
    assert.equal(page.results[0].rank, offset + 1);
    paged.push(...namesOf(page));
  }
  assert.deepEqual(paged, namesOf(all));
  const beyond = await searchAs(database.sql, alice, { created_to: "2999-01-01", offset: 1000 });
  assert.deepEqual(beyond.results, []);
  assert.equal(beyond.total_results, all.total_results);
});

Deno.test("without pgvector an embedding is refused with a code of its own", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const [extension] = await sql`
    select from pg_available_extensions where name = 'vector'`;
  const search = searchAs(sql, alice, { query_embedding: Array(512).fill(0.1) });
  if (extension) assert.equal((await search).total_results, 0);
  else await assert.rejects(search, { code: "0A000" });
});

Deno.test("a picture in a large catalogue finds what shares two of its heavy properties", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const add = (count: number, family: string, finish: string) =>
    sql`
      insert into public.materials_catalog (name, category, properties)
      select 'Board ' || n, 'wood', ${sql.json({ family, finish, colors: ["light brown"] })}
      from generate_series(1, ${count}::int) n`;
  const search = async (limit = 20, offset = 0) =>
    await searchAs(sql, alice, {
      picture_text: "wood oiled brown board",
      picture_properties: { family: "wood", finish: "oiled", colors: ["brown"] },
      weights: [0, 0.5, 0.5, 0],
      limit,
      offset,
    });
  await add(60, "wood", "oiled");
  await add(200, "stone", "polished");
  const few = await search();
  assert.deepEqual([few.total_results, few.total_relation], [260, "eq"]);
  await add(60, "wood", "oiled");
  const many = await search();
  assert.deepEqual([many.total_results, many.total_relation], [120, "gte"]);
  assert.deepEqual(
    many.results.map((result: { property: number }) => result.property),
    Array(20).fill(1),
  );
  const beyond = await search(20, 120);
  assert.deepEqual([beyond.total_results, beyond.results], [120, []]);
});

Deno.test("a picture's properties alone find what has half of them, whichever these are", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const search = async (picture_properties: object, filters = {}) =>
    namesOf(
      await searchAs(sql, alice, { picture_properties, weights: [0, 0, 1, 0], ...filters }),
    ).toSorted();
  const add = (name: string, properties: object) => addMaterial(sql, name, { properties });
  await add("Oak", { family: "wood", type: "oak", finish: "oiled", colors: ["brown"] });
  await add("Walnut", { family: "wood", type: "walnut", finish: "oiled", colors: ["dark brown"] });
  await add("Brick", { family: "ceramic", pattern: "stretcher", colors: ["red"] });
  assert.deepEqual(
    await search({ family: "wood", type: "oak", finish: "oiled", colors: ["brown"] }),
    ["Oak", "Walnut"],
  );
  assert.deepEqual(await search({ type: "oak", colors: ["red"] }), ["Brick", "Oak"]);
  assert.deepEqual(await search({ colors: ["light brown"] }), ["Oak", "Walnut"]);
  assert.deepEqual(await search({ pattern: "stretcher" }), ["Brick"]);
  assert.deepEqual(await search({ pattern: "herringbone" }), []);
  assert.deepEqual(await search({}), []);
  const oiled = { property_filters: sql.json({ type: "walnut" }) };
  assert.deepEqual(await search({ family: "wood", colors: ["brown"] }, oiled), ["Walnut"]);
});
