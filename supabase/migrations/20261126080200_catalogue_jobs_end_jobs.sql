-- The end of a claim: done, with the row it produces in the same transaction; failed, for now or for good;
-- or put back, because it was not this job's fault.
--
-- Only the holder ends a job. A lease that ran out and that no other worker has claimed is still the
-- holder's: the answer is paid for.

create or replace function catalogue_jobs.lock_held_job(p_id bigint, p_holder uuid)
returns catalogue_jobs.jobs
language sql
set search_path = ''
as $$
  select * from catalogue_jobs.jobs
  where id = p_id and state = 'running' and holder = p_holder
  for update;
$$;

comment on function catalogue_jobs.lock_held_job is
  'Locks a job that this worker holds; null where it doesn''t.';

create or replace function catalogue_jobs.settle_budget(
  p_job catalogue_jobs.jobs,
  p_cost_nano bigint,
  p_gives_back_job boolean
)
returns void
language sql
set search_path = ''
as $$
  update catalogue_jobs.budgets
  -- More than was set aside is charged as well: a budget shows what was spent.
  set spent_nano = greatest(spent_nano + p_cost_nano - p_job.held_nano, 0),
    jobs_left = jobs_left + case when p_gives_back_job then 1 else 0 end
  where name = p_job.budget;
$$;

comment on function catalogue_jobs.settle_budget is
  'Replaces what a job took from its budget by what it cost.';

create or replace function catalogue_jobs.finish_job_at(
  p_id bigint,
  p_holder uuid,
  p_cost_nano bigint,
  p_row jsonb,
  p_answer jsonb,
  p_now timestamptz default null
)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_job catalogue_jobs.jobs := catalogue_jobs.lock_held_job(p_id, p_holder);
  v_material jsonb;
  v_outcome text := 'done';
  v_refusal text;
begin
  if v_job.id is null then
    return 'lost';
  end if;
  perform catalogue_jobs.settle_budget(v_job, p_cost_nano, false);
  if v_job.is_stale then
    v_outcome := 'again';
  elsif v_job.material_id is not null then
    -- Locked, so that a material that is being deleted gets no analysis afterwards.
    select to_jsonb(material.*) into v_material
    from public.materials_catalog material where id = v_job.material_id for key share;
    if v_material is null then
      delete from catalogue_jobs.jobs where id = p_id;
      return 'gone';
    end if;
    if v_job.object_id is null and v_material ->> 'thumbnail_url' is distinct from v_job.source then
      -- The material has another picture by now.
      delete from catalogue_jobs.jobs where id = p_id;
      perform catalogue_jobs.add_jobs(jsonb_build_array(jsonb_build_object(
        'material_id', v_job.material_id,
        'owner_id', coalesce(v_job.owner_id, material_search.find_owner(v_material)),
        'source', catalogue_jobs.to_source(v_material ->> 'thumbnail_url')
      )), false, v_now);
      return 'again';
    end if;
    begin
      perform catalogue_jobs.store_analysis(v_job, p_row, v_now);
    exception
      -- The table may be its owner's: a narrow column, a check or a trigger refuses the row each time,
      -- and each time it would be paid for.
      when data_exception or not_null_violation or check_violation or foreign_key_violation
        or datatype_mismatch or raise_exception
      then
        v_outcome := 'failed';
        v_refusal := left(sqlerrm, 1000);
    end;
  end if;
  update catalogue_jobs.jobs
  set state = case v_outcome when 'again' then 'waiting' else v_outcome end,
    ended_at = case when v_outcome <> 'again' then v_now end, not_before = v_now,
    answer = case
      when v_outcome = 'failed' or (v_outcome = 'done' and material_id is null) then p_answer
    end,
    cost_nano = cost_nano + p_cost_nano, held_nano = 0, budget = null, holder = null,
    lease_until = null, attempts = 0, lost_leases = 0, is_stale = false,
    last_code = case v_outcome when 'failed' then 'NOT_STORED' end, last_error = v_refusal
  where id = p_id;
  return v_outcome;
end;
$$;

