-- What the API calls, all of it for service_role alone, and the operator's switches.

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
  v_event text;
begin
  if cardinality(p_upload_buckets) > 100 then
    raise exception 'At most 100 buckets' using errcode = 'invalid_parameter_value';
  end if;
  update catalogue_jobs.settings
  set enqueues_materials = coalesce(p_materials, enqueues_materials),
    upload_buckets = coalesce(p_upload_buckets, upload_buckets)
  returning * into v_settings;
  foreach v_event in array array['insert', 'update'] loop
    execute format(
      case when v_settings.enqueues_materials then
        'create or replace trigger catalogue_jobs_on_%1$s after %1$s on public.materials_catalog
          referencing new table as changed
          for each statement execute function catalogue_jobs.on_material_change()'
      else
        'drop trigger if exists catalogue_jobs_on_%1$s on public.materials_catalog'
      end, v_event
    );
  end loop;
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

comment on function public.semantic_analysis_switch_enqueueing is
  'Switches on and off what enqueues itself, which spends money: new and changed materials, and uploads into these buckets ({} for none). What is null stays. For service_role only.';

create or replace function public.semantic_analysis_enqueue(
  p_material_ids uuid[] default null,
  p_category text default null,
  p_older_than_prompt text default null,
  p_limit integer default null,
  p_is_dry boolean default false
)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  select catalogue_jobs.enqueue_at(
    p_material_ids, p_category, p_older_than_prompt, p_limit, p_is_dry
  );
$$;

comment on function public.semantic_analysis_enqueue is
  'Enqueues the pictures of a list of materials, or of all (of a category) that have no analysis, or none by this prompt; with p_is_dry it counts them. For service_role only.';

create or replace function public.semantic_analysis_claim_jobs(
  p_holder uuid,
  p_count integer,
  p_ceiling_nano bigint,
  p_run uuid default null,
  p_nano_per_month bigint default null,
  p_lease_s integer default 30,
  p_suspects boolean default false
)
returns jsonb
language sql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
  select catalogue_jobs.claim_jobs_at(
    p_holder, p_count, p_ceiling_nano, p_run, p_nano_per_month, p_lease_s, p_suspects
  );
$$;

comment on function public.semantic_analysis_claim_jobs is
  'Claims jobs for a worker, within the budget of an accepted quote (p_run) or of the month (p_nano_per_month); with p_suspects one that has lost a worker. For service_role only.';

create or replace function public.semantic_analysis_renew_jobs(
  p_holder uuid,
  p_lease_s integer default 30
)
returns integer
language sql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
  select catalogue_jobs.renew_jobs_at(p_holder, p_lease_s);
$$;

comment on function public.semantic_analysis_renew_jobs is
  'Extends a worker''s leases; returns how many jobs are still its own. For service_role only.';

create or replace function public.semantic_analysis_finish_job(
  p_id bigint,
  p_holder uuid,
  p_cost_nano bigint,
  p_row jsonb,
  p_answer jsonb default null
)
returns text
language sql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
  select catalogue_jobs.finish_job_at(p_id, p_holder, p_cost_nano, p_row, p_answer);
$$;

comment on function public.semantic_analysis_finish_job is
  'Ends a job with the columns of material_visual_analysis, or with the answer of a picture without a material. For service_role only.';

create or replace function public.semantic_analysis_fail_job(
  p_id bigint,
  p_holder uuid,
  p_cost_nano bigint,
  p_code text,
  p_error text,
  p_is_final boolean default false
)
returns text
language sql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
  select catalogue_jobs.fail_job_at(p_id, p_holder, p_cost_nano, p_code, p_error, p_is_final);
$$;

comment on function public.semantic_analysis_fail_job is
  'Counts a failed attempt of a job. For service_role only.';

create or replace function public.semantic_analysis_put_back_job(
  p_id bigint,
  p_holder uuid,
  p_cost_nano bigint,
  p_wait_ms integer,
  p_code text,
  p_scope text default 'job'
)
returns text
language sql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
  select catalogue_jobs.put_back_job_at(p_id, p_holder, p_cost_nano, p_wait_ms, p_code, p_scope);
$$;

comment on function public.semantic_analysis_put_back_job is
  'Ends a claim without an attempt; p_scope says who waits p_wait_ms: job, owner, all, or the job whose worker has ended (worker). For service_role only.';

create or replace function public.semantic_analysis_accept_quote(
  p_run uuid,
  p_quote jsonb,
  p_limit_nano bigint,
  p_jobs integer
)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into catalogue_jobs.budgets (name, limit_nano, jobs_left, quote, created_at)
  values ('run:' || p_run, p_limit_nano, p_jobs, p_quote, clock_timestamp());
$$;

comment on function public.semantic_analysis_accept_quote is
  'Makes a budget of a quote: so many jobs, and no more than so many nano-dollars. For service_role only.';

create or replace function public.semantic_analysis_pause_jobs(p_is_paused boolean)
returns void
language sql
security definer
set search_path = ''
as $$
  update catalogue_jobs.settings set is_paused = p_is_paused, paused_until = null;
$$;

comment on function public.semantic_analysis_pause_jobs is
  'Stops claims, or lets them go on; running jobs end as they would. For service_role only.';

create or replace function public.semantic_analysis_retry_failed_jobs(p_code text default null)
returns integer
language sql
security definer
set search_path = ''
as $$
  with retried as (
    update catalogue_jobs.jobs
    set state = 'waiting', attempts = 0, lost_leases = 0, not_before = clock_timestamp(),
      ended_at = null
    where state = 'failed' and (p_code is null or last_code = p_code)
    returning 1
  )
  select count(*)::integer from retried;
$$;

comment on function public.semantic_analysis_retry_failed_jobs is
  'Makes failed jobs (with this code) wait again; returns how many. For service_role only.';
