-- The catalogue inherits from another table.
-- in the way: materials_catalog, inheritance
create table public.items (id uuid default gen_random_uuid(), name text not null);
create table public.materials_catalog (category text not null, primary key (id)) inherits (public.items);
-- afterwards: insert into public.materials_catalog (name, category) values ('Elm','wood');
-- afterwards: update public.items set name = 'Ash';
