-- The analyses are there and the catalogue is not; their columns are of unlikely types.
-- must be taken
create table public.material_visual_analysis (id bigint generated always as identity primary key, material_id uuid, material_type jsonb, surface_texture integer, color_description text[], structural_properties text, visual_characteristics json, analysis_confidence text, llama_confidence_score numeric default 95, processing_status smallint default 1, created_at date);
insert into public.material_visual_analysis (material_id, material_type) values (gen_random_uuid(), '"oak"');
-- afterwards: insert into public.material_visual_analysis (material_id, material_type, color_description, analysis_confidence) values (gen_random_uuid(), '[]', '{red,null}', 'high');
