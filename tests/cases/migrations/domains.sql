-- Id, name and category are domains.
-- must be taken
create domain public.material_id as uuid; create domain public.label as text check (value <> '');
create table public.materials_catalog (id public.material_id primary key default gen_random_uuid(), name public.label not null, category public.label not null, created_at timestamptz default now());
insert into public.materials_catalog (name, category) values ('Oak','wood');
-- afterwards: insert into public.materials_catalog (name, category) values ('Elm','wood');
