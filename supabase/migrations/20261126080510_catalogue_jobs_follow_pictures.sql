-- What enqueues itself is a picture that is new or another one, not every row that is written: a price that
-- changes must not have a picture paid that was analysed long ago. And what is emptied is analysed no more.

create or replace function catalogue_jobs.on_material_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_claims jsonb;
  v_owner uuid;
  v_ids uuid[];
begin
  v_claims := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
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
  -- A plan for an insert has no table of what was replaced.
  if tg_op = 'INSERT' then
    v_ids := array(select id from changed);
  else
    v_ids := array(
      select changed.id from changed left join replaced using (id)
      where to_jsonb(changed.*) ->> 'thumbnail_url' is distinct from to_jsonb(replaced.*) ->> 'thumbnail_url'
    );
  end if;
  -- A picture that a material has again is the newest once more: its analysis must be as well.
  perform catalogue_jobs.add_jobs(jsonb_agg(jsonb_build_object(
    'material_id', changed.id,
    'owner_id', coalesce(v_owner, material_search.find_owner(to_jsonb(changed.*))),
    'source', catalogue_jobs.to_source(to_jsonb(changed.*) ->> 'thumbnail_url')
  )), true, clock_timestamp())
  from changed
  where changed.id = any (v_ids)
  having count(*) > 0;
  return null;
exception
  when others then
    return null; -- enqueueing must not make the owner's write fail
end;
$$;

comment on function catalogue_jobs.on_material_change is
  'Trigger: the pictures that materials got by a statement, in the name of the user who wrote them, else of the user whose they are; anonymous users'' are left out.';

create or replace function catalogue_jobs.follow_materials(p_is_followed boolean)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if not p_is_followed then
    drop trigger if exists catalogue_jobs_on_insert on public.materials_catalog;
    drop trigger if exists catalogue_jobs_on_update on public.materials_catalog;
    return;
  end if;
  create or replace trigger catalogue_jobs_on_insert
    after insert on public.materials_catalog referencing new table as changed
    for each statement execute function catalogue_jobs.on_material_change();
  create or replace trigger catalogue_jobs_on_update
    after update on public.materials_catalog referencing old table as replaced new table as changed
    for each statement execute function catalogue_jobs.on_material_change();
end;
$$;

comment on function catalogue_jobs.follow_materials is
  'Creates the triggers by which materials enqueue themselves, or drops them.';

create or replace function public.semantic_analysis_switch_enqueueing(
  p_materials boolean default null,
  p_upload_buckets text[] default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_settings catalogue_jobs.settings;
begin
  if cardinality(p_upload_buckets) > 100 then
    raise exception 'At most 100 buckets' using errcode = 'invalid_parameter_value';
  end if;
  update catalogue_jobs.settings
  set enqueues_materials = coalesce(p_materials, enqueues_materials),
    upload_buckets = coalesce(p_upload_buckets, upload_buckets)
  returning * into v_settings;
  perform catalogue_jobs.follow_materials(v_settings.enqueues_materials);
  if cardinality(v_settings.upload_buckets) > 0 and not exists (
    select from pg_catalog.pg_trigger
    where tgrelid = 'storage.objects'::regclass and tgname = 'catalogue_jobs_on_upload'
  ) then
    create trigger catalogue_jobs_on_upload
      after insert or update of version on storage.objects
      for each row execute function catalogue_jobs.on_upload();
  end if;
  return jsonb_build_object(
    'materials', v_settings.enqueues_materials, 'upload_buckets', to_jsonb(v_settings.upload_buckets)
  );
end;
$$;

create or replace function catalogue_jobs.on_material_truncate()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from catalogue_jobs.jobs where material_id is not null;
  delete from catalogue_jobs.replaced_analyses;
  delete from catalogue_jobs.picture_materials;
  return null;
exception
  when others then
    return null; -- nor a truncate
end;
$$;

comment on function catalogue_jobs.on_material_truncate is
  'Trigger: what is kept of materials goes with all of them.';

-- An application's own trigger of that name is left alone.
do $$
begin
  if not exists (
    select from pg_trigger
    where tgrelid = 'public.materials_catalog'::regclass and tgname = 'catalogue_jobs_on_truncate'
      and tgfoid <> 'catalogue_jobs.on_material_truncate'::regproc
  ) then
    create or replace trigger catalogue_jobs_on_truncate
      after truncate on public.materials_catalog
      for each statement execute function catalogue_jobs.on_material_truncate();
  end if;
end
$$;

revoke all on function
  catalogue_jobs.follow_materials, catalogue_jobs.on_material_change, catalogue_jobs.on_material_truncate
  from public, anon, authenticated, service_role;

-- Where it is switched on already.
select catalogue_jobs.follow_materials(enqueues_materials) from catalogue_jobs.settings;
