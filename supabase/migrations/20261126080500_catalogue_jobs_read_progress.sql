-- How the analysis of the catalogue is getting on, and who may call what of this part.

create or replace function catalogue_jobs.read_usual_costs_at(p_now timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    -- What a picture costs, learnt from the last that were paid for, and how many were known.
    'usual', (
      select jsonb_build_object(
        'analyses', count(*),
        'mean_nano', round(avg(cost_nano) filter (where cost_nano > 0)),
        'deviation_nano', round(stddev_samp(cost_nano) filter (where cost_nano > 0)),
        'known_share', avg((cost_nano = 0)::integer)
      )
      from (
        select cost_nano from catalogue_jobs.jobs
        where state = 'done' order by ended_at desc limit 500
      ) lately
    ),
    -- The same of all analyses in the project, for a catalogue that has none yet.
    'ledger', (
      select jsonb_build_object(
        'analyses', count(*), 'mean_nano', round(avg(cost_nano)),
        'deviation_nano', round(stddev_samp(cost_nano)),
        'completion_tokens', round(avg(completion_tokens))
      )
      from (
        select cost_nano, completion_tokens from semantic_analysis.ledger
        where at > p_now - interval '7 days' and cost_nano > 0 and outcome = 'ok'
          and analysis_type = 'material_identification'
        order by at desc limit 500
      ) lately
    )
  );
$$;

comment on function catalogue_jobs.read_usual_costs_at is
  'What an analysis has cost lately, in nano-dollars: of this catalogue, and of all users.';

create or replace function catalogue_jobs.read_progress_at(
  p_run uuid,
  p_failures integer,
  p_now timestamptz default null
)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_month text := 'month:' || to_char(v_now at time zone 'utc', 'YYYY-MM');
  v_progress jsonb;
begin
  select jsonb_build_object(
    'waiting', count(*) filter (where state = 'waiting'),
    'due', count(*) filter (where state = 'waiting' and not_before <= v_now),
    'running', count(*) filter (where state = 'running' and lease_until > v_now),
    'stranded', count(*) filter (where state = 'running' and lease_until <= v_now),
    'done', count(*) filter (where state = 'done'),
    'failed', count(*) filter (where state = 'failed'),
    'cost_nano', coalesce(sum(cost_nano), 0),
    'oldest_waiting_s', floor(extract(epoch from v_now - min(not_before) filter (
      where state = 'waiting' and not_before <= v_now
    ))),
    'ended_last_10_min', count(*) filter (where ended_at > v_now - interval '10 minutes'),
    'failed_last_day', count(*) filter (where state = 'failed' and ended_at > v_now - interval '1 day'),
    'ended_last_day', count(*) filter (where ended_at > v_now - interval '1 day')
  ) into v_progress from catalogue_jobs.jobs;
  return v_progress
    || (select jsonb_build_object(
      'is_paused', is_paused, 'paused_until', paused_until, 'last_run_at', last_run_at,
      'enqueues_materials', enqueues_materials, 'upload_buckets', to_jsonb(upload_buckets)
    ) from catalogue_jobs.settings)
    || catalogue_jobs.read_usual_costs_at(v_now)
    || jsonb_build_object(
      'month_spent_nano', coalesce(
        (select spent_nano from catalogue_jobs.budgets where name = v_month), 0
      ),
      'run', (
        select jsonb_build_object(
          'limit_nano', limit_nano, 'spent_nano', spent_nano, 'jobs_left', jobs_left
        ) from catalogue_jobs.budgets where name = 'run:' || p_run
      ),
      'failures', (
        select coalesce(jsonb_agg(failure), '[]') from (
          select id, material_id, source, last_code as code, last_error as error, ended_at
          from catalogue_jobs.jobs where state = 'failed'
          order by ended_at desc, id limit least(greatest(p_failures, 0), 1000)
        ) failure
      )
    );
end;
$$;

comment on function catalogue_jobs.read_progress_at is
  'Jobs by state, how fast they end, what is spent, what has failed last.';

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
  select catalogue_jobs.read_progress_at(p_run, p_failures);
$$;

comment on function public.semantic_analysis_read_progress is
  'How the analysis of the catalogue is getting on. For service_role only.';

do $$
declare
  v_function text;
begin
  foreach v_function in array array[
    'switch_enqueueing', 'enqueue', 'sample_pictures', 'claim_jobs', 'renew_jobs', 'finish_job',
    'fail_job', 'put_back_job', 'accept_quote', 'pause_jobs', 'retry_failed_jobs', 'read_progress'
  ]
  loop
    execute format(
      'revoke execute on function public.%I from public, anon, authenticated, service_role',
      'semantic_analysis_' || v_function
    );
    execute format(
      'grant execute on function public.%I to service_role', 'semantic_analysis_' || v_function
    );
  end loop;
  -- What is in the private schema is called by the functions above, as their owner.
  revoke execute on all functions in schema catalogue_jobs from public, anon, authenticated, service_role;
end
$$;

-- The catalogue's own limits: a run is bounded by its budget and the project's. It has no day's limit;
-- requests of killed workers would count as under way for 90 s, so there is none on those either.
insert into semantic_analysis.limit_settings (subject, per_minute, burst, per_day, concurrent)
values ('service:catalogue', 600, 600, 100000000, 10000)
on conflict (subject) do nothing;
