-- The catalogue is a materialized view.
-- in the way: materials_catalog, materialized view
create table public.items (id uuid primary key default gen_random_uuid(), name text not null, category text not null);
create materialized view public.materials_catalog as select * from public.items;
-- afterwards: insert into public.items (name, category) values ('Elm','wood');
-- afterwards: refresh materialized view public.materials_catalog;
