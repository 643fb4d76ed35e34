-- What was asked, what it cost and how long it took.
--
-- Written by settle, after the answer has gone out; read by operators through the views of this schema,
-- and by users, their own rows alone, through public.semantic_analysis_usage. No picture, prompt, answer
-- or URL is in it.

create table if not exists semantic_analysis.ledger (
  id uuid primary key,
  at timestamptz not null,
  subject text not null,
  caller text,
  analysis_type text,
  outcome text not null,
  limited_by text,
  requests integer not null default 1 check (requests >= 1),
  cache text,
  is_streamed boolean,
  model_requested text,
  model_used text,
  attempts integer,
  prompt_tokens integer,
  completion_tokens integer,
  cost_nano bigint not null default 0 check (cost_nano >= 0),
  total_ms integer,
  upstream_ms integer
)
-- Rows are written once and deleted in the order of their age: inserts alone must wake the vacuum.
with (autovacuum_vacuum_insert_scale_factor = 0.1);

-- A subject's own rows, the newest first.
create index if not exists ledger_subject_at_idx on semantic_analysis.ledger (subject, at);

-- Times only grow, so a few pages of block ranges find a day, and what is to be deleted.
create index if not exists ledger_at_idx on semantic_analysis.ledger using brin (at)
with (pages_per_range = 32, autosummarize = on);

-- Where refusals of a minute are counted in one row.
create unique index if not exists ledger_refusals_idx
on semantic_analysis.ledger (subject, limited_by, at)
where limited_by is not null and subject <> 'deleted';

comment on table semantic_analysis.ledger is
  'One row per request that got as far as the limits. Refusals of a subject by the same limit within a minute share one row, so that whoever is refused can''t fill the disk.';
comment on column semantic_analysis.ledger.id is
  'The request''s id, as in its answer and in the log.';
comment on column semantic_analysis.ledger.at is
  'When it was answered; of refusals, the beginning of their minute.';
comment on column semantic_analysis.ledger.subject is
  'Whose limits were used: user:<uuid> or service:<name>; "deleted" for users that are no more.';
comment on column semantic_analysis.ledger.caller is
  'user, anonymous or service.';
comment on column semantic_analysis.ledger.analysis_type is
  'What was asked for.';
comment on column semantic_analysis.ledger.outcome is
  'ok, DISCONNECTED where the client left, or the code of the error.';
comment on column semantic_analysis.ledger.limited_by is
  'The limit that refused: minute, day, concurrent, month or project_month.';
comment on column semantic_analysis.ledger.requests is
  'How many requests the row stands for.';
comment on column semantic_analysis.ledger.cache is
  'hit, joined, miss, refresh or off.';
comment on column semantic_analysis.ledger.is_streamed is
  'Whether it was answered with events.';
comment on column semantic_analysis.ledger.model_requested is
  'The first model of the chain.';
comment on column semantic_analysis.ledger.model_used is
  'The model that answered.';
comment on column semantic_analysis.ledger.attempts is
  'Calls to the provider.';
comment on column semantic_analysis.ledger.prompt_tokens is
  'Of all calls together, as the provider counted; null where it didn''t tell.';
comment on column semantic_analysis.ledger.completion_tokens is
  'As above.';
comment on column semantic_analysis.ledger.cost_nano is
  'Nano-dollars (1e-9 $) at list prices; of calls that may have been billed without telling their tokens, the most they can have cost.';
comment on column semantic_analysis.ledger.total_ms is
  'Milliseconds from arrival to answer.';
comment on column semantic_analysis.ledger.upstream_ms is
  'Of these, at the provider.';

alter table semantic_analysis.ledger enable row level security;

revoke all on table semantic_analysis.ledger from public, anon, authenticated, service_role;

-- The token's claims are read as PostgREST leaves them, so that the migration needs no auth schema. In a
-- sub-select they are read once a query and not once a row.
drop policy if exists ledger_select_own on semantic_analysis.ledger;
create policy ledger_select_own on semantic_analysis.ledger
for select to authenticated
using (
  subject = (
    select 'user:' || (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  )
);

comment on policy ledger_select_own on semantic_analysis.ledger is
  'Users see what they themselves have used.';

grant usage on schema semantic_analysis to authenticated;
grant select on table semantic_analysis.ledger to authenticated;

create or replace view public.semantic_analysis_usage
with (security_invoker = true)
as
select
  id,
  at,
  analysis_type,
  outcome,
  limited_by,
  requests,
  cache,
  model_used,
  prompt_tokens,
  completion_tokens,
  cost_nano / 1e9::double precision as cost_usd,
  total_ms
from semantic_analysis.ledger;

comment on view public.semantic_analysis_usage is
  'What the signed-in user has used: their own rows of the ledger, by row level security.';

revoke all on table public.semantic_analysis_usage from public, anon, authenticated, service_role;
grant select on table public.semantic_analysis_usage to authenticated;

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

create or replace view semantic_analysis.refusals_by_day
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

comment on view semantic_analysis.refusals_by_day is
  'Requests that a limit refused, by UTC day, subject and limit.';

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
  semantic_analysis.refusals_by_day,
  semantic_analysis.outcomes_by_day,
  semantic_analysis.cache_by_day
from public, anon, authenticated, service_role;
