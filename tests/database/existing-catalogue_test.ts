/** The migrations in an application that has a catalogue already: nothing of it is changed. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { namesOf, searchAs } from "./search-as.ts";

const FOLDER = new URL("../../supabase/migrations/", import.meta.url);

/** Those of the search, oldest first. */
async function readSearchMigrations(): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(FOLDER))).map(({ name }) => name)
    .filter((name) => name.includes("_material_search_")).sort();
  return Promise.all(names.map((name) => Deno.readTextFile(new URL(name, FOLDER))));
}

const WITHOUT_OURS = `
  drop schema material_search cascade;
  drop function public.search_materials;
  drop table public.material_visual_analysis, public.materials_catalog cascade;
`;

/** An enum, defaults of 0.95, policies and missing columns, as such tables have them. */
const EXISTING = `
  create type public.material_category as enum ('stone', 'metal');
  create table public.materials_catalog (
    id uuid primary key default gen_random_uuid(),
    name varchar(255),
    category public.material_category not null,
    properties jsonb,
    created_by uuid
  );
  alter table public.materials_catalog enable row level security;
  create policy theirs on public.materials_catalog for select to authenticated
    using (category = 'stone');
  grant select on public.materials_catalog to authenticated;
  create table public.material_visual_analysis (
    material_id uuid references public.materials_catalog (id) on delete cascade,
    material_type text not null,
    llama_confidence_score numeric(3, 2) default 0.95,
    analysis_confidence numeric(3, 2) default 0.95,
    created_at timestamptz default now()
  );
  grant select on public.material_visual_analysis to authenticated;
  insert into public.materials_catalog (name, category, properties)
  values ('Old slate', 'stone', '{"Finish": "Raw"}'), ('Old steel', 'metal', null), (null, 'stone', '{}');
  insert into public.material_visual_analysis (material_id, material_type)
  select id, 'slate' from public.materials_catalog where name = 'Old slate';
`;

Deno.test("an existing catalogue keeps its policies and is searched under them", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql.unsafe(WITHOUT_OURS);
  await sql.unsafe(EXISTING);
  for (let pass = 1; pass <= 2; pass++) {
    for (const text of await readSearchMigrations()) await sql.unsafe(text);
  }

  const policies = await sql`
    select policyname from pg_policies
    where tablename in ('materials_catalog', 'material_visual_analysis')`;
  assert.deepEqual(policies.map(({ policyname }) => policyname), ["theirs"]);
  const [{ relrowsecurity }] = await sql`
    select relrowsecurity from pg_class
    where oid = 'public.material_visual_analysis'::regclass` as unknown as [
    { relrowsecurity: boolean },
  ];
  assert.equal(relrowsecurity, false);

  const alice = {
    role: "authenticated",
    userId: "aaaaaaaa-0000-4000-8000-000000000000",
  } as const;
  const slate = await searchAs(sql, alice, { property_filters: { finish: "raw" } });
  assert.deepEqual(namesOf(slate), ["Old slate"]);
  assert.equal(slate.results[0].analysis.material_type, "slate");
  const steel = await searchAs(sql, alice, { query_text: "steel" });
  assert.equal(steel.total_results, 0);

  await sql`insert into public.materials_catalog (name, category) values ('New slate', 'stone')`;
  const found = await searchAs(sql, alice, { query_text: "slate" });
  assert.deepEqual(namesOf(found).toSorted(), ["New slate", "Old slate"]);
});
