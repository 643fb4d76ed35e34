/**
 * What holds of any search: pages neither repeat nor skip a row, a result is one that the caller may read,
 * and what others hide changes nothing. The catalogue is larger than what is scored of it.
 */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import fc from "../../support/fast-check.ts";
import { apply, openGuestDatabase, readParts } from "./guest.ts";
import { ALICE, alice, type As, BOB, runAs, searchAs } from "./search-as.ts";

const COLORS = ["white", "grey", "brown", "black", "green"];
const TYPES = ["oak", "walnut", "marble", "granite", "linen", "brass", "quartzite"];
const FINISHES = ["polished", "oiled", "matte"];

/** Nine in ten have the word "flooring"; what goes together is of no more kinds than a prime has. */
const ROWS = `
  select
    initcap((array['${COLORS.join("','")}'])[1 + n * 7 % 5]) || ' '
      || (array['${TYPES.join("','")}'])[1 + n * n % 7] || ' board ' || n as name,
    case when n % 10 = 0 then 'walls' else 'flooring' end as category,
    jsonb_build_object(
      'family', (array['wood', 'stone'])[1 + n % 2], 'type', (array['${
  TYPES.join("','")
}'])[1 + n * n % 7],
      'finish', (array['${FINISHES.join("','")}'])[1 + n / 3 % 3],
      'colors', jsonb_build_array((array['${
  COLORS.join("','")
}'])[1 + n * 7 % 5]), 'thickness_mm', n % 60
    ) as properties,
    timestamptz '2026-01-01' + make_interval(mins => n % 1000) as created_at
  from generate_series`;

const words = fc.uniqueArray(
  fc.constantFrom(
    ...COLORS,
    ...TYPES,
    ...FINISHES,
    "flooring",
    "walls",
    "bord",
    "granit",
    "zyxolyte",
  ),
  { minLength: 1, maxLength: 4 },
);

const searches = fc.oneof(
  words.map((some) => ({ query_text: some.join(" "), weights: [0, 0.75, 0, 0.25] })),
  fc.record({
    type: fc.constantFrom(...TYPES),
    finish: fc.constantFrom(...FINISHES),
    colors: fc.subarray(COLORS, { minLength: 1, maxLength: 2 }),
  }).map(({ type, finish, colors }) => ({
    picture_text: ["stone", type, finish, ...colors, "flooring"].join(" "),
    picture_properties: { family: "stone", type, finish, colors },
    weights: [0, 0.5, 0.333333, 0.166667],
  })),
  fc.record({ min: fc.nat(40), size: fc.nat(30), finish: fc.subarray(FINISHES, { minLength: 1 }) })
    .map(({ min, size, finish }) => ({
      property_filters: { thickness_mm: { min, max: min + size }, finish },
      weights: [0, 0, 0.7, 0.3],
    })),
);

// deno-lint-ignore no-explicit-any
type Json = any;

const idsOf = (found: Json): string[] => found.results.map((result: Json) => result.material.id);

/** Everything that a caller sees of a search. */
async function lookAt(sql: postgres.Sql, as: As, parameters: Json): Promise<Json> {
  return await searchAs(sql, as, { ...parameters, include_analytics: true, limit: 40 });
}

async function addPrivateRows(sql: postgres.Sql, owner: string, count: number): Promise<void> {
  await sql.unsafe(`
    insert into public.materials_catalog (name, category, properties, created_at, visibility, created_by)
    select case when rows.name ~ '7$' then 'Zyxolite granit bord' else rows.name end, category, properties,
      created_at + interval '1 year', 'private', '${owner}'
    from (${ROWS}(1, ${count}) n) rows`);
  await sql`select public.material_search_refresh_documents()`;
  await sql`analyze`;
}

