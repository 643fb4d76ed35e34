-- The ledger's sums, for operators: each by UTC day, as the column day, so that a condition on it uses
-- the ledger's index.

create or replace view semantic_analysis.spend_by_day
with (security_invoker = true)
as
select
  (at at time zone 'utc')::date as day,
  subject,
  model_used,
  sum(requests) as requests,
  sum(prompt_tokens) as prompt_tokens,
  sum(completion_tokens) as completion_tokens,
  sum(cost_nano) / 1e9::double precision as cost_usd
from semantic_analysis.ledger
group by 1, 2, 3;

comment on view semantic_analysis.spend_by_day is
  'Requests, tokens and US dollars of each subject and model, by UTC day.';

create or replace view semantic_analysis.latency_by_day
with (security_invoker = true)
as
select
  (at at time zone 'utc')::date as day,
  model_used,
  cache,
  count(*) as requests,
  percentile_disc(0.5) within group (order by total_ms) as p50_ms,
  percentile_disc(0.95) within group (order by total_ms) as p95_ms,
  percentile_disc(0.99) within group (order by total_ms) as p99_ms
from semantic_analysis.ledger
where outcome = 'ok'
group by 1, 2, 3;

comment on view semantic_analysis.latency_by_day is
  'Percentiles of the time to an answer, in milliseconds, by UTC day, model and cache.';

create or replace view semantic_analysis.denials_by_day
with (security_invoker = true)
as
select
  (at at time zone 'utc')::date as day,
  subject,
  limited_by,
  sum(requests) as requests
from semantic_analysis.ledger
where limited_by is not null
group by 1, 2, 3;

comment on view semantic_analysis.denials_by_day is
  'Requests that a limit denied, by UTC day, subject and limit.';

create or replace view semantic_analysis.outcomes_by_day
with (security_invoker = true)
as
select
  (at at time zone 'utc')::date as day,
  outcome,
  sum(requests) as requests
from semantic_analysis.ledger
group by 1, 2;

comment on view semantic_analysis.outcomes_by_day is
  'Answers and errors by UTC day.';

create or replace view semantic_analysis.cache_by_day
with (security_invoker = true)
as
select
  (at at time zone 'utc')::date as day,
  count(*) filter (where cache = 'hit') as hits,
  count(*) filter (where cache = 'joined') as joined,
  count(*) filter (where cache = 'miss') as misses,
  count(*) filter (where cache in ('hit', 'joined'))::double precision
    / nullif(count(*) filter (where cache in ('hit', 'joined', 'miss')), 0) as rate
from semantic_analysis.ledger
where outcome = 'ok'
group by 1;

comment on view semantic_analysis.cache_by_day is
  'Answers that cost nothing beside those that did, by UTC day; rate: their share of all that could.';

revoke all on table
  semantic_analysis.spend_by_day,
  semantic_analysis.latency_by_day,
  semantic_analysis.denials_by_day,
  semantic_analysis.outcomes_by_day,
  semantic_analysis.cache_by_day
from public, anon, authenticated, service_role;
