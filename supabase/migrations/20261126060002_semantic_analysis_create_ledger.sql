-- What was asked, what it cost and how long it took.
--
-- Written by settle, after the response, through write_ledger; read by operators through the views of the next migration,
-- and by users, their own rows alone, through public.semantic_analysis_usage. No picture, prompt
-- or URL is in it, and of an answer the family alone.

create table if not exists semantic_analysis.ledger (
  id uuid primary key,
  at timestamptz not null,
  subject text not null,
  caller text,
  analysis_type text,
  outcome text not null,
  limited_by text,
  requests numeric not null default 1 check (requests >= 1),
  cache text,
  is_streamed boolean,
  model_requested text,
  model_used text,
  -- numeric takes whatever number a provider tells: a settlement that fails for it would be lost.
  attempts numeric,
  prompt_tokens numeric,
  completion_tokens numeric,
  cost_nano bigint not null default 0 check (cost_nano >= 0),
  total_ms numeric,
  upstream_ms numeric,
  raw_confidence numeric,
  confidence_method text,
  model_asked text,
  prompt_version text,
  schema_version text,
  family text,
  answer_hash bytea
)
-- Rows are written once and deleted in the order of their age: inserts alone must wake the vacuum.
with (autovacuum_vacuum_insert_scale_factor = 0.1);

-- A subject's own rows, the newest first.
create index if not exists ledger_subject_at_idx on semantic_analysis.ledger (subject, at);

-- A UTC day's rows, which the views by day ask for, the latest ones, and those to delete. Not of block
-- ranges: where rows of today fill the room of deleted ones, a range's oldest row stays in its summary.
create index if not exists ledger_day_at_idx
on semantic_analysis.ledger (((at at time zone 'utc')::date), at);

-- Where denials of a minute are counted in one row.
create unique index if not exists ledger_denials_idx
on semantic_analysis.ledger (subject, limited_by, at)
where limited_by is not null and subject <> 'deleted';

comment on table semantic_analysis.ledger is
  'One row per request that got as far as the limits. Denials of a subject by the same limit within a minute share one row, so that a caller who is denied can''t fill the disk.';
comment on column semantic_analysis.ledger.id is
  'The request''s id, as in its response and in the log.';
comment on column semantic_analysis.ledger.at is
  'When it was answered; of denials, the beginning of their minute.';
comment on column semantic_analysis.ledger.subject is
  'Whose limits were used: user:<uuid> or service:<name>; "deleted" for users who were deleted.';
comment on column semantic_analysis.ledger.caller is
  'user, anonymous or service.';
comment on column semantic_analysis.ledger.analysis_type is
  'What was asked for.';
comment on column semantic_analysis.ledger.outcome is
  'ok, DISCONNECTED where the client left, or the code of the error.';
comment on column semantic_analysis.ledger.limited_by is
  'The limit that denied: minute, day, concurrent, month, anonymous_day or project_month.';
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
  'Attempts, of all models together.';
comment on column semantic_analysis.ledger.prompt_tokens is
  'Of all attempts together, as the provider told them; null where it didn''t.';
comment on column semantic_analysis.ledger.completion_tokens is
  'As prompt_tokens.';
comment on column semantic_analysis.ledger.cost_nano is
  'Nano-dollars (1e-9 $) at list prices; of attempts that may have been billed without telling their tokens, their bounds.';
comment on column semantic_analysis.ledger.total_ms is
  'Milliseconds from the request''s arrival to its response.';
comment on column semantic_analysis.ledger.upstream_ms is
  'Of these, at the provider.';
comment on column semantic_analysis.ledger.raw_confidence is
  'The figure of a structured answer, neither calibrated nor capped; null where there is none. It and the next ones are what a label is paired with.';
comment on column semantic_analysis.ledger.confidence_method is
  'How that figure came about: token_logprob, fused, verbalized or none.';
comment on column semantic_analysis.ledger.model_asked is
  'The model that the figure is of, as it was asked.';
