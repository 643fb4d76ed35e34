-- While a provider is down, each minute's run asks it for a few pictures in vain, and each of them may be
-- billed: a month's budget would be gone in hours, without an analysis. The next run comes twice as late
-- each time, until an analysis that was paid for says that all is well. What stopped the last run is kept, so that
-- an operator who sees nothing done can be told why.

alter table catalogue_jobs.settings
  add column if not exists outages integer not null default 0,
  add column if not exists stopped_by text;

comment on column catalogue_jobs.settings.outages is
  'Runs in a row that ended because nothing could be analysed; the next waits twice as long.';
comment on column catalogue_jobs.settings.stopped_by is
  'The code of what stopped the last run; null once an analysis was paid for after it.';

create or replace function catalogue_jobs.pause_claims(
  p_code text,
  p_wait_ms integer,
  p_is_outage boolean,
  p_now timestamptz
)
returns void
language sql
set search_path = ''
as $$
  update catalogue_jobs.settings
  set stopped_by = left(p_code, 100),
    outages = outages + case when p_is_outage then 1 else 0 end,
    paused_until = greatest(
      paused_until,
      p_now + greatest(p_wait_ms, 0) * interval '1 millisecond'
        -- Half a minute at first, a quarter of an hour at most.
        * case when p_is_outage then power(2, least(outages, 5)) else 1 end
    );
$$;

comment on function catalogue_jobs.pause_claims is
  'Nothing is claimed for p_wait_ms; with p_is_outage twice as long each time in a row, up to 32 times.';

create or replace function catalogue_jobs.end_outage(p_is_paid boolean, p_now timestamptz)
returns void
language sql
set search_path = ''
as $$
  update catalogue_jobs.settings set outages = 0, stopped_by = null
  -- The row is one for all workers, and most ends of jobs leave it as it is.
  where (outages > 0 or stopped_by is not null) and (p_is_paid or stopped_by = 'NOT_STORED')
    -- What was under way when the pause began says nothing of its end.
    and coalesce(paused_until <= p_now, true);
$$;

comment on function catalogue_jobs.end_outage is
  'An analysis was stored after the pause: the next outage is the first again. One that cost nothing tells of the table alone.';

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
  -- So would one to which no answer can be used, and each time it may have been billed.
  v_tries integer := case
    when p_scope in ('job', 'outage') and p_cost_nano > 0
      then least(round(v_job.cost_nano::numeric / p_cost_nano) + 1, 100)
    else 0
  end;
  v_has_failed boolean := v_is_killer or v_tries >= 8 and not v_job.is_stale;
begin
  v_until := v_until + (v_until - v_now) * (power(2, greatest(least(v_tries, 8) - 1, 0)) - 1);
  -- A claim locks the budget before the settings: in the other order the two would wait for each other.
  if v_job.id is not null then
    perform catalogue_jobs.settle_budget(v_job, p_cost_nano, true);
  end if;
  if p_scope in ('all', 'outage') then
    perform catalogue_jobs.pause_claims(p_code, p_wait_ms, p_scope = 'outage', v_now);
  end if;
  if v_job.id is null then
    return 'lost';
  end if;
  update catalogue_jobs.jobs
  set state = case when v_has_failed then 'failed' else 'waiting' end,
    not_before = case p_scope when 'all' then not_before else v_until end,
    ended_at = case when v_has_failed then v_now end,
    cost_nano = cost_nano + p_cost_nano, held_nano = 0, budget = null, holder = null,
    lease_until = null, is_stale = false,
    lost_leases = lost_leases + case p_scope when 'worker' then 1 else 0 end,
    last_code = case when v_is_killer then 'STOPS_THE_WORKER' else left(p_code, 100) end,
    last_error = case
      when v_is_killer
        then 'Stops the worker: five in a row ended without a word while analysing this picture'
      when v_has_failed then 'No answer in eight tries, each of which may have been billed'
    end
  where id = p_id;
  if p_scope = 'owner' then
    -- Skipped where locked: that job's own end will tell the same. So will the next denial where there are
    -- more: a user may upload any number, and to move 100,000 takes seconds, at each denial.
    update catalogue_jobs.jobs set not_before = v_until
    where id in (
      select id from catalogue_jobs.jobs
      where owner_id = v_job.owner_id and state = 'waiting' and not_before < v_until
      limit 1000
      for update skip locked
    );
  end if;
  return case when v_has_failed then 'failed' else 'waiting' end;
end;
$$;

comment on function catalogue_jobs.put_back_job_at is
  'Ends a claim without an attempt. p_scope says who waits p_wait_ms: job, owner (the jobs of its user, a thousand at a time), all (nothing is claimed), or outage (the job, and nothing is claimed, twice as long each time in a row); with worker, whose worker ended without a word, the fifth in a row fails the job. A job that cost something waits twice as long each time, and the eighth such time fails it. all and outage pause also where the job is no longer held.';

create or replace function public.semantic_analysis_pause_jobs(p_is_paused boolean)
returns void
language sql
security definer
set search_path = ''
as $$
  update catalogue_jobs.settings
  set is_paused = p_is_paused, paused_until = null, outages = 0, stopped_by = null;
$$;

create or replace function public.semantic_analysis_read_progress(
  p_run uuid default null,
  p_failures integer default 0
)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select catalogue_jobs.read_progress_at(p_run, p_failures)
    || (select jsonb_build_object('stopped_by', stopped_by) from catalogue_jobs.settings);
$$;

revoke all on function catalogue_jobs.pause_claims, catalogue_jobs.end_outage
  from public, anon, authenticated, service_role;
