-- The id is of a domain over a domain over uuid.
-- must be taken
create domain public.did as uuid;
create domain public.ddid as public.did;
create table public.materials_catalog (id public.ddid primary key default gen_random_uuid(), name text, category text);
create table public.material_visual_analysis (material_id public.ddid);
insert into public.materials_catalog (name) values ('x');
-- afterwards: insert into public.materials_catalog (name, category) values ('a','b');
-- afterwards: insert into public.material_visual_analysis select id from public.materials_catalog;
-- afterwards: delete from public.materials_catalog;
