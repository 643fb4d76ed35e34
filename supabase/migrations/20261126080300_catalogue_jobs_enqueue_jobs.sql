-- What becomes a job: by the operator's word, and by triggers that the operator switched on.
--
-- A trigger of ours never makes a write of the owner's fail, and never asks anything over the network: it
-- writes one row, or none. On storage.objects not every role that may create it may replace it, so it is
-- created once, when first switched on, and asks the settings each time.

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
returns table (id uuid, source text, is_new boolean)
language sql
stable
set search_path = ''
as $$
  with wanted as (
    select material.id, catalogue_jobs.to_source(to_jsonb(material.*) ->> 'thumbnail_url') as source
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
  select id, source, source is not null and (
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
    select id, source from wanted
    where is_new
    order by id
    limit p_limit
  )
  select
    (select jsonb_agg(jsonb_build_object('material_id', id, 'source', source)) from taken),
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

create or replace function catalogue_jobs.on_material_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_owner uuid;
begin
  if (v_claims ->> 'is_anonymous')::boolean then
    return null;
  end if;
  if v_claims ->> 'role' = 'authenticated' then
    v_owner := (v_claims ->> 'sub')::uuid;
  end if;
  -- A picture that a material no longer has is not paid for.
  delete from catalogue_jobs.jobs using changed
  where jobs.material_id = changed.id and jobs.state = 'waiting' and jobs.object_id is null
    and jobs.source is distinct from to_jsonb(changed.*) ->> 'thumbnail_url';
  perform catalogue_jobs.add_jobs(jsonb_agg(jsonb_build_object(
    'material_id', changed.id, 'owner_id', v_owner,
    'source', catalogue_jobs.to_source(to_jsonb(changed.*) ->> 'thumbnail_url')
  )), false, clock_timestamp())
  from changed
  having count(*) > 0;
  return null;
exception
  when others then
    return null; -- enqueueing must not make the owner's write fail
end;
$$;

comment on function catalogue_jobs.on_material_change is
  'Trigger: the pictures of the materials that a statement wrote, in the name of the user who wrote them; anonymous users'' are left out.';

create or replace function catalogue_jobs.on_material_delete()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from catalogue_jobs.jobs where material_id in (select id from deleted);
  delete from catalogue_jobs.replaced_analyses where material_id in (select id from deleted);
  delete from catalogue_jobs.picture_materials where material_id in (select id from deleted);
  return null;
exception
  when others then
    return null; -- nor a delete
end;
$$;

comment on function catalogue_jobs.on_material_delete is
  'Trigger: what is kept of materials that are deleted goes with them.';

create or replace function catalogue_jobs.is_anonymous_user(p_owner_id uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  v_is_anonymous boolean;
begin
  -- A stock Postgres has no schema auth.
  if to_regclass('auth.users') is null then
    return false;
  end if;
  execute 'select is_anonymous from auth.users where id = $1' into v_is_anonymous using p_owner_id;
  return coalesce(v_is_anonymous, false);
end;
$$;

comment on function catalogue_jobs.is_anonymous_user is
  'Whether a user has signed in anonymously.';

create or replace function catalogue_jobs.find_material_of(p_bucket text, p_path text)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  v_first text := split_part(p_path, '/', 1);
  v_id uuid;
begin
  select material_id into v_id
  from catalogue_jobs.picture_materials where bucket = p_bucket and path = p_path;
  if not found and v_first ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    select id into v_id from public.materials_catalog where id = v_first::uuid;
  end if;
  return v_id;
end;
$$;

comment on function catalogue_jobs.find_material_of is
  'The material that an upload shows: by picture_materials, or because its path begins with a material''s id.';

create or replace function catalogue_jobs.on_upload()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_old jsonb := case tg_op when 'UPDATE' then to_jsonb(old) end;
  v_new jsonb := to_jsonb(new);
  v_owner text := v_new ->> 'owner_id';
begin
  -- Storage tests the permission with version 1 in a transaction that it takes back. Equal bytes keep
  -- their eTag: they have been analysed.
  if v_new ->> 'version' = '1'
    or not exists (
      select from catalogue_jobs.settings where v_new ->> 'bucket_id' = any (upload_buckets)
    )
    or v_new #>> '{metadata,mimetype}' not like 'image/%'
    or (v_old ->> 'name' = v_new ->> 'name'
      and v_old #>> '{metadata,eTag}' = v_new #>> '{metadata,eTag}')
    or catalogue_jobs.is_anonymous_user(v_owner::uuid)
  then
    return null;
  end if;
  perform catalogue_jobs.add_jobs(jsonb_build_array(jsonb_build_object(
    'material_id', catalogue_jobs.find_material_of(v_new ->> 'bucket_id', v_new ->> 'name'),
    'source', catalogue_jobs.to_source('storage://' || (v_new ->> 'bucket_id') || '/' || (v_new ->> 'name')),
    'object_id', v_new ->> 'id', 'version', v_new ->> 'version', 'owner_id', v_owner
  )), false, clock_timestamp());
  return null;
exception
  when others then
    return null; -- enqueueing must not make an upload fail
end;
$$;

comment on function catalogue_jobs.on_upload is
  'Trigger on storage.objects: an upload into a bucket of the settings, in its owner''s name; anonymous users'' are left out.';

-- Always there: it spends nothing.
create or replace trigger catalogue_jobs_on_delete
  after delete on public.materials_catalog referencing old table as deleted
  for each statement execute function catalogue_jobs.on_material_delete();
