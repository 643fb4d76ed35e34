-- The catalogue is a partition of another table.
-- in the way: materials_catalog, partition
create table public.items (id uuid default gen_random_uuid(), name text not null, category text not null, primary key (id, category)) partition by list (category);
create table public.materials_catalog partition of public.items for values in ('wood','stone');
-- afterwards: insert into public.items (name, category) values ('Elm','wood');
