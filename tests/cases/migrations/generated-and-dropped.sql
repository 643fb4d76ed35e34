-- The name is generated, and columns with names that the search knows were dropped.
-- must be taken
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), brand text not null, kind text not null, name text generated always as (brand || ' ' || kind) stored, category text not null, description text, properties jsonb, created_by uuid);
alter table public.materials_catalog drop column description, drop column properties, drop column created_by;
insert into public.materials_catalog (brand, kind, category) values ('Acme','Oak','wood');
-- afterwards: insert into public.materials_catalog (brand, kind, category) values ('Acme','Elm','wood');
-- afterwards: update public.materials_catalog set kind = 'Ash';