comment on column semantic_analysis.ledger.prompt_version is
  'Of the words that asked, 16 hex digits.';
comment on column semantic_analysis.ledger.schema_version is
  'Of the form of the answer and the rule that makes its figure, 16 hex digits.';
comment on column semantic_analysis.ledger.family is
  'The family that was answered.';
comment on column semantic_analysis.ledger.answer_hash is
  'The same for all who were given the same answer: a hash of its cache key; null for an answer that is not shared.';

alter table semantic_analysis.ledger enable row level security;

-- The token's claims are read as PostgREST leaves them, so that the migration needs no auth schema. In a
-- sub-select they are read once a query and not once a row.
drop policy if exists ledger_select_own on semantic_analysis.ledger;
create policy ledger_select_own on semantic_analysis.ledger
for select to authenticated
using (
  subject = 'user:' || (nullif((select current_setting('request.jwt.claims', true)), '')::jsonb ->> 'sub')
);

comment on policy ledger_select_own on semantic_analysis.ledger is
  'Users see what they themselves have used.';

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

create or replace function semantic_analysis.write_ledger(
  p_entry jsonb,
  p_id uuid,
  p_subject text,
  p_cost_nano bigint,
  p_now timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_limited_by text := left(p_entry ->> 'limited_by', 200);
begin
  if exists (select from semantic_analysis.ledger where id = p_id) then
    return;
  end if;
  -- Figures and names come from a provider: whatever they are, the row is written.
  insert into semantic_analysis.ledger as l (
    id, at, subject, caller, analysis_type, outcome, limited_by, requests, cache, is_streamed,
    model_requested, model_used, attempts, prompt_tokens, completion_tokens, cost_nano, total_ms,
    upstream_ms, raw_confidence, confidence_method, model_asked, prompt_version, schema_version,
    family, answer_hash
  )
  values (
    p_id,
    case when v_limited_by is null then p_now else date_trunc('minute', p_now) end,
    p_subject,
    left(p_entry ->> 'caller', 200),
    left(p_entry ->> 'analysis_type', 200),
    left(coalesce(p_entry ->> 'outcome', 'unknown'), 200),
    v_limited_by,
    greatest((p_entry ->> 'requests')::numeric, 1),
    left(p_entry ->> 'cache', 200),
    (p_entry ->> 'is_streamed')::boolean,
    left(p_entry ->> 'model_requested', 200),
    left(p_entry ->> 'model_used', 200),
    (p_entry ->> 'attempts')::numeric,
    (p_entry ->> 'prompt_tokens')::numeric,
    (p_entry ->> 'completion_tokens')::numeric,
    p_cost_nano,
    (p_entry ->> 'total_ms')::numeric,
    (p_entry ->> 'upstream_ms')::numeric,
    (p_entry ->> 'raw_confidence')::numeric,
    left(p_entry ->> 'confidence_method', 200),
    left(p_entry ->> 'model_asked', 200),
    left(p_entry ->> 'prompt_version', 200),
    left(p_entry ->> 'schema_version', 200),
    left(p_entry ->> 'family', 200),
    decode(p_entry ->> 'answer_hash', 'hex')
  )
  on conflict (subject, limited_by, at) where limited_by is not null and subject <> 'deleted'
  do update set requests = l.requests + excluded.requests;
end;
$$;

comment on function semantic_analysis.write_ledger is
  'Writes a request''s row of the ledger, once; of denials, the one row of their minute. p_entry: columns by name, as far as they can be stored.';

revoke all on table
  semantic_analysis.ledger,
  public.semantic_analysis_usage
from public, anon, authenticated, service_role;
grant usage on schema semantic_analysis to authenticated;
grant select on table semantic_analysis.ledger to authenticated;
grant select on table public.semantic_analysis_usage to authenticated;
revoke all on function semantic_analysis.write_ledger
from public, anon, authenticated, service_role;
