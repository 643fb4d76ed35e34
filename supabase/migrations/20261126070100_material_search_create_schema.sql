-- The schema of the search, what an operator sets there, and who the caller is.

create schema if not exists material_search;
revoke all on schema material_search from public, anon, authenticated, service_role;
-- What public.material_search_find_materials calls on behalf of its caller is granted one by one.
grant usage on schema material_search to authenticated, service_role;

comment on schema material_search is
  'Private to the search of materials. Not exposed by the API; reached through the public.material_search_* functions.';

create table if not exists material_search.settings (
  is_only_row boolean primary key default true check (is_only_row),
  owns_catalogue boolean not null,
  owns_analyses boolean not null,
  most_own_materials integer not null default 1000 check (most_own_materials >= 0),
  is_history_kept boolean not null default false,
  languages text[] not null default '{english,simple}' check (cardinality(languages) between 1 and 6)
);

comment on table material_search.settings is
  'One row: whose the tables are, and what an operator has set by public.material_search_change_settings.';
comment on column material_search.settings.is_only_row is 'There is one row.';
comment on column material_search.settings.owns_catalogue is
  'Whether public.materials_catalog was created by the search. Only then its visibility and created_by mean what they say there.';
comment on column material_search.settings.owns_analyses is
  'Whether public.material_visual_analysis was. Only then who sees a material sees its analyses.';
comment on column material_search.settings.most_own_materials is
  'Private materials that one user may have.';
comment on column material_search.settings.is_history_kept is
  'Whether searches of users are kept.';

comment on column material_search.settings.languages is
  'Text search configurations by which words are found, such as german; simple: names also by their words as they are.';

alter table material_search.settings enable row level security;
drop policy if exists no_access on material_search.settings;
create policy no_access on material_search.settings using (false);
revoke all on table material_search.settings from public, anon, authenticated, service_role;

insert into material_search.settings (owns_catalogue, owns_analyses)
values (
  to_regclass('public.materials_catalog') is null,
  to_regclass('public.material_visual_analysis') is null
)
on conflict do nothing;

create or replace function material_search.read_settings(
  out owns_catalogue boolean,
  out owns_analyses boolean,
  out most_own_materials integer,
  out is_history_kept boolean,
  out languages text[]
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  select s.owns_catalogue, s.owns_analyses, s.most_own_materials, s.is_history_kept, s.languages
  into owns_catalogue, owns_analyses, most_own_materials, is_history_kept, languages
  from material_search.settings s;
end;
$$;

comment on function material_search.read_settings is
  'The settings, for functions that run with their caller''s rights.';

create or replace function material_search.read_claims()
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb, '{}');
end;
$$;

comment on function material_search.read_claims is
  'The claims of the token, as PostgREST leaves them; {} without one.';

create or replace function material_search.read_user_id()
returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  v_subject text := material_search.read_claims() ->> 'sub';
begin
  -- The subject of a third party's token need not be a UUID.
  return case
    when v_subject ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then v_subject::uuid
  end;
end;
$$;

comment on function material_search.read_user_id is
  'The user of the token; null for services and for subjects that are no UUID.';

-- For policies: a policy that names the catalogue itself would forbid its owner to retype or drop it.
create or replace function material_search.is_readable(p_material_id uuid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
begin
  return exists (select from public.materials_catalog where id = p_material_id);
end;
$$;

comment on function material_search.is_readable is
  'Whether the caller may read this material.';

create or replace function public.material_search_change_settings(
  p_most_own_materials integer default null,
  p_is_history_kept boolean default null,
  p_languages text[] default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_settings material_search.settings;
begin
  if p_most_own_materials < 0 then
    raise exception 'p_most_own_materials must be 0 or more, got %', p_most_own_materials
      using errcode = 'invalid_parameter_value';
  end if;
  if p_languages is not null and (
    cardinality(p_languages) not between 1 and 6 or exists (
      select from unnest(p_languages) language
      where language is null or not exists (
        select from pg_catalog.pg_ts_config where cfgname = language
          and cfgnamespace = 'pg_catalog'::regnamespace
      )
    )
  ) then
    raise exception 'p_languages must be 1 to 6 names of text search configurations, such as german, got "%"',
      p_languages using errcode = 'invalid_parameter_value';
  end if;
  if p_languages <> (select languages from material_search.settings) then
    -- In other languages texts have other words: all documents are derived anew.
    insert into material_search.pending (material_id) select material_id from material_search.documents;
  end if;
  update material_search.settings
  set most_own_materials = coalesce(p_most_own_materials, most_own_materials),
    is_history_kept = coalesce(p_is_history_kept, is_history_kept),
    languages = coalesce(p_languages, languages)
  returning * into v_settings;
  return to_jsonb(v_settings) - 'is_only_row';
end;
$$;

comment on function public.material_search_change_settings is
  'Changes what is given and returns all settings of the search. For service_role only.';

revoke all on all functions in schema material_search from public, anon, authenticated, service_role;
grant execute on function
  material_search.read_settings, material_search.read_claims, material_search.read_user_id,
  material_search.is_readable
  to authenticated, service_role;
revoke all on function public.material_search_change_settings
  from public, anon, authenticated, service_role;
grant execute on function public.material_search_change_settings to service_role;
