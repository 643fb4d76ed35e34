-- Other tables refer to the catalogue, a rule keeps rows from being deleted, and a trigger changes them.
-- must be taken
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text not null, category text not null, is_deleted boolean not null default false);
create table public.prices (material_id uuid references public.materials_catalog (id) on delete cascade, price numeric);
create rule keep as on delete to public.materials_catalog do instead update public.materials_catalog set is_deleted = true where id = old.id;
create function public.shout() returns trigger language plpgsql as $$ begin new.name := upper(new.name); return new; end $$;
create trigger shout before insert or update on public.materials_catalog for each row execute function public.shout();
insert into public.materials_catalog (name, category) values ('Oak','wood');
-- afterwards: insert into public.prices select id, 1 from public.materials_catalog;
-- afterwards: delete from public.materials_catalog;