comment on function catalogue_jobs.finish_job_at is
  'Ends a job with its analysis, stored in the same transaction. done; again (the picture changed meanwhile, so nothing is stored); gone (the material was deleted); failed (material_visual_analysis refuses the row; the job keeps the answer); lost (another worker has the job).';

create or replace function catalogue_jobs.fail_job_at(
  p_id bigint,
  p_holder uuid,
  p_cost_nano bigint,
  p_code text,
  p_error text,
  p_is_final boolean,
  p_now timestamptz default null
)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_job catalogue_jobs.jobs := catalogue_jobs.lock_held_job(p_id, p_holder);
  v_attempts integer := v_job.attempts + 1;
  -- A picture that changed meanwhile has not failed.
  v_state text := case
    when not v_job.is_stale and (p_is_final or v_attempts >= 3) then 'failed' else 'waiting'
  end;
begin
  if v_job.id is null then
    return 'lost';
  end if;
  perform catalogue_jobs.settle_budget(v_job, p_cost_nano, false);
  update catalogue_jobs.jobs
  set state = v_state, attempts = case when v_job.is_stale then 0 else v_attempts end,
    -- Half a minute, then two: what is wrong with a provider for a moment is over by then.
    not_before = v_now + case
      when v_state = 'waiting' and not v_job.is_stale
        then interval '30 seconds' * power(4, v_attempts - 1)
      else interval '0'
    end,
    ended_at = case v_state when 'failed' then v_now end, cost_nano = cost_nano + p_cost_nano,
    held_nano = 0, budget = null, holder = null, lease_until = null, lost_leases = 0,
    is_stale = false, last_code = left(p_code, 100), last_error = left(p_error, 1000)
  where id = p_id;
  return v_state;
end;
$$;

comment on function catalogue_jobs.fail_job_at is
  'Counts a failed attempt: the job waits, or has failed for good after three of them or where p_is_final. lost where another worker has it.';

create or replace function catalogue_jobs.put_back_job_at(
  p_id bigint,
  p_holder uuid,
  p_cost_nano bigint,
  p_wait_ms integer,
  p_code text,
  p_scope text,
  p_now timestamptz default null
)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_until timestamptz := v_now + greatest(p_wait_ms, 0) * interval '1 millisecond';
  v_job catalogue_jobs.jobs := catalogue_jobs.lock_held_job(p_id, p_holder);
  -- A picture that ends every worker would otherwise go round for ever.
  v_is_killer boolean := p_scope = 'worker' and v_job.lost_leases >= 4;
begin
  if p_scope = 'all' then
    update catalogue_jobs.settings
    set paused_until = greatest(coalesce(paused_until, v_until), v_until);
  end if;
  if v_job.id is null then
    return 'lost';
  end if;
  perform catalogue_jobs.settle_budget(v_job, p_cost_nano, true);
  update catalogue_jobs.jobs
  set state = case when v_is_killer then 'failed' else 'waiting' end,
    not_before = case p_scope when 'all' then not_before else v_until end,
    ended_at = case when v_is_killer then v_now end,
    cost_nano = cost_nano + p_cost_nano, held_nano = 0, budget = null, holder = null,
    lease_until = null, is_stale = false,
    lost_leases = lost_leases + case p_scope when 'worker' then 1 else 0 end,
    last_code = case when v_is_killer then 'STOPS_THE_WORKER' else left(p_code, 100) end,
    last_error = case when v_is_killer then
      'Stops the worker: five in a row ended without a word while analysing this picture'
    end
  where id = p_id;
  if p_scope = 'owner' then
    -- Skipped where locked: that job's own end will tell the same.
    update catalogue_jobs.jobs set not_before = v_until
    where id in (
      select id from catalogue_jobs.jobs
      where owner_id = v_job.owner_id and state = 'waiting' and not_before < v_until
      for update skip locked
    );
  end if;
  return case when v_is_killer then 'failed' else 'waiting' end;
end;
$$;

comment on function catalogue_jobs.put_back_job_at is
  'Ends a claim without an attempt. p_scope says who waits p_wait_ms: job, owner (all jobs of its user), or all (nothing is claimed); with worker, whose worker ended without a word, the fifth in a row fails the job.';
