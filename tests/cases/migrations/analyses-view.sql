-- The analyses are a view.
-- in the way: material_visual_analysis, view
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text not null, category text not null);
create view public.material_visual_analysis as select id as material_id, name as material_type from public.materials_catalog;
-- afterwards: insert into public.materials_catalog (name, category) values ('Elm','wood');
