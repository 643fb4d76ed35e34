-- What a search finds costs less to find and to count: a range is asked of the index by few terms, and a
-- number of materials that row level security is known to let through is not asked of it one by one.

create or replace function material_search.to_number_terms(p_key text, p_from numeric, p_to numeric)
returns text[]
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  v_key constant text := material_search.fold(left(p_key, 64));
  v_from constant integer := material_search.to_bucket(p_from, 2);
  v_to constant integer := material_search.to_bucket(p_to, 2);
  -- The buckets of one digit that lie in the range; those of two digits fill it up. That the range begins
  -- or ends with one is seen by those of two: ten each, counted from zero to both sides.
  v_first constant integer := material_search.to_bucket(p_from, 1)
    + (sign(v_from - 1) * ((abs(v_from - 1) + 9) / 10) = sign(v_from) * ((abs(v_from) + 9) / 10))::integer;
  v_last constant integer := material_search.to_bucket(p_to, 1)
    - (sign(v_to + 1) * ((abs(v_to + 1) + 9) / 10) = sign(v_to) * ((abs(v_to) + 9) / 10))::integer;
begin
  return array(
    select v_key || chr(30) || bucket from generate_series(v_first, v_last) bucket
    union all
    select v_key || chr(29) || bucket
    from (
      select generate_series(v_from, least(v_to, v_from + 12))
      union all
      select generate_series(greatest(v_from + 13, v_to - 12), v_to)
    ) edge (bucket)
    -- One more than the ten: a number such as 0.3 may be taken for less by the one count than by the other.
    where sign(bucket - 1) * ((abs(bucket - 1) + 9) / 10) < v_first
      or sign(bucket + 1) * ((abs(bucket + 1) + 9) / 10) > v_last
  );
end;
$$;

create or replace function material_search.is_found_readable(p_role name, p_is_bound boolean)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_catalogue constant regclass := 'public.materials_catalog';
  v_claims constant jsonb := material_search.read_claims();
begin
  return
    -- The documents are of materials that are there, and as they are.
    not exists (select from material_search.pending)
    and (
      select count(*) = 4 from pg_catalog.pg_trigger
      where tgrelid = v_catalogue and tgenabled in ('O', 'A')
        and tgfoid = 'material_search.follow_materials()'::regprocedure
    )
    and not (select relhassubclass from pg_catalog.pg_class where oid = v_catalogue)
    and has_column_privilege(p_role, v_catalogue, 'id', 'select')
    and (
      not p_is_bound
      -- By the policy that came with the catalogue a document without an owner is read by every user, and
      -- others by their owner. More permissive ones show more; what else has changed is not judged here.
      or p_role = 'authenticated'
      and (material_search.read_settings()).owns_catalogue
      and coalesce(v_claims ->> 'role', '') <> 'service_role' and coalesce(v_claims ->> 'sub', 'none') <> ''
      and not exists (
        select from pg_catalog.pg_policy where polrelid = v_catalogue and not polpermissive
      )
      and exists (
        select from pg_catalog.pg_policy
        where polrelid = v_catalogue and polcmd = 'r' and polroles = array['authenticated'::regrole::oid]
          and pg_catalog.pg_get_expr(polqual, polrelid)
            = $policy$((visibility = 'public'::text) OR ((created_by)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb ->> 'sub'::text))))$policy$
      )
      and exists (
        select from pg_catalog.pg_constraint c
        join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
        where c.conrelid = v_catalogue and a.attname = 'visibility' and a.attnotnull and c.convalidated
          and pg_catalog.pg_get_constraintdef(c.oid)
            = $check$CHECK ((visibility = ANY (ARRAY['public'::text, 'private'::text])))$check$
      )
    );
end;
$$;

comment on function material_search.is_found_readable is
  'Whether this role, the caller''s, may read each material that material_search.find_matching finds without an analysis; p_is_bound: whether row level security holds for it. False wherever that isn''t plain. Documents that something wrote past the triggers are taken as they are. For material_search.read_found alone.';

create or replace function material_search.read_found(
  p_search material_search.search,
  p_most integer,
  out material_ids uuid[],
  out first_ids uuid[]
)
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
-- Ids are looked up one by one, however many there are: never by a scan of the table.
set enable_seqscan = off
as $$
declare
  v_batch integer := p_most;
  v_found record;
begin
  -- Until there are enough that the caller may read: what others have decides nothing.
  loop
    v_found := material_search.find_matching(p_search, v_batch);
    if v_found.analysis_ids is null then
      -- Of more than 2,000 only the number is told: what is scored of them is looked up when it is chosen.
      if cardinality(v_found.material_ids) > 2000
        and material_search.is_found_readable(current_user, row_security_active('public.materials_catalog'))
      then
        material_ids := v_found.material_ids;
      else
        material_ids := array(select id from public.materials_catalog where id = any (v_found.material_ids));
      end if;
    else
      execute format(
        'select array(
           select distinct r.material_id
           from unnest($1, $2) r (material_id, analysis_id)
           where exists (select from public.materials_catalog material where material.id = r.material_id)
             and %s
         )',
        material_search.to_readable_analysis()
      ) into material_ids using v_found.material_ids, v_found.analysis_ids;
    end if;
    exit when cardinality(v_found.material_ids) < v_batch or cardinality(material_ids) >= p_most;
    v_batch := least(v_batch::bigint * 10, 2147483647);
  end loop;
  if cardinality(material_ids) = cardinality(v_found.material_ids) then
    first_ids := v_found.first_ids;
  end if;
  material_ids := material_ids[1:p_most];
end;
$$;

comment on function material_search.read_found is
  'So many of the materials that a search finds and the caller may read, in no order; first_ids: of material_search.find_matching, null where the caller may not read all of it. Of up to 2,000, and of all unless material_search.is_found_readable, row level security decides on each.';

create or replace function material_search.find_and_choose(
  p_search material_search.search,
  out search material_search.search,
  out material_ids uuid[],
  out head uuid[]
)
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
declare
  v_found record;
begin
  search := p_search;
  loop
    -- What resembles a picture is never all of it: its number needn't be exact.
    v_found := material_search.read_found(search, case when search.is_narrow then 2001 else 10001 end);
    -- Whatever the page: its neighbours must be of the same ranking.
    exit when not search.is_narrow or cardinality(v_found.material_ids) >= 100;
    search.is_narrow := false;
  end loop;
  material_ids := v_found.material_ids;
  head := material_search.choose_scored(search, material_ids, v_found.first_ids);
  -- Of so many, material_search.read_found need not have looked up each.
  if cardinality(material_ids) > 2000 then
    head := array(select id from public.materials_catalog where id = any (head));
  end if;
end;
$$;

revoke all on function
  material_search.to_number_terms, material_search.is_found_readable, material_search.read_found,
  material_search.find_and_choose
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.is_found_readable, material_search.read_found, material_search.find_and_choose
  to authenticated, service_role;
