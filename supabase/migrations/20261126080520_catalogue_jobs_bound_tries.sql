-- A job that is put back undecided, because nothing that came after told whether its picture or the provider
-- was the reason, may have been billed each time. Alone in its catalogue, it would be tried every half minute
-- until the month's budget is spent: it waits twice as long each time, and the eighth time it has failed.

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
    when p_scope = 'job' and p_cost_nano > 0 then least(round(v_job.cost_nano::numeric / p_cost_nano) + 1, 100)
    else 0
  end;
  v_has_failed boolean := v_is_killer or v_tries >= 8 and not v_job.is_stale;
begin
  v_until := v_until + (v_until - v_now) * (power(2, greatest(least(v_tries, 8) - 1, 0)) - 1);
  if p_scope = 'all' then
    update catalogue_jobs.settings
    set paused_until = greatest(coalesce(paused_until, v_until), v_until);
  end if;
  if v_job.id is null then
    return 'lost';
  end if;
  perform catalogue_jobs.settle_budget(v_job, p_cost_nano, true);
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
    -- Skipped where locked: that job's own end will tell the same.
    update catalogue_jobs.jobs set not_before = v_until
    where id in (
      select id from catalogue_jobs.jobs
      where owner_id = v_job.owner_id and state = 'waiting' and not_before < v_until
      for update skip locked
    );
  end if;
  return case when v_has_failed then 'failed' else 'waiting' end;
end;
$$;

comment on function catalogue_jobs.put_back_job_at is
  'Ends a claim without an attempt. p_scope says who waits p_wait_ms: job, owner (all jobs of its user), or all (nothing is claimed); with worker, whose worker ended without a word, the fifth in a row fails the job. A job that cost something waits twice as long each time, and the eighth such time fails it.';
