-- Times of all kinds: endless, before Christ, beyond any timestamp; a status that is a number.
-- must be taken
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text, category text, created_at date, properties json);
insert into public.materials_catalog (name, created_at) values ('a','infinity'),('b','-infinity'),('c','4000-01-01 BC'),('d','5874897-12-31'),('e',null);
create table public.material_visual_analysis (material_id uuid, created_at date, analysis_confidence text, structural_properties json, processing_status int);
insert into public.material_visual_analysis select id, created_at, 'high','{"a":"\\u0000"}', 3 from public.materials_catalog;
-- afterwards: insert into public.materials_catalog (name, created_at) values ('a','infinity'),('d','5874897-12-31');
-- afterwards: insert into public.materials_catalog (name, properties) values ('z','{"a":"\\u0000", "a": 1}');
-- afterwards: insert into public.material_visual_analysis select id, 'infinity', 'x', '[]', 1 from public.materials_catalog;
-- afterwards: do $$ begin assert not exists (select from material_search.skipped); end $$;
