-- The analyses have no material_id, and the catalogue is missing.
-- in the way: material_visual_analysis, material_id
create table public.material_visual_analysis (id uuid primary key default gen_random_uuid(), picture text);
-- afterwards: insert into public.material_visual_analysis (picture) values ('x');
