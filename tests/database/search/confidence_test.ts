/** The confidence of a stored analysis, as a result of the search shows it. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { CALIBRATION_MAP as MAP } from "../../support/calibration.ts";
import { addMaterial, alice, searchAs } from "./search-as.ts";

Deno.test("a result's confidence is calibrated by the map of the moment; stored is the raw figure", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await addMaterial(sql, "Travertine");
  const properties = {
    family: "stone",
    figure: "cloudy",
    confidence_detail: { method: MAP.method, model: MAP.model },
  };
  await sql`
    insert into public.material_visual_analysis (
      material_id, material_type, structural_properties, llama_analysis_prompt_hash,
      llama_confidence_score, analysis_confidence
    )
    values (${id}, 'travertine', ${sql.json(properties)}, ${MAP.prompt_version}, 0.9, 0.9)`;
  const search = async () => {
    const { results } = await searchAs(sql, alice, { query_text: "travertine" });
    return results[0];
  };
  assert.equal((await search()).confidence, 0.9);
  await sql`select public.semantic_analysis_store_map(${sql.json({ ...MAP })})`;
  const found = await search();
  assert.equal(found.confidence, 0.7954);
  assert.deepEqual(found.analysis.structural_properties, { family: "stone", figure: "cloudy" });
  const [stored] = await sql`
    select analysis_confidence::text from public.material_visual_analysis where material_id = ${id}`;
  assert.equal(stored!.analysis_confidence, "0.9");
  const [document] = await sql`
    select terms from material_search.documents where material_id = ${id}`;
  assert.ok(!JSON.stringify(document!.terms).includes("confidence_detail"));
});
