-- What becomes a job by itself: by triggers that the operator switched on.
--
-- A trigger of ours never makes a write of the owner's fail, and never asks anything over the network: it
-- writes one row, or none. On storage.objects not every role that may create it may replace it, so it is
-- created once, when first switched on, and asks the settings each time.

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
    'material_id', changed.id,
    'owner_id', coalesce(v_owner, material_search.find_owner(to_jsonb(changed.*))),
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
  'Trigger: the pictures of the materials that a statement wrote, in the name of the user who wrote them, else of the user whose they are; anonymous users'' are left out.';

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

create or replace function catalogue_jobs.find_material_of(p_bucket text, p_path text, p_owner_id uuid)
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
    select id into v_id from public.materials_catalog material
    where id = v_first::uuid
      and coalesce(material_search.find_owner(to_jsonb(material.*)) = p_owner_id, true);
  end if;
  return v_id;
end;
$$;

comment on function catalogue_jobs.find_material_of is
  'The material that an upload of this user shows: by picture_materials, or because its path begins with a material''s id; never another user''s own.';

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
    'material_id', catalogue_jobs.find_material_of(
      v_new ->> 'bucket_id', v_new ->> 'name', v_owner::uuid
    ),
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
