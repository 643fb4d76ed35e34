-- Keeping the documents up to date, without ever being in a writer's way.
--
-- A writer of documents holds the row without analysis of each material it writes, and takes only what
-- no other transaction holds: nothing here waits for a lock of another, so it can take part in no
-- deadlock. What is held elsewhere goes to material_search.pending, which is worked off by the next
-- search, by pg_cron where it is, and by public.material_search_refresh_documents.

create or replace function material_search.write_documents(p_ids uuid[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  with derived as materialized (
    select (d.document).*, d.notes from material_search.derive_documents(p_ids) d
  ),
  removed as (
    delete from material_search.documents old
    where old.material_id = any (p_ids) and not exists (
      select from derived d
      where d.material_id = old.material_id and d.needs_analysis = old.needs_analysis
    )
  ),
  mended as (
    delete from material_search.skipped old
    where old.material_id = any (p_ids) and not exists (
      select from derived d where d.material_id = old.material_id and old.reason = any (d.notes)
    )
  ),
  noted as (
    insert into material_search.skipped (material_id, reason)
    select distinct d.material_id, note from derived d, unnest(d.notes) note
    on conflict do nothing
  ),
  learnt as (
    insert into material_search.vocabulary (word)
    select distinct word
    from derived d, unnest(material_search.to_vocabulary(d.names)) word
    where d.owner is null and not d.needs_analysis and not exists (
      select from material_search.vocabulary known where known.word = word.word
    )
  )
  insert into material_search.documents as old (
    material_id, needs_analysis, analysis_id, owner, created_at, names, document, terms, numbers,
    confidence
  )
  select d.material_id, d.needs_analysis, d.analysis_id, d.owner, d.created_at, d.names, d.document,
    d.terms, d.numbers, d.confidence
  from derived d
  on conflict (material_id, needs_analysis) do update set
    analysis_id = excluded.analysis_id,
    owner = excluded.owner,
    created_at = excluded.created_at,
    names = excluded.names,
    document = excluded.document,
    terms = excluded.terms,
    numbers = excluded.numbers,
    confidence = excluded.confidence
  -- A new price changes no document: the indexes needn't know.
  where (old.*) is distinct from (excluded.*);
  perform material_search.forget_embeddings(array(
    select unnest(p_ids) except select id from public.materials_catalog where id = any (p_ids)
  ));
end;
$$;

comment on function material_search.write_documents is
  'Derives the documents of these materials anew. The caller holds them.';

create or replace function material_search.refresh_documents(p_ids uuid[])
returns void
language plpgsql
security definer
set search_path = ''
-- Of words too long to be indexed, and the like: the writer can do nothing about them.
set client_min_messages = 'warning'
-- A batch is too small to share, to compile even more so.
set max_parallel_workers_per_gather = 0
set jit = off
as $$
declare
  v_id uuid;
begin
  perform material_search.write_documents(p_ids);
exception
  when others then
    if cardinality(p_ids) > 1 then
      -- One bad row is not to keep out those beside it.
      foreach v_id in array p_ids loop
        perform material_search.refresh_documents(array[v_id]);
      end loop;
      return;
    end if;
    delete from material_search.documents where material_id = p_ids[1];
    delete from material_search.skipped where material_id = p_ids[1];
    insert into material_search.skipped (material_id, reason)
    values (p_ids[1], 'all of it: ' || left(sqlerrm, 500));
end;
$$;

comment on function material_search.refresh_documents is
  'Derives the documents of these materials anew; what can''t be indexed is noted in material_search.skipped. The caller holds them.';

create or replace function material_search.hold_documents(p_ids uuid[])
returns uuid[]
language plpgsql
security definer
set search_path = ''
as $$
begin
  return array(
    select material_id from material_search.documents
    where material_id = any (p_ids) and not needs_analysis
    for update skip locked
  );
end;
$$;

comment on function material_search.hold_documents is
  'Those of these materials that have documents which no other transaction writes; held until the end of this one.';

create or replace function material_search.refresh_pending(p_most integer, p_last bigint)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_held uuid[];
  v_taken integer;
begin
  -- One at a time: two would insert the same documents and wait for each other.
  if not pg_try_advisory_xact_lock(hashtext('material_search.pending')) then
    return 0;
  end if;
  with taken as (
    delete from material_search.pending
    where id = any (array(
      select id from material_search.pending where id <= p_last
      order by id limit p_most for update skip locked
    ))
    returning material_id
  )
  select array_agg(distinct material_id), count(*) into v_ids, v_taken from taken;
  if v_taken = 0 then
    return 0;
  end if;
  v_held := material_search.hold_documents(v_ids);
  -- What another transaction writes stands at the end again, after p_last.
  insert into material_search.pending (material_id)
  select material_id from material_search.documents
  where material_id = any (v_ids) and not needs_analysis and material_id <> all (v_held);
  perform material_search.refresh_documents(array(
    select unnest(v_ids)
    except
    select material_id from material_search.documents
    where material_id = any (v_ids) and not needs_analysis and material_id <> all (v_held)
  ));
  return v_taken;
end;
$$;

comment on function material_search.refresh_pending is
  'Works off at most p_most of material_search.pending up to the id p_last; returns how many, 0 where there are none or another transaction is at it.';

create or replace function material_search.catch_up()
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '2 seconds';
  v_last constant bigint := (select max(id) from material_search.pending);
begin
  while v_last is not null and clock_timestamp() < v_until loop
    exit when material_search.refresh_pending(500, v_last) = 0;
  end loop;
end;
$$;

comment on function material_search.catch_up is
  'What each search does first for the materials that are behind: as many as can be done in two seconds, some thousand; nothing while another search is at it.';

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
  'Works off at most p_most materials whose documents are behind; p_is_complete: all materials are. How many it was, and whether some are left. For service_role and pg_cron.';

revoke all on function
  material_search.write_documents, material_search.refresh_documents, material_search.hold_documents,
  material_search.refresh_pending, material_search.catch_up
  from public, anon, authenticated, service_role;
grant execute on function material_search.catch_up to authenticated, service_role;
revoke all on function public.material_search_refresh_documents
  from public, anon, authenticated, service_role;
grant execute on function public.material_search_refresh_documents to service_role;
