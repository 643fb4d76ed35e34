-- Claiming: which worker may analyse which picture, and out of which budget.
--
-- Workers may be killed at any moment. A claim is a lease: its end needs no worker. What a claim may cost
-- at most is taken from the budget in the same transaction, so that several workers at once can't spend
-- more than is left, and is replaced by what it did cost when the job ends.
--
-- A job that has lost a lease or a worker is a suspect: its picture may end every worker, and what was
-- claimed together goes down together. It is claimed alone, by one worker at a time, so that a good picture
-- is not blamed again and again for its neighbour.
--
-- Locks: a claim locks the budget's row, the row of settings, and then jobs that no other transaction has
-- locked (skip locked), so it never waits for a job; what ends a job locks that job and then the budget's row.
-- p_now stands in for the clock in tests; the functions of the API never pass it.

create or replace function catalogue_jobs.lock_budget(
  p_run uuid,
  p_now timestamptz
)
returns catalogue_jobs.budgets
language plpgsql
set search_path = ''
as $$
declare
  v_name text := coalesce('run:' || p_run, 'month:' || to_char(p_now at time zone 'utc', 'YYYY-MM'));
  v_budget catalogue_jobs.budgets;
begin
  select * into v_budget from catalogue_jobs.budgets where name = v_name for update;
  if not found then
    if p_run is not null then
      raise exception 'There is no accepted quote "%"', p_run using errcode = 'no_data_found';
    end if;
    insert into catalogue_jobs.budgets (name, created_at) values (v_name, p_now)
    on conflict (name) do nothing;
    select * into v_budget from catalogue_jobs.budgets where name = v_name for update;
  end if;
  return v_budget;
end;
$$;

comment on function catalogue_jobs.lock_budget is
  'Locks the budget of an accepted quote, or of the current UTC month, to the end of the transaction.';

create or replace function catalogue_jobs.fail_killers(p_now timestamptz)
returns void
language sql
set search_path = ''
as $$
  update catalogue_jobs.jobs
  set state = 'failed', holder = null, lease_until = null, held_nano = 0, budget = null,
    lost_leases = lost_leases + 1, ended_at = p_now, last_code = 'STOPS_THE_WORKER',
    last_error = 'Stops the worker: five in a row ended without a word while analysing this picture'
  where id in (
    select id from catalogue_jobs.jobs
    where state = 'running' and lease_until <= p_now and lost_leases >= 4
    for update skip locked
  );
$$;

comment on function catalogue_jobs.fail_killers is
  'Fails the jobs whose lease has run out for the fifth time in a row. What they took from a budget stays taken.';

create or replace function catalogue_jobs.lock_due_jobs(p_count bigint, p_now timestamptz)
returns bigint[]
language sql
set search_path = ''
as $$
  select array(
    select id from catalogue_jobs.jobs
    where state = 'waiting' and lost_leases = 0 and not_before <= p_now
    order by not_before, id
    limit p_count
    for update skip locked
  );
$$;

comment on function catalogue_jobs.lock_due_jobs is
  'Locks the oldest jobs that are due and have lost no lease, but for those that another claim has locked.';

create or replace function catalogue_jobs.lock_suspect(p_count bigint, p_now timestamptz)
returns bigint[]
language sql
set search_path = ''
as $$
  select array(
    select id from catalogue_jobs.jobs
    where (
      (state = 'running' and lease_until <= p_now)
      or (state = 'waiting' and lost_leases > 0 and not_before <= p_now)
    )
    -- Two at once would be blamed for each other's end.
    and not exists (
      select from catalogue_jobs.jobs
      where state = 'running' and lease_until > p_now and lost_leases > 0
    )
    order by coalesce(lease_until, not_before), id
    limit least(p_count, 1)
    for update skip locked
  );
$$;

comment on function catalogue_jobs.lock_suspect is
  'Locks the job that has been without a worker the longest, of those that have lost one; none while another such job runs. Callers hold the row of settings, so no two do this at once.';

