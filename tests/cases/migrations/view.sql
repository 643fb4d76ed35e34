-- The catalogue is a view over another table.
-- in the way: materials_catalog, view
create table public.items (id uuid primary key default gen_random_uuid(), name text not null, category text not null);
create view public.materials_catalog as select * from public.items;
-- afterwards: insert into public.materials_catalog (name, category) values ('Elm','wood');
