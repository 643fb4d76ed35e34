-- A job may wait for days, and its material get another picture meanwhile: what is claimed is the picture
-- that the material has then, or the old one would be paid for and its analysis thrown away. And whatever
-- an owner's table refuses is that row's fault, not the database's: one such job must not hold up the others.

create or replace function catalogue_jobs.follow_picture(
  p_job catalogue_jobs.jobs,
  p_material jsonb,
  p_at timestamptz
)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  -- An upload is analysed for its own sake.
  if p_job.object_id is not null or p_material ->> 'thumbnail_url' is not distinct from p_job.source then
    return false;
  end if;
  delete from catalogue_jobs.jobs where id = p_job.id;
  perform catalogue_jobs.add_jobs(jsonb_build_array(jsonb_build_object(
    'material_id', p_job.material_id,
    'owner_id', coalesce(p_job.owner_id, material_search.find_owner(p_material)),
    'source', catalogue_jobs.to_source(p_material ->> 'thumbnail_url')
  )), false, p_at);
  return true;
end;
$$;

comment on function catalogue_jobs.follow_picture is
  'Replaces a job whose material has another picture by one of that picture, due at p_at, or by none; whether it did.';

create or replace function catalogue_jobs.lock_wanted_jobs(
  p_count bigint,
  p_is_suspect boolean,
  p_now timestamptz
)
returns bigint[]
language plpgsql
set search_path = ''
as $$
declare
  v_ids bigint[];
  v_has_changed boolean;
begin
  -- Each round follows the pictures of what it locks: those that have one are the first of the next round.
  -- A catalogue whose pictures were all taken away is left to several claims.
  for v_round in 1 .. 100 loop
    v_ids := case
      when p_is_suspect then catalogue_jobs.lock_suspect(p_count, p_now)
      else catalogue_jobs.lock_due_jobs(p_count, p_now)
    end;
    select coalesce(bool_or(catalogue_jobs.follow_picture(
      job, to_jsonb(material.*), job.not_before - interval '1 microsecond'
    )), false)
    into v_has_changed
    from catalogue_jobs.jobs job
    join public.materials_catalog material on material.id = job.material_id
    where job.id = any (v_ids);
    exit when not v_has_changed;
  end loop;
  return v_ids;
end;
$$;

comment on function catalogue_jobs.lock_wanted_jobs is
  'Locks what a claim takes, as lock_due_jobs or lock_suspect do, of pictures that their materials still have.';

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

  v_ids := catalogue_jobs.lock_wanted_jobs(v_count, p_suspects, v_now);
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
    if catalogue_jobs.follow_picture(v_job, v_material, v_now) then
      return 'again';
    end if;
    begin
      perform catalogue_jobs.store_analysis(v_job, p_row, v_now);
    exception
      when others then
        -- The table may be its owner's: a narrow column, a constraint or a trigger refuses the row each time,
        -- and each time it would be paid for. A lock, a restart or a full disk is over another time.
        if sqlstate ~ '^(08|25|40|53|55P03|57|58)' then
          raise;
        end if;
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
  if v_outcome <> 'failed' then
    perform catalogue_jobs.end_outage(p_cost_nano > 0, v_now);
  end if;
  return v_outcome;
end;
$$;

revoke all on function catalogue_jobs.follow_picture, catalogue_jobs.lock_wanted_jobs
  from public, anon, authenticated, service_role;
