/** The documents follow what is written. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { addMaterial, alice, namesOf, searchAs } from "./search-as.ts";

Deno.test("the documents follow every change", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const totalOf = async (query_text: string) =>
    (await searchAs(sql, alice, { query_text })).total_results;
  const [one, other] = [await addMaterial(sql, "Zebrano"), await addMaterial(sql, "Padauk")];
  assert.equal(await totalOf("zebrano"), 1);
  await sql`update public.materials_catalog set name = 'Wenge' where id = ${one}`;
  assert.deepEqual([await totalOf("zebrano"), await totalOf("wenge")], [0, 1]);
  const [analysis] = await sql`
    insert into public.material_visual_analysis (material_id, material_type, processing_status)
    values (${one}, 'rosewood', 'pending') returning id`;
  assert.equal(await totalOf("rosewood"), 0);
  await sql`
    update public.material_visual_analysis set processing_status = 'completed'
    where id = ${analysis!.id}`;
  assert.equal(await totalOf("rosewood wenge"), 1);
  await sql`
    update public.material_visual_analysis set material_id = ${other} where id = ${analysis!.id}`;
  const moved = await searchAs(sql, alice, { query_text: "rosewood" });
  assert.deepEqual(namesOf(moved), ["Padauk"]);
  await sql`delete from public.material_visual_analysis`;
  assert.equal(await totalOf("rosewood"), 0);
  await sql`delete from public.materials_catalog`;
  const left = await sql`select from material_search.documents`;
  assert.equal(left.length, 0);
});
