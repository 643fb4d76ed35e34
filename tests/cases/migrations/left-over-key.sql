-- An index with the name of the catalogue's key belongs to a table that was renamed.
-- must be taken
create table public.materials_catalog (id uuid primary key, title text);
alter table public.materials_catalog rename to materials_catalog_2024;
-- afterwards: insert into public.materials_catalog_2024 values (gen_random_uuid(), 'Oak');
-- afterwards: insert into public.materials_catalog (name, category) values ('Oak','wood');
