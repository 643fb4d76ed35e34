-- Triggers: the documents follow what is written, in whichever way.
--
-- A write never fails because of them. A small statement has its documents at once, a large one leaves
-- its materials in material_search.pending, which costs a few microseconds a row however large the
-- catalogue is. What goes wrong, be it that a table of the search is gone, is a warning in the log.

create or replace function material_search.follow(p_ids uuid[], p_are_new boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_held uuid[] := '{}';
begin
  p_ids := array_remove(p_ids, null);
  if cardinality(p_ids) between 1 and 200 then
    begin
      v_held := case when p_are_new then p_ids else material_search.hold_documents(p_ids) end;
      if v_held <> '{}' then
        perform material_search.refresh_documents(v_held);
      end if;
    exception
      -- Such as that the transaction's snapshot is older than a document.
      when others then v_held := '{}';
    end;
  end if;
  insert into material_search.pending (material_id)
  select id from unnest(p_ids) id where v_held = '{}' or id <> all (v_held);
end;
$$;

comment on function material_search.follow is
  'Brings the documents of a few materials up to date, as far as no other transaction writes them; the others are noted as pending. New ones are those that no other transaction can see yet.';

create or replace function material_search.follow_materials()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'TRUNCATE' then
    perform material_search.follow(
      array(select material_id from material_search.documents where not needs_analysis), false
    );
  elsif tg_op = 'UPDATE' then
    perform material_search.follow(
      array(select id::uuid from changed union select id::uuid from replaced), false
    );
  else
    perform material_search.follow(array(select id::uuid from changed), tg_op = 'INSERT');
    if tg_op = 'DELETE' then
      perform material_search.forget_analyses(array(select id::uuid from changed));
    end if;
  end if;
  return null;
exception
  when others then
    raise warning 'material_search could not follow a write: %', sqlerrm;
    return null;
end;
$$;

comment on function material_search.follow_materials is
  'Trigger of the catalogue: the materials that a statement wrote, before and after.';

create or replace function material_search.follow_analyses()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'TRUNCATE' then
    perform material_search.follow(
      array(select material_id from material_search.documents where not needs_analysis), false
    );
  elsif tg_op = 'UPDATE' then
    -- An analysis may have gone over to another material.
    perform material_search.follow(
      array(select material_id::uuid from changed union select material_id::uuid from replaced), false
    );
  else
    perform material_search.follow(array(select distinct material_id::uuid from changed), false);
  end if;
  return null;
exception
  when others then
    raise warning 'material_search could not follow a write: %', sqlerrm;
    return null;
end;
$$;

comment on function material_search.follow_analyses is
  'Trigger of the analyses: the materials whose analyses a statement wrote, before and after.';

create or replace function material_search.forget_analyses(p_ids uuid[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, public, extensions, pg_temp
as $$
declare
  v_settings record := material_search.read_settings();
begin
  if v_settings.owns_analyses and not v_settings.owns_catalogue then
    delete from public.material_visual_analysis where material_id = any (p_ids);
  end if;
end;
$$;

comment on function material_search.forget_analyses is
  'Deletes the analyses of deleted materials, where the tables are of different owners and no foreign key does it.';

revoke all on function
  material_search.follow, material_search.follow_materials, material_search.follow_analyses,
  material_search.forget_analyses
  from public, anon, authenticated, service_role;

-- Once a statement, not once a row: a catalogue is imported in bulk. No list of columns: a trigger that
-- names a column forbids to retype it.
create or replace trigger material_search_follow_insert
  after insert on public.materials_catalog referencing new table as changed
  for each statement execute function material_search.follow_materials();
create or replace trigger material_search_follow_update
  after update on public.materials_catalog
  referencing old table as replaced new table as changed
  for each statement execute function material_search.follow_materials();
create or replace trigger material_search_follow_delete
  after delete on public.materials_catalog referencing old table as changed
  for each statement execute function material_search.follow_materials();
create or replace trigger material_search_follow_truncate
  after truncate on public.materials_catalog
  for each statement execute function material_search.follow_materials();
create or replace trigger material_search_follow_insert
  after insert on public.material_visual_analysis referencing new table as changed
  for each statement execute function material_search.follow_analyses();
create or replace trigger material_search_follow_update
  after update on public.material_visual_analysis
  referencing old table as replaced new table as changed
  for each statement execute function material_search.follow_analyses();
create or replace trigger material_search_follow_delete
  after delete on public.material_visual_analysis referencing old table as changed
  for each statement execute function material_search.follow_analyses();
create or replace trigger material_search_follow_truncate
  after truncate on public.material_visual_analysis
  for each statement execute function material_search.follow_analyses();

-- What was there before.
select public.material_search_refresh_documents(10000000, true);

do $$
begin
  if exists (select from pg_catalog.pg_extension where extname = 'pg_cron') then
    -- A job of the same name is replaced.
    perform cron.schedule(
      'material-search-refresh', '* * * * *', 'select public.material_search_refresh_documents()'
    );
  end if;
end
$$;
