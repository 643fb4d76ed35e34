-- Name, category and description are json, arrays and numbers.
-- must be taken
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name jsonb, category text[], description json, properties text[], created_at bigint, created_by bigint, visibility boolean);
insert into public.materials_catalog (name, category, description, properties, created_at) values ('{"en":"Oak","de":"Eiche"}','{wood,floor}','{"en":"hard"}','{oiled}',1732500000);
-- afterwards: insert into public.materials_catalog (name, category) values ('{"en":"Elm"}','{}');
