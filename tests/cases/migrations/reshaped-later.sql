-- The application goes on to change its tables.
-- must be taken
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text not null, category text not null, description text, properties jsonb, created_at timestamptz default now());
insert into public.materials_catalog (name, category, properties) values ('Oak','wood','{"finish":"oiled"}');
-- afterwards: alter table public.materials_catalog alter column properties type text using properties::text, alter column category type varchar(40), drop column description, alter column created_at type date;
-- afterwards: insert into public.materials_catalog (name, category, properties) values ('Elm','wood','raw');
-- afterwards: alter table public.materials_catalog rename column name to title;
-- afterwards: insert into public.materials_catalog (title, category) values ('Ash','wood');
-- afterwards: alter table public.materials_catalog rename column id to number;
-- afterwards: insert into public.materials_catalog (title, category) values ('Fir','wood');
-- afterwards: alter table public.materials_catalog alter column number type text;
-- afterwards: insert into public.materials_catalog (title, category) values ('Yew','wood');
-- afterwards: truncate public.materials_catalog;
-- afterwards: alter table public.materials_catalog rename to old_materials;
-- afterwards: insert into public.old_materials (title, category) values ('Yew','wood');
-- afterwards: drop table public.old_materials;
