/** Search by colour, page by page, and beside what others keep to themselves. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { createRandom } from "../../../dev/random.ts";
import { drawPalettes } from "../../../dev/samples/palettes.ts";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { addMaterialsWith, storePalettes, toPalette } from "./palettes.ts";
import { alice, BOB, searchAs } from "./search-as.ts";

const SEARCHES: Record<string, Record<string, unknown>> = {
  "a palette": { palette: toPalette("#b68350", "#202020", "#4070a0") },
  "a palette and a filter": {
    palette: toPalette("#b68350", "#202020", "#4070a0"),
    material_types: ["even"],
  },
  "a colour": { color: "#b68350", color_tolerance: 60 },
  "a palette within a colour": {
    palette: toPalette("#b68350", "#202020"),
    color: "#b68350",
    color_tolerance: 60,
  },
  "a word in a colour": { query_text: "even", color: "#b68350", color_tolerance: 60 },
  "a palette and a word": { query_text: "even", palette: toPalette("#b68350", "#4070a0") },
};

async function fill(sql: postgres.Sql) {
  await addMaterialsWith(sql, drawPalettes(1_500, createRandom(5)));
  await sql`
    update public.materials_catalog set category = 'even' where name::integer % 2 = 0`;
  await sql`select public.material_search_refresh_documents(10000)`;
}

Deno.test("colours: pages neither repeat nor skip a material, however deep, and stay in order", async (t) => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await fill(sql);
  for (const [name, parameters] of Object.entries(SEARCHES)) {
    await t.step(name, async () => {
      const ids: string[] = [];
      const scores: number[] = [];
      for (const offset of [0, 80, 160, 240, 320, 400]) {
        const found = await searchAs(sql, alice, { ...parameters, limit: 80, offset });
        for (const { material, combined } of found.results) {
          ids.push(material.id);
          scores.push(combined);
        }
      }
      assert.ok(ids.length > 100, `${ids.length} found`);
      assert.equal(new Set(ids).size, ids.length);
      assert.deepEqual(scores, scores.toSorted((one, other) => other - one));
    });
  }
});

Deno.test("colours: what others keep to themselves changes neither what is found nor how much is told", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await addMaterialsWith(sql, drawPalettes(60, createRandom(5)));
  const search = () =>
    Promise.all(
      Object.values(SEARCHES).map((parameters) =>
        searchAs(sql, alice, { ...parameters, limit: 100 })
      ),
    );
  const before = await search();
  await sql`
    insert into public.materials_catalog (name, category, created_by, visibility)
    select 'bob''s', 'even', ${BOB}, 'private' from generate_series(1, 900)`;
  await sql`select public.material_search_refresh_documents(10000)`;
  await storePalettes(sql, "bob's", toPalette("#b68350", "#202020"));
  assert.deepEqual(await search(), before);
  assert.equal(before[0].total_relation, "eq");
});
