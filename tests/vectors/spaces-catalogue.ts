/** A catalogue for tests of embedding spaces, and what they do with it. */
import assert from "node:assert/strict";
import type { PGlite } from "@electric-sql/pglite";
import { ALICE, atAngle, BOB, type Json, operate, toId, toText } from "./vector-database.ts";

/** An application's own, with vectors of more than one length and of materials that are gone. */
export const SPACES_CATALOGUE = `
  create extension vector with schema extensions;
  create table public.materials_catalog (
    id uuid primary key, name text not null, category text not null, tenant_id uuid
  );
  create table public.material_visual_analysis (
    id uuid primary key default gen_random_uuid(), material_id uuid, material_type text,
    clip_embedding extensions.vector, created_at timestamptz
  );
  insert into public.materials_catalog
  select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Oak ' || n, 'wood',
    case when n = 3 then '${BOB}'::uuid else '${ALICE}'::uuid end
  from generate_series(1, 6) n;
  insert into public.material_visual_analysis (material_id, material_type, clip_embedding, created_at)
  values ('${toId(1)}', 'oak', '[${atAngle(0)}]', '2026-02-01'),
    ('${toId(1)}', 'oak', '[${atAngle(90)}]', '2026-01-01'),
    ('${toId(2)}', 'oak', '[1,2,3]', null), ('${toId(3)}', 'oak', '[${Array(512).fill(0)}]', null),
    ('${toId(99)}', 'oak', '[${atAngle(0)}]', null), (null, 'oak', '[${atAngle(0)}]', null);
  alter table public.materials_catalog enable row level security;
  create policy tenant on public.materials_catalog for select to authenticated
    using (tenant_id = (select auth.uid()));
  grant select on public.materials_catalog, public.material_visual_analysis
    to authenticated, service_role;
  -- As the search had them before there were spaces.
  create schema before;
  create table before.material_embeddings (
    material_id uuid primary key, embedding extensions.vector(512) not null, model text not null
  );
`;

/** Fails unless the work is refused for this field, with this problem. */
export async function assertRefused(
  work: Promise<unknown>,
  field: string,
  problem: RegExp,
): Promise<void> {
  await assert.rejects(work, (error: Json) => {
    assert.equal(error.code, "22023", error.message);
    assert.match(JSON.parse(error.detail)[field], problem);
    return true;
  });
}

/** Stores the vector of the nth material. */
export const storeVector = (
  database: PGlite,
  n: number,
  embedding: readonly number[],
  space = "clip",
) =>
  operate(database, "store_embedding", {
    material_id: toId(n),
    embedding: toText(embedding),
    space,
  });
