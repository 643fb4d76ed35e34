/** Words that find some thousand materials: those with the most of them come first, then the surest. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { alice, searchAs } from "./search-as.ts";

const MATERIALS = 2_600;

/** All are of larch, each seventh is ribbed as well, each thirty-fifth smoked besides; each is surer than the one before. */
async function openDatabase() {
  const database = await openTestDatabase();
  const sql = database.connect();
  await sql`
    with made as (
      insert into public.materials_catalog (name, category, description)
      select 'Board ' || n, 'flooring', concat_ws(
        ' ', 'larch', case when n % 7 = 0 then 'ribbed' end, case when n % 35 = 0 then 'smoked' end
      )
      from generate_series(1, ${MATERIALS}::int) n
      returning id, substring(name from '[0-9]+')::real as n
    )
    insert into public.material_visual_analysis (material_id, material_type, analysis_confidence)
    select id, 'wood', n / 10000 from made`;
  await sql`select public.material_search_refresh_documents()`;
  await sql`analyze material_search.documents`;
  return { database, sql };
}

const hide = (sql: postgres.Sql, from: number) =>
  sql.unsafe(`
    create policy hidden on public.materials_catalog as restrictive for select to authenticated
      using (substring(name from '[0-9]+')::integer < ${from})`);

async function readNumbers(sql: postgres.Sql, query_text: string, offset: number) {
  const found = await searchAs(sql, alice, { query_text, weights: [0, 0.75, 0, 0.25], offset });
  return found.results.map(({ material }: { material: { name: string } }) =>
    Number(material.name.replace("Board ", ""))
  );
}

/** Boards up to `last`, those with the most of the words first, and of these the surest. */
function listBoards(last: number) {
  const countWords = (n: number) => n % 35 === 0 ? 3 : n % 7 === 0 ? 2 : 1;
  return Array.from({ length: last }, (_, index) => last - index)
    .toSorted((one, other) => countWords(other) - countWords(one) || other - one);
}

for (const hiddenFrom of [MATERIALS + 1, 2_101]) {
  const visible = hiddenFrom - 1;
  Deno.test(`three words that find ${visible} of ${MATERIALS} materials: those with the most of them come first, page after page`, async () => {
    const { database, sql } = await openDatabase();
    await using _ = database;
    await hide(sql, hiddenFrom);
    const expected = listBoards(visible);
    for (const offset of [0, 40, 80, 180]) {
      assert.deepEqual(
        await readNumbers(sql, "larch ribbed smoked", offset),
        expected.slice(offset, offset + 20),
        `offset ${offset}`,
      );
    }
  });

  Deno.test(`a word that finds ${visible} of ${MATERIALS} materials: the surest come first, page after page`, async () => {
    const { database, sql } = await openDatabase();
    await using _ = database;
    await hide(sql, hiddenFrom);
    for (const offset of [0, 180, 200, 1_000]) {
      assert.deepEqual(
        await readNumbers(sql, "larch", offset),
        Array.from({ length: 20 }, (_, index) => visible - offset - index),
        `offset ${offset}`,
      );
    }
  });
}
