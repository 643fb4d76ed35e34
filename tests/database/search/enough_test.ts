/** Of much, a part is asked for that is expected to be enough; what is found is the same. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";

type Search = Record<string, unknown> & { is_narrow?: boolean };

const inRange = (range: { min?: number; max?: number }): Search => ({
  property_filters: { depth: range },
  has_query: false,
});

/** Shares a type, a finish or a colour with a third of the catalogue each, and the family with half of it. */
const byPicture: Search = {
  picture_properties: { family: "wood", type: "oak", finish: "oiled", colors: ["brown"] },
  has_query: true,
  is_narrow: true,
};

/** 600 materials of depths from -100 to 199 and, with `analyze`, the statistics of their documents. */
async function openCatalogue() {
  const database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`
    insert into public.materials_catalog (name, category, properties)
    select 'Board', 'boards', jsonb_build_object(
      'depth', n % 300 - 100,
      'family', (array['wood', 'stone'])[1 + n % 2],
      'type', (array['oak', 'ash', 'slate'])[1 + n % 3],
      'finish', (array['oiled', 'raw', 'honed'])[1 + n / 3 % 3],
      'colors', (array['brown', 'grey', 'red'])[1 + n / 9 % 3]
    )
    from generate_series(1, 600) n`;
  await sql`select public.material_search_refresh_documents()`;
  await sql`analyze material_search.documents`;
  return { sql, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

/** Whether a part is asked for; how many are found of so many, and how many of them meet the search. */
async function find(sql: postgres.Sql, search: Search, most: number) {
  const [row] = await sql`
    with search as materialized (
      select jsonb_populate_record(null::material_search.search, ${
    sql.json(search as never)
  } || case
        when ${
    search.is_narrow ?? false
  } then jsonb_build_object('picture_query', 'wood & !wood'::tsquery)
        else '{}' end) as search
    ),
    found as materialized (
      select id from search, unnest((material_search.find_matching(search.search, ${most})).material_ids) id
    )
    select material_search.to_enough(search, ${most}) is not null as "hasPart",
      material_search.to_condition(search, null) as condition,
      array(select id from found) as ids
    from search`;
  const [all] = await sql.unsafe(
    `select array_agg(material_id) as ids from material_search.documents d where ${row!.condition}`,
  );
  const ids = new Set(all!.ids);
  assert.ok(row!.ids.every((id: string) => ids.has(id)), "what is found meets the search");
  assert.equal(new Set(row!.ids).size, row!.ids.length, "each is found once");
  return { hasPart: row!.hasPart, found: row!.ids.length, all: ids.size };
}

Deno.test("to_enough: of a range that holds much more than is asked for, a part is enough", async () => {
  await using catalogue = await openCatalogue();
  for (const range of [{ min: 5, max: 90 }, { min: 5 }, { max: 90 }, { min: -90, max: -5 }, {}]) {
    const { hasPart, found, all } = await find(catalogue.sql, inRange(range), 20);
    assert.deepEqual({ hasPart, found }, { hasPart: true, found: 20 }, JSON.stringify(range));
    assert.ok(all > 100);
  }
});

Deno.test("to_enough: of a range that holds less than is asked for, all is told", async () => {
  await using catalogue = await openCatalogue();
  assert.deepEqual(
    await find(catalogue.sql, inRange({ min: 5, max: 90 }), 500),
    { hasPart: false, found: 172, all: 172 },
  );
});

Deno.test("find_matching: where a part holds less than its statistics say, all is asked", async () => {
  await using catalogue = await openCatalogue();
  const { sql } = catalogue;
  // Without the statistics of after.
  await sql`
    update public.materials_catalog set properties = jsonb_set(properties, '{depth}', '90')
    where (properties ->> 'depth')::integer between 5 and 89`;
  await sql`select public.material_search_refresh_documents()`;
  const { hasPart, found } = await find(sql, inRange({ min: 5, max: 90 }), 20);
  assert.deepEqual({ hasPart, found }, { hasPart: true, found: 20 });
});

Deno.test("to_enough: of a picture, what shares its type is enough", async () => {
  await using catalogue = await openCatalogue();
  for (const [most, hasPart] of [[20, true], [400, false]] as const) {
    const { found, all, ...rest } = await find(catalogue.sql, byPicture, most);
    assert.deepEqual({ found, ...rest }, { found: Math.min(most, all), hasPart });
  }
});
