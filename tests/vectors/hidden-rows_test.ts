/** A search by a vector tells nothing of rows that a policy hides, however its filters ask for them. */
import assert from "node:assert/strict";
import {
  ALICE,
  atAngle,
  BOB,
  openVectorDatabase,
  search,
  toId,
  toText,
} from "./vector-database.ts";

const SUBJECT = "(select auth.uid())";

const CATALOGUE = `
  create table public.materials_catalog (
    id uuid primary key, name text not null, category text not null, tenant_id uuid
  );
  create table public.material_visual_analysis (
    id uuid primary key default gen_random_uuid(), material_id uuid, material_type text,
    tenant_id uuid, structural_properties jsonb default '{}', analysis_confidence real
  );
  alter table public.materials_catalog enable row level security;
  alter table public.material_visual_analysis enable row level security;
  create policy tenant on public.materials_catalog for select to authenticated
    using (tenant_id = ${SUBJECT});
  create policy tenant on public.material_visual_analysis for select to authenticated
    using (tenant_id = ${SUBJECT});
  grant select on public.materials_catalog, public.material_visual_analysis to authenticated;
  insert into public.materials_catalog values
    ('${toId(1)}', 'Zyxolite prototype', 'secretive', '${ALICE}'),
    ('${toId(2)}', 'Oak board', 'wood', '${BOB}');
  insert into public.material_visual_analysis
    (material_id, material_type, tenant_id, structural_properties, analysis_confidence)
  values ('${toId(2)}', 'quercite', '${ALICE}', '{"family":"unobtainium","density":42}', 0.9);
`;

const FILTERS: [hidden: object, absent: object][] = [
  [{ material_types: "{secretive}" }, { material_types: "{absent}" }],
  [{ material_types: "{quercite}" }, { material_types: "{absent}" }],
  [{ property_filters: '{"family":"unobtainium"}' }, { property_filters: '{"family":"absent"}' }],
  [{ property_filters: '{"density":{"min":42}}' }, { property_filters: '{"density":{"min":43}}' }],
  [{ confidence_threshold: 0.8 }, { confidence_threshold: 0.95 }],
];

Deno.test("hidden rows and analyses: a search by a vector tells nothing of what its filters leave", async () => {
  await using cleanUp = new AsyncDisposableStack();
  const database = await openVectorDatabase({ sql: CATALOGUE });
  cleanUp.defer(() => database.close());
  await database.exec(`
    select public.material_search_refresh_documents();
    insert into material_search.embeddings (space_id, material_id, embedding)
    select s.id, m.id, '${toText(atAngle(0))}'::real[]
    from material_search.embedding_spaces s, public.materials_catalog m`);
  const query = { query_embedding: toText(atAngle(10)), include_analytics: true };
  const own = await search(database, query, BOB);
  assert.deepEqual([own.total_results, own.similar.compared], [1, 1]);
  for (const [hidden, absent] of FILTERS) {
    assert.deepEqual(
      await search(database, { ...query, ...hidden }, BOB),
      await search(database, { ...query, ...absent }, BOB),
      JSON.stringify(hidden),
    );
  }
});
