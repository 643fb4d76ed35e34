-- A trigger of the catalogue has a name of the jobs'.
-- in the way: catalogue_jobs_on_delete
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text, category text);
create function public.f() returns trigger language plpgsql as 'begin return null; end';
create trigger catalogue_jobs_on_delete after delete on public.materials_catalog for each statement execute function public.f();
