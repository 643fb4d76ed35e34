-- Another table inherits from the catalogue.
-- in the way: materials_catalog, inheritance
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text not null, category text not null);
create table public.imported_materials (source text) inherits (public.materials_catalog);
-- afterwards: insert into public.imported_materials (name, category, source) values ('Elm','wood','x');
