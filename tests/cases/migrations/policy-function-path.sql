-- A policy and a trigger ask functions that name tables without their schema.
-- must be taken
create table public.members (user_id uuid, tenant int); grant select on public.members to authenticated; insert into public.members values ('11111111-1111-4111-8111-111111111111', 1);
create function public.my_tenant() returns int language sql stable security definer as 'select tenant from members where user_id = auth.uid()';
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text, category text, tenant int default 1);
alter table public.materials_catalog enable row level security;
create policy t on public.materials_catalog for all to authenticated using (tenant = my_tenant());
grant all on public.materials_catalog to authenticated;
insert into public.materials_catalog (name) values ('oak');
-- afterwards: select set_config('request.jwt.claims', '{"sub":"11111111-1111-4111-8111-111111111111","role":"authenticated"}', false);
-- afterwards: set role authenticated;
-- afterwards: select public.material_search_find_materials(p_query_text => 'oak');
-- afterwards: do $$ begin assert public.material_search_find_materials(p_query_text => 'oak')::text like '%"oak"%'; end $$;
-- afterwards: select public.material_search_find_materials(p_query_text => 'oka');
-- afterwards: insert into public.materials_catalog (name, category) values ('ash','b');
-- afterwards: reset role;
-- afterwards: create table public.audit (x uuid);
-- afterwards: create function public.aud() returns trigger language plpgsql as 'begin insert into audit values (new.material_id); return new; end';
-- afterwards: create trigger aud after insert or update on public.material_visual_analysis for each row execute function public.aud();
-- afterwards: insert into public.material_visual_analysis (material_id, material_type) select id, 'x' from public.materials_catalog;
-- afterwards: alter table public.materials_catalog add thumbnail_url text default 'https://x.y/z.png';
-- afterwards: grant all on public.materials_catalog to service_role;
-- afterwards: set role service_role;
-- afterwards: select public.semantic_analysis_enqueue(p_material_ids => array(select id from public.materials_catalog limit 1));
-- afterwards: reset role;
-- afterwards: do $$ declare j jsonb; begin j := public.semantic_analysis_claim_jobs('11111111-1111-4111-8111-111111111111', 1, 0); assert public.semantic_analysis_finish_job((j #>> '{jobs,0,id}')::bigint, '11111111-1111-4111-8111-111111111111', 0, '{"material_type":"oak"}') = 'done'; end $$;
