-- What becomes a job by the operator's word, and in whose name.

create or replace function catalogue_jobs.to_source(p_picture text)
returns text
language sql
immutable
set search_path = ''
as $$
  select p_picture
  where char_length(p_picture) <= 2048
    and p_picture ~ '^(https://[^\s]+|storage://[^/]+/[^/].*)$';
$$;

comment on function catalogue_jobs.to_source is
  'A material''s picture as a job''s source: an https URL, or storage://<bucket>/<path>; null for anything else.';

create or replace function catalogue_jobs.add_jobs(
  p_jobs jsonb,
  p_is_again boolean,
  p_now timestamptz
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with wanted as (
    -- Twice in one statement would be an error.
    select distinct on (material_id, source) *
    from jsonb_to_recordset(p_jobs)
      as job (material_id uuid, source text, object_id uuid, version text, owner_id uuid)
    where source is not null
  ), added as (
    insert into catalogue_jobs.jobs as job (
      material_id, source, object_id, version, owner_id, not_before, created_at
    )
    select material_id, source, object_id, version, owner_id, p_now, p_now from wanted
    on conflict (material_id, source) do update
    set object_id = excluded.object_id, version = excluded.version, owner_id = excluded.owner_id,
      state = case job.state when 'running' then 'running' else 'waiting' end,
      is_stale = job.state = 'running', not_before = excluded.not_before,
      attempts = 0, lost_leases = case job.state when 'running' then job.lost_leases else 0 end,
      ended_at = null, last_code = null, last_error = null
    where job.version is distinct from excluded.version
      or (p_is_again and job.state in ('done', 'failed'))
    returning 1
  )
  select count(*) into v_count from added;
  return v_count;
end;
$$;

comment on function catalogue_jobs.add_jobs is
  'Makes jobs wait: new ones, those whose picture has another version, and where p_is_again those that have ended. Returns how many.';

create or replace function catalogue_jobs.find_materials(
  p_material_ids uuid[],
  p_category text,
  p_older_than_prompt text
)
returns table (id uuid, source text, owner_id uuid, is_new boolean)
language sql
stable
set search_path = ''
as $$
  with wanted as (
    select material.id, catalogue_jobs.to_source(to_jsonb(material.*) ->> 'thumbnail_url') as source,
      material_search.find_owner(to_jsonb(material.*)) as owner_id
    from public.materials_catalog material
    where (p_material_ids is null or material.id = any (p_material_ids))
      and (p_category is null or material.category::text = p_category)
      and (p_material_ids is not null or not exists (
        select from public.material_visual_analysis analysis
        where analysis.material_id = material.id
          -- By the row, for an application's own table may lack the column; with a star, or a column of
          -- the name analysis would be meant.
          and coalesce(to_jsonb(analysis.*) ->> 'processing_status', 'completed') = 'completed'
          and (p_older_than_prompt is null
            or to_jsonb(analysis.*) ->> 'llama_analysis_prompt_hash' = p_older_than_prompt)
      ))
  )
  select id, source, owner_id, source is not null and (
    p_material_ids is not null or not exists (
      select from catalogue_jobs.jobs
      where material_id = wanted.id and jobs.source = wanted.source
        and (state in ('waiting', 'running') or (state = 'failed' and p_older_than_prompt is null))
    )
  )
  from wanted;
$$;

comment on function catalogue_jobs.find_materials is
  'The materials of a list; else all (of a category) that have no analysis, or none by this prompt. is_new: enqueueing makes a job of it.';

create or replace function catalogue_jobs.enqueue_at(
  p_material_ids uuid[],
  p_category text,
  p_older_than_prompt text,
  p_limit integer,
  p_is_dry boolean,
  p_now timestamptz default null
)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_jobs jsonb;
  v_without integer;
  v_enqueued integer;
begin
  if cardinality(p_material_ids) > 100000 or p_limit < 0 then
    raise exception 'At most 100000 materials are enqueued by a list, and no negative number of any'
      using errcode = 'invalid_parameter_value';
  end if;
  with wanted as (
    select * from catalogue_jobs.find_materials(p_material_ids, p_category, p_older_than_prompt)
  ), taken as (
    select id, source, owner_id from wanted
    where is_new
    order by id
    limit p_limit
  )
  select
    (
      select jsonb_agg(jsonb_build_object('material_id', id, 'source', source, 'owner_id', owner_id))
      from taken
    ),
    (select count(*) from wanted where source is null)
  into v_jobs, v_without;
  v_enqueued := case
    when p_is_dry then coalesce(jsonb_array_length(v_jobs), 0)
    else catalogue_jobs.add_jobs(
      coalesce(v_jobs, '[]'), true, coalesce(p_now, clock_timestamp())
    )
  end;
  return jsonb_build_object('enqueued', v_enqueued, 'without_picture', v_without);
end;
$$;

comment on function catalogue_jobs.enqueue_at is
  'Enqueues the pictures of materials: of a list; else of all (of a category) that have no analysis, or none by this prompt. Failed jobs are not tried again unless listed. With p_is_dry it is counted alone.';
