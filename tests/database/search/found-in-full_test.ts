/** Filters that find some thousand materials: all of them are seen, and the first of them shown. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { alice, searchAs } from "./search-as.ts";

const FOUND = 2_300;

/** A range that finds 2,300 of 2,400 materials, each surer than the one before. */
async function openDatabase() {
  const database = await openTestDatabase();
  const sql = database.connect();
  await sql`
    with made as (
      insert into public.materials_catalog (name, category, properties)
      select 'Board ' || n, 'flooring', jsonb_build_object('thickness_mm', case when n <= ${FOUND} then 5 else 9 end)
      from generate_series(1, ${FOUND + 100}::int) n
      returning id, substring(name from '[0-9]+')::real as n
    )
    insert into public.material_visual_analysis (material_id, material_type, analysis_confidence)
    select id, 'oak', n / 10000 from made`;
  await sql`select public.material_search_refresh_documents()`;
  return { database, sql };
}

const readNames = async (sql: postgres.Sql, parameters: Record<string, unknown> = {}) => {
  const found = await searchAs(sql, alice, {
    property_filters: { thickness_mm: { min: 4, max: 6 } },
    weights: [0, 0, 1, 0],
    ...parameters,
  });
  return {
    total: found.total_results,
    names: found.results.map(({ material }: { material: { name: string } }) => material.name),
  };
};

/** The names of the boards from `first` down, 20 of them. */
const boardsFrom = (first: number) =>
  Array.from({ length: 20 }, (_, index) => `Board ${first - index}`);

Deno.test("a range that finds 2,300 materials: all are counted, the surest come first, page after page", async () => {
  const { database, sql } = await openDatabase();
  await using _ = database;
  assert.deepEqual(await readNames(sql), { total: FOUND, names: boardsFrom(FOUND) });
  for (const offset of [100, 380, 400, 1_000]) {
    assert.deepEqual(await readNames(sql, { offset }), {
      total: FOUND,
      names: boardsFrom(FOUND - offset),
    });
  }
  const inAll = await readNames(sql, { property_filters: { thickness_mm: {} } });
  assert.equal(inAll.total, FOUND + 100);
});

Deno.test("a range that finds materials which a policy hides: the others are counted, and the surest of them come first", async () => {
  const { database, sql } = await openDatabase();
  await using _ = database;
  await sql`
    create policy hidden on public.materials_catalog as restrictive for select to authenticated
      using (substring(name from '[0-9]+')::integer <= 2100)`;
  assert.deepEqual(await readNames(sql), { total: 2_100, names: boardsFrom(2_100) });
});
