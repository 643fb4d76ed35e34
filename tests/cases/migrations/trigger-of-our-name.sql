-- A trigger of the application has the very name of one of the search.
-- in the way: materials_catalog, material_search_follow_insert
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text not null, category text not null);
create function public.note() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger material_search_follow_insert after insert on public.materials_catalog for each statement execute function public.note();
-- afterwards: insert into public.materials_catalog (name, category) values ('Elm','wood');
