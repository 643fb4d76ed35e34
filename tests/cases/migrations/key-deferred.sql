-- The primary key is checked at the end of a transaction.
-- must be taken
create table public.materials_catalog (id uuid primary key deferrable initially deferred, name text not null, category text not null);
-- afterwards: insert into public.materials_catalog values ('33333333-3333-4333-8333-333333333333','Elm','wood');
-- afterwards: do $$ begin insert into public.materials_catalog values ('33333333-3333-4333-8333-333333333333','Ash','wood'); delete from public.materials_catalog where name = 'Elm'; end $$;
