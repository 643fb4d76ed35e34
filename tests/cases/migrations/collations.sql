-- Name and category have different collations.
-- must be taken
create collation public.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text collate public.ci, category text collate "C", description text collate public.ci, properties jsonb);
insert into public.materials_catalog (name, category, description) values ('Öak','wood','x');
-- afterwards: insert into public.materials_catalog (name, category) values ('OAK','b');
-- afterwards: select set_config('request.jwt.claims', '{"sub":"11111111-1111-4111-8111-111111111111","role":"authenticated"}', false);
-- afterwards: grant select on public.materials_catalog to authenticated;
-- afterwards: set role authenticated;
-- afterwards: select public.material_search_find_materials(p_query_text => 'oak');
-- afterwards: select public.material_search_find_materials(p_query_text => 'oakk', p_material_types => '{wood}');
-- afterwards: reset role;
