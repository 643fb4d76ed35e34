-- Name and category are citext.
-- must be taken
create extension citext with schema extensions;
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name extensions.citext not null, category extensions.citext not null, description extensions.citext);
insert into public.materials_catalog (name, category) values ('Oak','wood');
-- afterwards: insert into public.materials_catalog (name, category) values ('Elm','wood');
