import type { PGlite } from "@electric-sql/pglite";
import { ALICE } from "./vector-database.ts";

/** A catalogue of an application's, of which each tenant sees its own. */
export const TENANTS_CATALOGUE = `
  create table public.materials_catalog (
    id uuid primary key, name text not null, category text not null, tenant_id uuid
  );
  alter table public.materials_catalog enable row level security;
  create policy tenant on public.materials_catalog for select to authenticated
    using (tenant_id = (select auth.uid()));
  grant select on public.materials_catalog to authenticated, service_role;
`;

/** Adds materials of a tenant, from the nth to another. */
export async function addMaterials(
  database: PGlite,
  { from = 1, to, tenant = ALICE, category = "wood" }: {
    from?: number;
    to: number;
    tenant?: string;
    category?: string;
  },
): Promise<void> {
  await database.query(
    `insert into public.materials_catalog
     select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Board ' || n, $1, $2
     from generate_series($3::int, $4::int) n`,
    [category, tenant, from, to],
  );
}
