-- Columns are named like SQL words and like aliases; the analyses lack most columns.
-- must be taken
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text, category text, "order" int, "select" text, "Name" text, "user" text, "table" text, material text, changed text, deleted boolean default false, t text, a text, analysis jsonb, document text, w text, replaced text, "weird ""quoted""" int, "%s" text, "$1" text);
create table public.material_visual_analysis (id bigserial, material_id uuid, analysis jsonb, changed int, replaced int, c text, d text, a text, place int, prose text, t text, "%s" text);
insert into public.materials_catalog (name,category,material) values ('Oak','wood','Quercus');
insert into public.material_visual_analysis (material_id, analysis) select id,'{}' from public.materials_catalog;
-- afterwards: insert into public.materials_catalog (name, category) values ('a','b'), ('c','d');
-- afterwards: update public.materials_catalog set material = 'x', changed='y';
-- afterwards: insert into public.material_visual_analysis (material_id, analysis) select id,'{"x":1}' from public.materials_catalog;
-- afterwards: update public.material_visual_analysis set place = 3;
-- afterwards: delete from public.materials_catalog where name='a';
-- afterwards: set role service_role;
-- afterwards: select public.semantic_analysis_enqueue();
-- afterwards: reset role;
