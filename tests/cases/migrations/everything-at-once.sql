-- Several things are in the way at once.
-- in the way: materials_catalog, id, category, key, material_visual_analysis, material_id, material_search
create schema material_search;
create table public.materials_catalog (id text, name text);
create table public.material_visual_analysis (material_id text);
-- afterwards: insert into public.materials_catalog values ('a','Oak');
-- afterwards: insert into public.material_visual_analysis values ('a');
