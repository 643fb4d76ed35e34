-- A table that takes the catalogue's place is followed as well. An import may build one beside it and swap
-- the two, or a migration of the owner's makes it anew: the triggers stay with the old one, and no document
-- would change any more. The next refresh, which pg_cron starts each minute where it is, mends that.

create or replace function material_search.find_unfollowed()
returns table (table_name text, event text, function_name text)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query
  select followed.table_name, wanted.event, followed.function_name
  from (
    values
      ('public.materials_catalog', 'material_search.follow_materials'),
      ('public.material_visual_analysis', 'material_search.follow_analyses')
  ) followed (table_name, function_name)
  cross join unnest(array['insert', 'update', 'delete', 'truncate']) wanted (event)
  where to_regclass(followed.table_name) is not null and not exists (
    select from pg_catalog.pg_trigger t
    where t.tgrelid = to_regclass(followed.table_name)
      and t.tgname = 'material_search_follow_' || wanted.event
  );
end;
$$;

comment on function material_search.find_unfollowed is
  'The triggers that are missing on the catalogue and the analyses: the table, what they follow, and their function.';

create or replace function material_search.follow_new_tables()
returns boolean
language plpgsql
security definer
set search_path = ''
-- A writer of a long transaction is not waited for, and keeps no other waiting behind this.
set lock_timeout = '200ms'
as $$
declare
  v_missing record;
  v_is_new boolean := false;
begin
  for v_missing in select * from material_search.find_unfollowed() loop
    execute format(
      'create trigger material_search_follow_%s after %1$s on %s %s for each statement execute function %s()',
      v_missing.event,
      v_missing.table_name,
      case v_missing.event
        when 'insert' then 'referencing new table as changed'
        when 'update' then 'referencing old table as replaced new table as changed'
        when 'delete' then 'referencing old table as changed'
        else ''
      end,
      v_missing.function_name
    );
    v_is_new := true;
  end loop;
  if v_is_new then
    insert into material_search.pending (material_id)
    select id::uuid from public.materials_catalog where id is not null
    union
    select material_id from material_search.documents;
  end if;
  return v_is_new;
exception
  -- Such as a view, a table of another shape, or one that a transaction is writing.
  when others then
    raise warning 'material_search could not follow a new table: %', sqlerrm;
    return false;
end;
$$;

comment on function material_search.follow_new_tables is
  'Puts the triggers on tables that took the place of those followed before, and notes all materials as pending; whether there were any.';

revoke all on function material_search.find_unfollowed, material_search.follow_new_tables
  from public, anon, authenticated, service_role;

create or replace function public.material_search_refresh_documents(
  p_most integer default 10000,
  p_is_complete boolean default false
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_done integer := 0;
  v_last bigint;
  v_taken integer;
begin
  if p_most is null or p_most not between 1 and 10000000 then
    raise exception 'p_most must be from 1 to 10000000, got %', p_most
      using errcode = 'invalid_parameter_value';
  end if;
  if material_search.follow_new_tables() then
    -- A new trigger keeps writers waiting until this call ends: the work is the next one's.
    return jsonb_build_object('refreshed', 0, 'is_pending', true);
  end if;
  if p_is_complete then
    -- Those of deleted materials are forgotten.
    delete from material_search.vocabulary;
    insert into material_search.pending (material_id)
    select id from public.materials_catalog where id is not null
    union
    select material_id from material_search.documents;
  end if;
  select max(id) into v_last from material_search.pending;
  while v_done < p_most loop
    v_taken := material_search.refresh_pending(least(500, p_most - v_done), v_last);
    exit when v_taken = 0;
    v_done := v_done + v_taken;
  end loop;
  return jsonb_build_object(
    'refreshed', v_done, 'is_pending', exists (select from material_search.pending)
  );
end;
$$;

comment on function public.material_search_refresh_documents is
  'Works off at most p_most materials whose documents are behind; p_is_complete: all materials are. How many it was, and whether some are left: none and all, where a new table had to be followed first. For service_role and pg_cron.';

create or replace function public.material_search_read_state()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'documents', (select count(*) from material_search.documents where not needs_analysis),
    'pending', (select count(*) from material_search.pending),
    'skipped', (select count(distinct material_id) from material_search.skipped),
    'skipped_reasons', (
      select coalesce(jsonb_object_agg(counted.reason, counted.n), '{}')
      from (
        select reason, count(*) as n from material_search.skipped
        group by reason order by n desc, reason limit 20
      ) counted
    ),
    'has_embeddings', to_regclass('material_search.embeddings') is not null,
    'unfollowed', (
      select coalesce(jsonb_agg(distinct table_name), '[]') from material_search.find_unfollowed()
    ),
    'settings', to_jsonb((select s from material_search.settings s)) - 'is_only_row'
  );
end;
$$;

comment on function public.material_search_read_state is
  'For the doctor: how many materials are indexed, pending and skipped, the reasons, tables whose writes are not followed, and the settings. For service_role only.';