Deno.test("any search: pages neither repeat nor skip, all is readable, what others hide changes nothing", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql.unsafe(`
    insert into public.materials_catalog (name, category, properties, created_at)
    ${ROWS}(1, 2600) n;
    insert into public.material_visual_analysis (material_id, material_type, analysis_confidence)
    select id, properties ->> 'type', (properties ->> 'thickness_mm')::real / 60
    from public.materials_catalog where (properties ->> 'thickness_mm')::integer % 3 > 0`);
  await addPrivateRows(sql, ALICE, 30);
  const readable = new Set(
    (await runAs(sql, alice, (transaction) => transaction`select id from public.materials_catalog`))
      .map(({ id }) => id as string),
  );

  const before = new Map<string, Json>();
  for (const parameters of fc.sample(searches, { numRuns: 12, seed: 16 })) {
    before.set(JSON.stringify(parameters), await lookAt(sql, alice, parameters));
  }
  for (const found of before.values()) {
    for (const id of idsOf(found)) assert.ok(readable.has(id));
  }

  const paged: Json[] = [{ query_text: "flooring" }, { created_to: "2999-01-01" }, {
    ...fc.sample(searches, { numRuns: 1, seed: 3 })[0]!,
  }];
  for (const parameters of paged) {
    const ids: string[] = [];
    for (let offset = 0;; offset += 100) {
      const found = await searchAs(sql, alice, { ...parameters, limit: 100, offset });
      if (found.results.length === 0) {
        if (found.total_relation === "eq") assert.equal(ids.length, found.total_results);
        break;
      }
      assert.equal(found.results[0].rank, offset + 1);
      ids.push(...idsOf(found));
    }
    assert.equal(new Set(ids).size, ids.length, JSON.stringify(parameters));
    assert.deepEqual(ids.filter((id) => !readable.has(id)), []);
  }

  await expectFullPages(sql, { query_text: "flooring oak", weights: [0, 0, 0, 1] });

  await addPrivateRows(sql, BOB, 900);
  for (const [parameters, found] of before) {
    assert.deepEqual(await lookAt(sql, alice, JSON.parse(parameters)), found, parameters);
  }
});

/** Of an odd size: where what is scored ends, and what is read in the stored order begins. */
async function expectFullPages(sql: postgres.Sql, parameters: Json): Promise<void> {
  const ids: string[] = [];
  for (let offset = 0; offset < 660; offset += 33) {
    const found = await searchAs(sql, alice, { ...parameters, limit: 33, offset });
    assert.equal(found.results.length, 33, `at ${offset}`);
    ids.push(...idsOf(found));
  }
  assert.equal(new Set(ids).size, ids.length);
}

Deno.test("a picture's pages are full where materials have its words and nothing that resembles it", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const properties = { family: "wood", type: "oak", finish: "matte", colors: ["brown"] };
  await sql`
    insert into public.materials_catalog (name, category, properties)
    select 'Board ' || n, 'test', ${sql.json(properties)} from generate_series(1, 2300) n
    union all
    select 'Brown matte oak wood ' || n, 'test', '{}' from generate_series(1, 50) n`;
  await sql`select public.material_search_refresh_documents()`;
  await expectFullPages(sql, { picture_text: "A board.", picture_properties: properties });
});

Deno.test("any search, behind a policy of the application's: other tenants' rows change nothing", async () => {
  await using guest = await openGuestDatabase({ hasLimits: true });
  const { sql } = guest;
  await sql.unsafe(`
    create table public.materials_catalog (
      id uuid primary key default gen_random_uuid(), name text not null, category text not null,
      properties jsonb, tenant_id uuid, created_at timestamptz
    );
    create index on public.materials_catalog (tenant_id);
    grant select on public.materials_catalog to authenticated, service_role;
    alter table public.materials_catalog enable row level security;
    create policy tenant on public.materials_catalog for select to authenticated
      using (tenant_id = (select auth.uid()));
    insert into public.materials_catalog (name, category, properties, created_at, tenant_id)
    select rows.*, '${ALICE}'::uuid from (${ROWS}(1, 2300) n) rows`);
  await apply(sql, (await readParts()).search);
  const before = new Map<string, Json>();
  for (
    const parameters of [
      ...fc.sample(searches, { numRuns: 8, seed: 17 }),
      { created_to: "2999-01-01", similarity_threshold: 0.05 },
      ...[
        "flooring",
        "flooring board grey",
        "white oak walnut granite",
        "black linen oak board flooring",
      ]
        .flatMap((query_text) => [0, 180, 380].map((offset) => ({ query_text, offset }))),
    ]
  ) {
    before.set(JSON.stringify(parameters), await lookAt(sql, alice, parameters));
  }
  // Newer ones, so that they come first in any order.
  await sql.unsafe(`
    insert into public.materials_catalog (name, category, properties, created_at, tenant_id)
    select 'Zyxolite granit bord ' || rows.name, category, properties, created_at + interval '1 year',
      '${BOB}'::uuid
    from (${ROWS}(1, 3000) n) rows`);
  await sql`select public.material_search_refresh_documents()`;
  await sql`analyze`;
  for (const [parameters, found] of before) {
    assert.deepEqual(await lookAt(sql, alice, JSON.parse(parameters)), found, parameters);
  }
});
