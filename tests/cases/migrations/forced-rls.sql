-- Row level security is forced upon the owner too.
-- must be taken
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text not null, category text not null, tenant_id uuid default gen_random_uuid());
alter table public.materials_catalog enable row level security; alter table public.materials_catalog force row level security;
create policy tenant on public.materials_catalog using (tenant_id::text = current_setting('app.tenant', true));
insert into public.materials_catalog (name, category) values ('Oak','wood');
-- afterwards: insert into public.materials_catalog (name, category) values ('Elm','wood');
