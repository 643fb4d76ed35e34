-- The id is unique and may be null, and is in one row.
-- must be taken
create table public.materials_catalog (id uuid unique, name text, category text);
insert into public.materials_catalog values (null, 'Oak', 'wood'), (gen_random_uuid(), 'Ash', 'wood'), (gen_random_uuid(), null, null);
-- afterwards: insert into public.materials_catalog values (null, 'Elm', 'wood');
-- afterwards: update public.materials_catalog set id = gen_random_uuid() where id is null;
-- afterwards: update public.materials_catalog set id = null where name = 'Elm';
