-- What an operator wants to know of the last days, in one answer: spending, latency, denials, outcomes, the
-- cache and the models. Read by the task doctor, which has a project secret and no connection to Postgres.

create or replace function public.semantic_analysis_read_days(p_days integer default 14)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set statement_timeout = '5s'
set lock_timeout = '1500ms'
as $$
declare
  v_today constant date := (now() at time zone 'utc')::date;
  -- The ledger keeps 90 days.
  v_first constant date := v_today - (least(greatest(coalesce(p_days, 14), 1), 90) - 1);
  v_result jsonb;
begin
  with rows as materialized (
    select (at at time zone 'utc')::date as day, *
    from semantic_analysis.ledger
    where (at at time zone 'utc')::date >= v_first
  ),
  days as (
    select
      series.day::date as day,
      coalesce(sum(requests), 0) as requests,
      coalesce(sum(requests) filter (where outcome = 'ok'), 0) as answered,
      coalesce(sum(requests) filter (where limited_by is not null), 0) as denied,
      coalesce(sum(cost_nano), 0) / 1e9::double precision as cost_usd,
      count(*) filter (where outcome = 'ok' and cache in ('hit', 'joined')) as known,
      count(*) filter (where outcome = 'ok' and cache in ('hit', 'joined', 'miss')) as lookups,
      percentile_disc(0.5) within group (order by total_ms) filter (where outcome = 'ok') as p50_ms,
      percentile_disc(0.95) within group (order by total_ms) filter (where outcome = 'ok') as p95_ms
    from generate_series(v_first, v_today, interval '1 day') as series(day)
    left join rows on rows.day = series.day::date
    group by 1
  ),
  models as (
    select
      coalesce(model_used, model_requested) as model,
      day,
      sum(requests) as requests,
      sum(cost_nano) / 1e9::double precision as cost_usd
    from rows
    where outcome = 'ok' and coalesce(model_used, model_requested) is not null
    group by 1, 2
  ),
  denials as (
    select limited_by, sum(requests) as requests, count(distinct subject) as subjects
    from rows where limited_by is not null group by 1
  ),
  outcomes as (
    select outcome, sum(requests) as requests from rows
    where outcome <> 'ok' and limited_by is null
    group by 1 order by 2 desc limit 20
  ),
  spenders as (
    select subject, sum(requests) as requests, sum(cost_nano) / 1e9::double precision as cost_usd
    from rows group by 1 having sum(cost_nano) > 0 order by 3 desc limit 10
  )
  select jsonb_build_object(
    'days', (select jsonb_agg(to_jsonb(days) order by day) from days),
    'models', (select coalesce(jsonb_agg(to_jsonb(models) order by day, model), '[]') from models),
    'denials', (select coalesce(jsonb_agg(to_jsonb(denials) order by requests desc), '[]') from denials),
    'outcomes', (select coalesce(jsonb_agg(to_jsonb(outcomes) order by requests desc), '[]') from outcomes),
    'spenders', (select coalesce(jsonb_agg(to_jsonb(spenders) order by cost_usd desc), '[]') from spenders)
  ) into v_result;
  return v_result;
end;
$$;

comment on function public.semantic_analysis_read_days is
  'Of the last p_days UTC days (1 to 90, today among them): requests, dollars, milliseconds and stored answers by day, models by day, denials by limit, errors by code, the ten subjects that cost most. For service_role only.';

revoke all on function public.semantic_analysis_read_days from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_read_days to service_role;
