-- Triggers, policies and indexes of the application have names that the search might choose.
-- must be taken
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text not null, category text not null);
alter table public.materials_catalog enable row level security;
create policy materials_catalog_read on public.materials_catalog for select to authenticated using (false);
create index documents_document_idx on public.materials_catalog (name);
create index material_visual_analysis_material_id_idx on public.materials_catalog (category);
create function public.refresh_documents() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger refresh_documents_on_insert after insert on public.materials_catalog for each statement execute function public.refresh_documents();
create type public.search as (x text);
-- afterwards: insert into public.materials_catalog (name, category) values ('Elm','wood');
