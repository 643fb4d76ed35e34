import assert from "node:assert/strict";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";

const ADA = "00000000-0000-4000-8000-00000000000a";

async function openWithMaterials() {
  const database = await openTestDatabase();
  const sql = database.connect();
  const addMaterial = async (name: string, picture: string | null, own = false) => {
    const [row] = await sql`
      insert into public.materials_catalog (name, category, thumbnail_url, visibility, created_by)
      values (${name}, 'test', ${picture}, ${own ? "private" : "public"}, ${own ? ADA : null})
      returning id`;
    return row!.id as string;
  };
  const addAnalysis = (materialId: string, source: string, createdAt: string) =>
    sql`
      insert into public.material_visual_analysis
        (material_id, material_type, source_image_url, source_image_hash, created_at)
      values (${materialId}, 'oak', ${source}, ${source}, ${createdAt})`;
  const list = async (isAgain = false) => {
    const rows = await sql`
      select m.name, p.source, p.owner_id
      from public.material_search_list_pictures(p_is_again => ${isAgain}) p
      join public.materials_catalog m on m.id = p.material_id
      order by m.name`;
    return rows.map((row) => [row.name, row.source, row.owner_id]);
  };
  return { database, sql, addMaterial, addAnalysis, list };
}

Deno.test("pictures to measure: a material's own picture, else that of its newest analysis", async () => {
  const { database, addMaterial, addAnalysis, list } = await openWithMaterials();
  await using _database = database;
  const shown = await addMaterial("1", "https://pictures.example/1.jpg");
  await addAnalysis(shown, "storage://photos/other.jpg", "2026-11-26");
  const uploaded = await addMaterial("2", null);
  await addAnalysis(uploaded, `storage://photos/${uploaded}/old.jpg`, "2026-11-25");
  await addAnalysis(uploaded, `storage://photos/${uploaded}/new.jpg`, "2026-11-26");
  await addAnalysis(uploaded, "photo 12", "2026-11-27");
  const unusable = await addMaterial("3", "12.jpg");
  await addAnalysis(unusable, "storage://photos/3.jpg", "2026-11-26");
  await addMaterial("4", null);
  assert.deepEqual(await list(), [
    ["1", "https://pictures.example/1.jpg", null],
    ["2", `storage://photos/${uploaded}/new.jpg`, null],
    ["3", "storage://photos/3.jpg", null],
  ]);
});

Deno.test("pictures to measure: a user's own material is told with its user, and what was measured is left out", async () => {
  const { database, sql, addMaterial, list } = await openWithMaterials();
  await using _database = database;
  const own = await addMaterial("own", "storage://photos/own.jpg", true);
  await addMaterial("project's", "storage://photos/a.jpg");
  await sql`select public.material_search_store_palette(
    ${own}, '[{"hex": "#b68350", "share": 1}]', 'storage://photos/own.jpg', ${"a".repeat(64)})`;
  assert.deepEqual(await list(), [["project's", "storage://photos/a.jpg", null]]);
  assert.deepEqual((await list(true))[0], ["own", "storage://photos/own.jpg", ADA]);
});

Deno.test("pictures to measure: where an application's tables lack the columns, there are none", async () => {
  const { database, sql, addMaterial, list } = await openWithMaterials();
  await using _database = database;
  await addMaterial("1", "https://pictures.example/1.jpg");
  await sql`alter table public.materials_catalog drop column thumbnail_url`;
  await sql`alter table public.material_visual_analysis drop column source_image_url, drop column created_at`;
  assert.deepEqual(await list(), []);
});

Deno.test("pictures to measure: they come in pages, each after the last material of the one before", async () => {
  const { database, sql, addMaterial } = await openWithMaterials();
  await using _database = database;
  const added: string[] = [];
  for (const name of ["a", "b", "c", "d", "e"]) {
    added.push(await addMaterial(name, `https://pictures.example/${name}.jpg`));
  }
  const pages: string[][] = [];
  for (let after: string | null = null; pages.at(-1)?.length !== 0;) {
    const rows = await sql`
      select material_id from public.material_search_list_pictures(${after}, p_limit => 2)`;
    pages.push(rows.map((row) => row.material_id));
    after = pages.at(-1)!.at(-1) ?? null;
  }
  assert.deepEqual(pages.map(({ length }) => length), [2, 2, 1, 0]);
  assert.deepEqual(pages.flat(), added.toSorted());
  for (const limit of [0, 1_001]) {
    const listed = sql`select public.material_search_list_pictures(p_limit => ${limit})`;
    await assert.rejects(listed, { code: "22023" });
  }
});
