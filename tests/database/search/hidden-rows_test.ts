/** A search tells nothing of a row that a policy hides, whichever policy it is and whose. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { apply, openGuestDatabase, readParts } from "./guest.ts";
import { storePalettes, toPalette } from "./palettes.ts";
import { ALICE, alice, BOB, bob, namesOf, searchAs, service } from "./search-as.ts";

const parts = await readParts();

const CATALOGUE = `
  create table public.materials_catalog (
    id uuid primary key default gen_random_uuid(), name text not null, category text not null,
    tenant_id uuid, owner_id uuid, created_at timestamptz default now()
  );
  insert into public.materials_catalog (name, category, tenant_id, owner_id) values
    ('Zyxolite prototype', 'secretive', '${ALICE}', '${ALICE}'),
    ('Oak board', 'wood', '${BOB}', '${BOB}'), ('Oak veneer', 'wood', '${ALICE}', '${ALICE}');
  grant select on public.materials_catalog to authenticated, service_role;
`;

const SUBJECT = "(select auth.uid())";

const POLICIES: Record<string, string> = {
  "a tenant policy": `create policy tenant on public.materials_catalog for select to authenticated
    using (tenant_id = ${SUBJECT})`,
  "an owner policy for everybody": `create policy owner on public.materials_catalog
    using (owner_id = ${SUBJECT})`,
  "a restrictive policy beside a permissive one": `
    create policy everybody on public.materials_catalog for select using (true);
    create policy tenant on public.materials_catalog as restrictive for select to authenticated
      using (tenant_id = ${SUBJECT})`,
  "a policy by a function": `
    create function public.is_mine(row_tenant uuid) returns boolean language sql stable
      security definer set search_path = '' as $$ select row_tenant = auth.uid() $$;
    create policy tenant on public.materials_catalog for select using (public.is_mine(tenant_id))`,
};

async function openWith(statements: string) {
  const guest = await openGuestDatabase({ hasLimits: true });
  await guest.sql.unsafe(CATALOGUE);
  await guest.sql.unsafe("alter table public.materials_catalog enable row level security");
  await guest.sql.unsafe(statements);
  await apply(guest.sql, parts.search);
  return guest;
}

async function expectHidden(sql: postgres.Sql) {
  const search = (parameters: Record<string, unknown>) =>
    searchAs(sql, bob, { include_analytics: true, ...parameters });
  for (
    const parameters of [
      { query_text: "zyxolite" },
      { query_text: "zyxolite prototype secretive" },
      { picture_text: "zyxolite" },
      { material_types: ["secretive"] },
      { property_filters: { owner: ALICE } },
    ]
  ) {
    const found = await search(parameters);
    assert.equal(found.total_results, 0, JSON.stringify(parameters));
    assert.deepEqual(found.results, []);
    assert.deepEqual(found.corrections, {});
    assert.deepEqual(found.analytics.by_category, {});
    assert.deepEqual(found.analytics.by_strategy, {});
  }
  // Neither does a word that resembles one of theirs become it.
  for (const query_text of ["zyxolyte", "prototipe", "secretiv"]) {
    const found = await search({ query_text });
    assert.deepEqual([found.total_results, found.corrections], [0, {}], query_text);
  }
  const oak = await search({ query_text: "oak" });
  assert.deepEqual([oak.total_results, namesOf(oak)], [1, ["Oak board"]]);
  assert.deepEqual(oak.analytics.by_category, { wood: 1 });
  const all = await search({ created_to: "2999-01-01" });
  assert.equal(all.total_results, 1);
  const own = await searchAs(sql, alice, { query_text: "zyxolyte" });
  assert.deepEqual([own.total_results, own.corrections], [1, { zyxolyte: "zyxolite" }]);
  const everything = await searchAs(sql, service, { query_text: "oak" });
  assert.equal(everything.total_results, 2);
}

for (const [name, policy] of Object.entries(POLICIES)) {
  Deno.test(`hidden rows: ${name}`, async () => {
    await using guest = await openWith(policy);
    await expectHidden(guest.sql);
  });

  Deno.test(`hidden rows: ${name}, forced upon the owner`, async () => {
    await using guest = await openWith(
      `${policy}; alter table public.materials_catalog force row level security`,
    );
    await expectHidden(guest.sql);
  });
}

Deno.test("hidden rows: row level security without a policy hides all", async () => {
  await using guest = await openWith("");
  for (const query_text of ["oak", "ook", "zyxolite", "zyxolyte"]) {
    const found = await searchAs(guest.sql, bob, { query_text, include_analytics: true });
    assert.deepEqual([found.total_results, found.corrections], [0, {}]);
    assert.deepEqual(found.analytics.by_category, {});
  }
});

Deno.test("hidden rows: a policy that comes later holds at once", async () => {
  await using guest = await openWith(
    "create policy all_rows on public.materials_catalog using (true)",
  );
  assert.equal((await searchAs(guest.sql, bob, { query_text: "zyxolite" })).total_results, 1);
  await guest.sql.unsafe("drop policy all_rows on public.materials_catalog");
  await guest.sql.unsafe(POLICIES["a tenant policy"]!);
  await expectHidden(guest.sql);
});

Deno.test("a catalogue that the role may not read at all is refused, not searched", async () => {
  await using guest = await openWith(
    "revoke select on public.materials_catalog from authenticated",
  );
  await assert.rejects(searchAs(guest.sql, bob, { query_text: "oak" }), { code: "42501" });
});

Deno.test("a column that the role may not read is not shown", async () => {
  await using guest = await openWith(`
    create policy all_rows on public.materials_catalog using (true);
    revoke select on public.materials_catalog from authenticated;
    grant select (id, category) on public.materials_catalog to authenticated`);
  const { results: [oak] } = await searchAs(guest.sql, bob, { query_text: "zyxolite" });
  assert.deepEqual([oak.material.name, oak.material.category, oak.material.created_at], [
    "",
    "secretive",
    null,
  ]);
});

const ANALYSES = `
  create policy all_rows on public.materials_catalog using (true);
  create table public.material_visual_analysis (
    id uuid primary key default gen_random_uuid(), material_id uuid, material_type text,
    tenant_id uuid, visual_characteristics text, structural_properties jsonb default '{}',
    analysis_confidence real, created_at timestamptz default now()
  );
  insert into public.material_visual_analysis
    (material_id, material_type, tenant_id, visual_characteristics, structural_properties, analysis_confidence)
  select id, 'quercite', '${ALICE}', 'It looks vuggy.', '{"family":"unobtainium"}', 0.9
  from public.materials_catalog where name = 'Oak board';
`;

async function expectHiddenAnalysis(sql: postgres.Sql) {
  for (
    const parameters of [
      { query_text: "quercite" },
      { query_text: "vuggy" },
      { query_text: "quercyte" },
      { property_filters: { family: "unobtainium" } },
      { material_types: ["quercite"] },
      { picture_properties: { family: "unobtainium" }, weights: [0, 0, 1, 0] },
      { confidence_threshold: 0.5 },
    ]
  ) {
    const found = await searchAs(sql, bob, { ...parameters, include_analytics: true });
    assert.deepEqual([found.total_results, found.corrections], [0, {}], JSON.stringify(parameters));
  }
  // The material itself is found by its own words, and ranked without what is hidden.
  const found = await searchAs(sql, bob, { query_text: "oak board" });
  const [oak] = found.results;
  assert.deepEqual([oak.material.name, oak.analysis, oak.confidence], ["Oak board", null, null]);
}

Deno.test("hidden analyses: a policy of the application", async () => {
  await using guest = await openWith(`${ANALYSES}
    grant select on public.material_visual_analysis to authenticated;
    alter table public.material_visual_analysis enable row level security;
    create policy tenant on public.material_visual_analysis for select to authenticated
      using (tenant_id = ${SUBJECT})`);
  await expectHiddenAnalysis(guest.sql);
  const own = await searchAs(guest.sql, alice, { query_text: "vuggy" });
  assert.deepEqual(namesOf(own), ["Oak board"]);
  assert.equal(own.results[0].analysis.material_type, "quercite");
  const oak = await searchAs(guest.sql, alice, { query_text: "oak" });
  assert.equal(oak.total_results, 2);
});

Deno.test("hidden analyses: the role may not read the table", async () => {
  await using guest = await openWith(ANALYSES);
  await expectHiddenAnalysis(guest.sql);
});

Deno.test("hidden analyses: a table without an id, behind a policy", async () => {
  await using guest = await openWith(`${ANALYSES}
    alter table public.material_visual_analysis drop column id;
    grant select on public.material_visual_analysis to authenticated;
    alter table public.material_visual_analysis enable row level security`);
  await expectHiddenAnalysis(guest.sql);
});

Deno.test("analyses of an application without row level security are searched", async () => {
  await using guest = await openWith(`${ANALYSES}
    grant select on public.material_visual_analysis to authenticated`);
  assert.equal((await searchAs(guest.sql, bob, { query_text: "vuggy" })).total_results, 1);
  await guest.sql`alter table public.material_visual_analysis drop column id`;
  await guest.sql`select public.material_search_refresh_documents(1000, true)`;
  assert.equal((await searchAs(guest.sql, bob, { query_text: "vuggy" })).total_results, 1);
});

Deno.test("hidden rows and analyses: a search by colour tells nothing of what its filters leave", async () => {
  await using guest = await openWith(
    `${ANALYSES.replace("using (true)", `using (tenant_id = ${SUBJECT})`)}
    grant select on public.material_visual_analysis to authenticated;
    alter table public.material_visual_analysis enable row level security;
    create policy tenant on public.material_visual_analysis for select to authenticated
      using (tenant_id = ${SUBJECT})`,
  );
  const { sql } = guest;
  await storePalettes(sql, "Zyxolite prototype", toPalette("#00ff00"));
  await storePalettes(sql, "Oak board", toPalette("#b68350"));
  // More than are looked at, so that what is found need not be all.
  await sql`
    insert into material_search.colors (material_id, position, share, lightness, a, b, place)
    select gen_random_uuid(), 1, 1, 50, 0, 0, '{50,0,0}' from generate_series(1, 20200)`;
  for (
    const [hidden, absent] of [
      [{ material_types: ["secretive"] }, { material_types: ["absent"] }],
      [{ property_filters: { family: "unobtainium" } }, { property_filters: { family: "absent" } }],
      [{ confidence_threshold: 0.8 }, { confidence_threshold: 0.95 }],
    ]
  ) {
    for (const color of ["#10f010", "#b08050"]) {
      const search = (filters: object) =>
        searchAs(sql, bob, { color, color_tolerance: 0.1, ...filters });
      assert.deepEqual(await search(hidden!), await search(absent!), JSON.stringify(hidden));
    }
  }
});