create or replace function catalogue_jobs.claim_jobs_at(
  p_holder uuid,
  p_count integer,
  p_ceiling_nano bigint,
  p_run uuid,
  p_nano_per_month bigint,
  p_lease_s integer,
  p_suspects boolean,
  p_now timestamptz default null
)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_settings catalogue_jobs.settings;
  v_budget catalogue_jobs.budgets;
  v_left_nano bigint;
  v_count bigint := p_count;
  v_ids bigint[];
  v_jobs jsonb;
  v_claimed integer;
begin
  if p_count not between 1 and 1000 or p_ceiling_nano < 0 or p_lease_s not between 1 and 3600 then
    raise exception 'A claim is of 1 to 1000 jobs, for 1 to 3600 seconds, at no negative ceiling'
      using errcode = 'invalid_parameter_value';
  end if;
  v_budget := catalogue_jobs.lock_budget(p_run, v_now);
  v_now := coalesce(p_now, clock_timestamp());
  update catalogue_jobs.settings set last_run_at = v_now returning * into v_settings;
  if v_settings.is_paused or v_settings.paused_until > v_now then
    return jsonb_build_object('outcome', 'paused', 'jobs', jsonb_build_array(), 'wait_ms', case
      when not v_settings.is_paused
        then ceil(extract(epoch from v_settings.paused_until - v_now) * 1000)
    end);
  end if;

  perform catalogue_jobs.fail_killers(v_now);
  v_left_nano := coalesce(v_budget.limit_nano, p_nano_per_month) - v_budget.spent_nano;
  if v_left_nano is not null and p_ceiling_nano > 0 then
    v_count := least(v_count, greatest(v_left_nano, 0) / p_ceiling_nano);
  end if;
  v_count := least(v_count, coalesce(v_budget.jobs_left, v_count));

  v_ids := case
    when p_suspects then catalogue_jobs.lock_suspect(v_count, v_now)
    else catalogue_jobs.lock_due_jobs(v_count, v_now)
  end;
  with claimed as (
    update catalogue_jobs.jobs job
    set state = 'running', holder = p_holder, lease_until = v_now + p_lease_s * interval '1 second',
      lost_leases = job.lost_leases + case job.state when 'running' then 1 else 0 end,
      budget = v_budget.name, held_nano = p_ceiling_nano, is_stale = false
    where job.id = any (v_ids)
    returning job.*
  )
  select count(*), coalesce(jsonb_agg(jsonb_build_object(
    'id', id, 'material_id', material_id, 'source', source, 'version', version,
    'owner_id', owner_id, 'attempts', attempts
  ) order by not_before, id), '[]') into v_claimed, v_jobs from claimed;

  update catalogue_jobs.budgets
  set spent_nano = spent_nano + v_claimed * p_ceiling_nano, jobs_left = jobs_left - v_claimed
  where name = v_budget.name;
  return jsonb_build_object(
    'outcome', case when v_claimed = 0 and v_count = 0 then 'budget' else 'claimed' end,
    'jobs', v_jobs,
    'left_nano', v_left_nano - v_claimed * p_ceiling_nano
  );
end;
$$;

comment on function catalogue_jobs.claim_jobs_at is
  'Claims the oldest jobs that are due, as many as the budget can pay at p_ceiling_nano each; with p_suspects one that has lost a lease, to be worked on alone. claimed (perhaps none is due), budget (none can be paid), or paused.';

create or replace function catalogue_jobs.renew_jobs_at(
  p_holder uuid,
  p_lease_s integer,
  p_now timestamptz default null
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_count integer;
begin
  if p_lease_s not between 1 and 3600 then
    raise exception 'Leases are renewed for 1 to 3600 seconds'
      using errcode = 'invalid_parameter_value';
  end if;
  update catalogue_jobs.jobs
  set lease_until = v_now + p_lease_s * interval '1 second'
  where state = 'running' and holder = p_holder;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

comment on function catalogue_jobs.renew_jobs_at is
  'Extends the leases of a worker''s jobs, also those that ran out and were not claimed by another; returns how many are still its own.';
