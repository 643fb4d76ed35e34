/** Search by colour: what is found, in which order, and for whom. */
import assert from "node:assert/strict";
import { differenceCiede2000 } from "culori";
import { createRandom } from "../../../dev/random.ts";
import { drawPalettes } from "../../../dev/samples/palettes.ts";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { addMaterialsWith, storePalette, storePalettes, toPalette } from "./palettes.ts";
import { addMaterial, ALICE, alice, BOB, bob, namesOf, searchAs, service } from "./search-as.ts";

const OAK = "#b68350";
/** By its colours alone, as visual-search weighs a search by colour. */
const BY_COLOUR = { weights: [1, 0, 0, 0] };

async function openDatabase() {
  const database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  return { sql, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

const SWATCHES: Record<string, string> = {
  "light oak": "#bb8855",
  "dark oak": "#8a5a2b",
  "blue": "#2040c0",
  "white": "#ffffff",
};

async function openSwatches() {
  const database = await openDatabase();
  for (const [name, hex] of Object.entries(SWATCHES)) {
    await storePalette(database.sql, await addMaterial(database.sql, name), toPalette(hex));
  }
  return database;
}

Deno.test("a colour finds what is within the tolerance, nearest first, with its distance", async () => {
  await using database = await openSwatches();
  const found = await searchAs(database.sql, alice, {
    ...BY_COLOUR,
    color: OAK,
    color_tolerance: 30,
  });
  assert.deepEqual(namesOf(found), ["light oak", "dark oak"]);
  assert.equal(found.total_results, 2);
  assert.equal(found.total_relation, "eq");
  const difference = differenceCiede2000();
  for (const { material, visual } of found.results) {
    const expected = difference(OAK, SWATCHES[material.name]!);
    assert.ok(Math.abs((1 - visual) * 100 - expected) < 0.05, `${material.name}: ${visual}`);
  }
  const near = await searchAs(database.sql, alice, {
    ...BY_COLOUR,
    color: OAK,
    color_tolerance: 3,
  });
  assert.deepEqual(namesOf(near), ["light oak"]);
  const none = await searchAs(database.sql, alice, { ...BY_COLOUR, color: "#00ff00" });
  assert.equal(none.total_results, 0);
});

Deno.test("a palette finds the materials with most of its colours first, all of a small catalogue", async () => {
  await using database = await openSwatches();
  const { sql } = database;
  await storePalette(sql, await addMaterial(sql, "both"), toPalette(OAK, "#ffffff"));
  const palette = [{ hex: OAK, share: 0.6, name: "brown" }, {
    hex: "#fefefe",
    share: 0.3,
    name: "white",
  }];
  const found = await searchAs(sql, alice, { ...BY_COLOUR, palette });
  assert.deepEqual(namesOf(found), ["both", "light oak", "white", "dark oak", "blue"]);
  assert.ok(found.results[0].visual > 0.99);
  assert.equal(found.total_results, 5);
});

Deno.test("a colour narrows a search by words, which ranks it", async () => {
  await using database = await openSwatches();
  const found = await searchAs(database.sql, alice, {
    query_text: "oak blue",
    color: "#8a5a2b",
    color_tolerance: 5,
  });
  assert.deepEqual(namesOf(found), ["dark oak"]);
  assert.equal(found.results[0].visual, null);
});

Deno.test("filters narrow a search by colour, and more is looked at until enough is left", async () => {
  await using database = await openDatabase();
  const { sql } = database;
  await addMaterialsWith(sql, Array.from({ length: 900 }, () => toPalette(OAK)));
  for (const name of ["rare near", "rare far"]) {
    const id = await addMaterial(sql, name, { category: "rare" });
    await storePalette(sql, id, toPalette(name === "rare near" ? "#b78451" : "#a07040"));
  }
  const found = await searchAs(sql, alice, {
    ...BY_COLOUR,
    color: OAK,
    material_types: ["rare"],
  });
  assert.deepEqual(namesOf(found), ["rare near", "rare far"]);
  const all = await searchAs(sql, alice, { ...BY_COLOUR, color: OAK, limit: 100 });
  assert.ok(all.total_results >= 200);
  assert.equal(all.total_relation, "gte");
});

Deno.test("only what the caller can read is found by its colour, its own included", async () => {
  await using database = await openSwatches();
  const { sql } = database;
  const own = await addMaterial(sql, "alice's", { createdBy: ALICE, visibility: "private" });
  await storePalette(sql, own, toPalette(OAK));
  await sql`
    insert into public.materials_catalog (name, category, created_by, visibility)
    select 'bob''s', 'test', ${BOB}, 'private' from generate_series(1, 800)`;
  await sql`select public.material_search_refresh_documents(10000)`;
  await storePalettes(sql, "bob's", toPalette(OAK));
  const search = async (as: typeof alice, more = {}) =>
    await searchAs(sql, as, { ...BY_COLOUR, color: OAK, ...more });
  assert.deepEqual(namesOf(await search(alice)), ["alice's", "light oak"]);
  assert.ok(namesOf(await search(bob)).every((name) => name === "bob's"));
  assert.ok((await search(service)).total_results >= 200);
  const palette = toPalette(OAK);
  const shown = namesOf(await searchAs(sql, alice, { ...BY_COLOUR, palette, limit: 100 }));
  assert.ok(shown.every((name) => name !== "bob's"));
});

Deno.test("a material's colours change hands and go with it", async () => {
  await using database = await openDatabase();
  const { sql } = database;
  const id = await addMaterial(sql, "shared", { createdBy: BOB, visibility: "private" });
  await storePalette(sql, id, toPalette(OAK, "#000000"));
  const search = async () => namesOf(await searchAs(sql, alice, { ...BY_COLOUR, color: OAK }));
  assert.deepEqual(await search(), []);
  await sql`update public.materials_catalog set visibility = 'public' where id = ${id}`;
  assert.deepEqual(await search(), ["shared"]);
  const owners = await sql`select distinct owner from material_search.colors`;
  assert.deepEqual(owners.map(({ owner }) => owner), [null]);
  await sql`delete from public.materials_catalog where id = ${id}`;
  assert.equal((await sql`select from material_search.colors`).length, 0);
  assert.equal((await sql`select from material_search.palettes`).length, 0);
});

Deno.test("without the extension cube the same is found", async () => {
  await using database = await openDatabase();
  const { sql } = database;
  await addMaterialsWith(sql, drawPalettes(400, createRandom(3)));
  const search = () => searchAs(sql, alice, { ...BY_COLOUR, color: OAK, color_tolerance: 40 });
  const byIndex = await search();
  await sql.unsafe("drop extension cube cascade");
  assert.deepEqual(namesOf(await search()), namesOf(byIndex));
});

Deno.test("the index of colours is used", async () => {
  await using database = await openDatabase();
  const { sql } = database;
  await addMaterialsWith(sql, drawPalettes(400, createRandom(3)));
  const [{ before }] = await sql`
    select pg_stat_get_numscans('material_search.colors_place_idx'::regclass)::int as before` as unknown as [
    { before: number },
  ];
  await sql`
    select material_search.find_near_colors(row(null, null, '{50}', '{10}', '{10}'), 200)`;
  await sql`select pg_stat_force_next_flush()`;
  const [{ after }] = await sql`
    select pg_stat_get_numscans('material_search.colors_place_idx'::regclass)::int as after` as unknown as [
    { after: number },
  ];
  assert.ok(after > before, `${before} scans, then ${after}`);
});

Deno.test("a page beyond all that is found by a colour looks at no more than the last that may be there", async () => {
  await using database = await openDatabase();
  const { sql } = database;
  await addMaterialsWith(sql, Array.from({ length: 2_100 }, () => toPalette(OAK)));
  // A sequence counts what the search's transaction undoes.
  await sql.unsafe(`
    create sequence material_search.looks;
    alter function material_search.rank_colors rename to rank_colors_itself;
    create function material_search.rank_colors(
      p_search material_search.search, p_palette jsonb, p_most integer,
      out material_ids uuid[], out distances real[], out is_all boolean
    ) language sql security definer as $$
      select r.* from nextval('material_search.looks'),
        material_search.rank_colors_itself(p_search, p_palette, p_most) r
    $$;
    grant execute on function material_search.rank_colors to authenticated`);
  const found = await searchAs(sql, alice, { ...BY_COLOUR, color: OAK, offset: 100_000 });
  assert.deepEqual([found.results, found.total_relation], [[], "gte"]);
  // The nearest, which are the first of all pages, and then enough for the last.
  const [looks] = await sql`select last_value::int from material_search.looks`;
  assert.equal(looks!.last_value, 2);
});

Deno.test("colours: hostile ones, and hostile palettes, are refused with 22023", async () => {
  await using database = await openDatabase();
  const bad: Record<string, unknown>[] = [
    { color: "red" },
    { color: "#b6835'" },
    { color: OAK, color_tolerance: "NaN" },
    { color: OAK, color_tolerance: -1 },
    { palette: [] },
    { palette: {} },
    { palette: "null" },
    { palette: [1] },
    { palette: [{ hex: OAK }] },
    { palette: [{ hex: OAK, share: 0 }] },
    { palette: [{ hex: OAK, share: "1" }] },
    { palette: [{ hex: null, share: 1 }] },
    { palette: Array.from({ length: 9 }, () => ({ hex: OAK, share: 0.1 })) },
    { palette: [{ hex: OAK, share: 1, name: "x".repeat(100_000) }] },
  ];
  for (const parameters of bad) {
    await assert.rejects(
      searchAs(database.sql, alice, { ...BY_COLOUR, ...parameters }),
      { code: "22023" },
      JSON.stringify(parameters).slice(0, 100),
    );
  }
});
