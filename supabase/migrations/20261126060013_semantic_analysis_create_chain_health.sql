-- Whether the chain of models does what it is there for: a first model that never answers, a fallback
-- that always does, a cache that never hits and a provider that fails go unseen as long as some model
-- answers. Read by the doctor, as public.semantic_analysis_read_chain_health.

create or replace view semantic_analysis.models_last_day
with (security_invoker = true)
as
select
  model_requested,
  model_used,
  count(*) as answers,
  max(at) as last_at
from semantic_analysis.ledger
where (at at time zone 'utc')::date >= ((now() - interval '1 day') at time zone 'utc')::date
  and at > now() - interval '1 day'
  and outcome = 'ok'
  and cache in ('miss', 'refresh', 'off')
  and model_used is not null
group by 1, 2;

comment on view semantic_analysis.models_last_day is
  'Which model answered how often in the last 24 hours, by the first model of the chain; stored answers are not counted.';

create or replace function semantic_analysis.find_chain_problems(
  p_answers bigint,
  p_first_answers bigint,
  p_lookups bigint,
  p_hits bigint,
  p_calls bigint,
  p_failures bigint
)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- Fewer say nothing.
  c_answers constant integer := 20;
  c_lookups constant integer := 200;
  c_calls constant integer := 30;
begin
  return array_remove(
    array[
      case when p_answers >= c_answers and p_first_answers = 0 then 'first_model_never_answers' end,
      case
        when p_answers >= c_answers and p_first_answers <= p_answers * 0.05
          then 'fallback_always_answers'
      end,
      case when p_lookups >= c_lookups and p_hits = 0 then 'cache_never_hits' end,
      case when p_calls >= c_calls and p_failures >= p_calls * 0.95 then 'provider_fails' end
    ],
    null
  );
end;
$$;

comment on function semantic_analysis.find_chain_problems is
  'Names what of a chain''s figures wants an operator.';

create or replace function public.semantic_analysis_read_chain_health()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
declare
  v_since constant timestamptz := now() - interval '1 day';
  v_since_day constant date := (v_since at time zone 'utc')::date;
  v_first_model text;
  v_models jsonb;
  v_answers bigint;
  v_first_answers bigint;
  v_lookups bigint;
  v_hits bigint;
  v_calls bigint;
  v_failures bigint;
begin
  -- The chain that most requests were put to: a caller may name a model to be asked alone.
  select model_requested into v_first_model from semantic_analysis.models_last_day
  group by 1 order by sum(answers) desc, max(last_at) desc limit 1;
  select
    coalesce(
      jsonb_agg(jsonb_build_object('model', model_used, 'answers', answers) order by answers desc),
      '[]'
    ),
    coalesce(sum(answers), 0),
    coalesce(sum(answers) filter (where model_used = model_requested), 0)
  into v_models, v_answers, v_first_answers
  from semantic_analysis.models_last_day where model_requested = v_first_model;

  select
    count(*) filter (where cache in ('hit', 'joined', 'miss')),
    count(*) filter (where cache in ('hit', 'joined'))
  into v_lookups, v_hits
  from semantic_analysis.ledger
  where (at at time zone 'utc')::date >= v_since_day and at > v_since and outcome = 'ok';

  select
    count(*),
    count(*) filter (
      where outcome = 'NOT_CONFIGURED'
        or outcome like 'UPSTREAM\_%' and outcome <> 'UPSTREAM_REJECTED'
    )
  into v_calls, v_failures
  from (
    select outcome from semantic_analysis.ledger
    where (at at time zone 'utc')::date >= v_since_day and attempts >= 1
    order by (at at time zone 'utc')::date desc, at desc limit 30
  ) as latest;

  return jsonb_build_object(
    'since', v_since,
    'first_model', v_first_model,
    'answers', v_answers,
    'models', v_models,
    'cache', jsonb_build_object('lookups', v_lookups, 'hits', v_hits),
    'latest_calls', jsonb_build_object('calls', v_calls, 'failures', v_failures),
    'problems', to_jsonb(semantic_analysis.find_chain_problems(
      v_answers, v_first_answers, v_lookups, v_hits, v_calls, v_failures
    ))
  );
end;
$$;

comment on function public.semantic_analysis_read_chain_health() is
  'Which model answered how often in the last 24 hours, how often the cache did, how many of the latest 30 requests to the provider failed; problems: first_model_never_answers, fallback_always_answers, cache_never_hits, provider_fails. For service_role only.';

revoke all on table semantic_analysis.models_last_day
from public, anon, authenticated, service_role;
revoke all on function
  semantic_analysis.find_chain_problems,
  public.semantic_analysis_read_chain_health()
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_read_chain_health() to service_role;
