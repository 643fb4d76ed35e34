-- The catalogue's id is a bigint, counted up.
-- in the way: materials_catalog, id
create table public.materials_catalog (id bigint generated always as identity primary key, name text not null, category text not null);
-- afterwards: insert into public.materials_catalog (name, category) values ('Elm','wood');
