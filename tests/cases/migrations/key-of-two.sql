-- The primary key is a tenant and an id.
-- in the way: materials_catalog, key
create table public.materials_catalog (tenant uuid not null default gen_random_uuid(), id uuid not null default gen_random_uuid(), name text not null, category text not null, primary key (tenant, id));
-- afterwards: insert into public.materials_catalog (name, category) values ('Elm','wood');
