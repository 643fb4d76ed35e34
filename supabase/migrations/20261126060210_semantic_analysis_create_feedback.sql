-- Feedback: what callers say of answers that they were given.
--
-- Written by the edge function through public.semantic_analysis_give_feedback. It changes no figure: an
-- operator accepts it first (the next migration). What it is about is copied from the ledger, whose rows
-- are deleted earlier than accepted labels.

create table if not exists semantic_analysis.feedback (
  request_id uuid primary key,
  subject text not null,
  caller text not null,
  given_at timestamptz not null,
  verdict text not null check (verdict in ('right', 'wrong')),
  correction jsonb not null default '{}',
  model text,
  prompt_version text,
  schema_version text,
  method text,
  raw_confidence numeric,
  family text,
  answer_hash bytea,
  state text not null default 'new' check (state in ('new', 'accepted', 'rejected')),
  is_family_right boolean,
  reviewed_at timestamptz
);

-- What waits for its review, the oldest first.
create index if not exists feedback_to_review_idx on semantic_analysis.feedback (given_at)
where state = 'new' and caller <> 'anonymous' and raw_confidence is not null;

-- What was accepted, and what may be deleted.
create index if not exists feedback_state_idx on semantic_analysis.feedback (state, given_at);

-- For the deletion of a user.
create index if not exists feedback_subject_idx on semantic_analysis.feedback (subject);

comment on table semantic_analysis.feedback is
  'One row an answer that its caller has said something of: the last that was said. No picture, prompt or description.';
comment on column semantic_analysis.feedback.request_id is
  'The request that was answered.';
comment on column semantic_analysis.feedback.subject is
  'Whose request it was, and whose feedback it is.';
comment on column semantic_analysis.feedback.caller is
  'user, anonymous or service, when it was given. Anonymous users'' never becomes a label.';
comment on column semantic_analysis.feedback.given_at is
  'When it was given, or changed last.';
comment on column semantic_analysis.feedback.verdict is
  'right or wrong, of the answer as a whole.';
comment on column semantic_analysis.feedback.correction is
  'Properties as the caller has them, of the closed lists, and the type.';
comment on column semantic_analysis.feedback.model is
  'Of the ledger, as the next five: the model that the figure is of.';
comment on column semantic_analysis.feedback.prompt_version is
  'Of the words that asked.';
comment on column semantic_analysis.feedback.schema_version is
  'Of the form of the answer and the rule that makes its figure.';
comment on column semantic_analysis.feedback.method is
  'How the raw figure came about.';
comment on column semantic_analysis.feedback.raw_confidence is
  'Neither calibrated nor capped.';
comment on column semantic_analysis.feedback.family is
  'The family that was answered.';
comment on column semantic_analysis.feedback.answer_hash is
  'The same for all who were given the same answer; null for an answer that is not shared.';
comment on column semantic_analysis.feedback.state is
  'new until an operator has reviewed it, and again when it is changed; then accepted or rejected.';
comment on column semantic_analysis.feedback.is_family_right is
  'The event that is calibrated, as it was accepted; null before.';
comment on column semantic_analysis.feedback.reviewed_at is
  'When an operator has decided; null before.';

-- Row level security as on the tables of the limits: functions alone reach the rows.
alter table semantic_analysis.feedback enable row level security;
drop policy if exists no_access on semantic_analysis.feedback;
create policy no_access on semantic_analysis.feedback using (false);

create or replace function semantic_analysis.give_feedback_at(
  p_subject text,
  p_request_id uuid,
  p_verdict text,
  p_correction jsonb,
  p_now timestamptz default null
)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  c_window constant interval := interval '30 days';
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_request semantic_analysis.ledger;
begin
  if octet_length(p_correction::text) > 1000 then
    raise exception 'A correction has at most 1000 bytes' using errcode = 'invalid_parameter_value';
  end if;
  select * into v_request from semantic_analysis.ledger
  where id = p_request_id and subject = p_subject and outcome = 'ok' and at > v_now - c_window;
  -- Another's request looks like one that never was; so do those of a user who was deleted meanwhile.
  if not found or semantic_analysis.is_deleted(p_subject) then
    return false;
  end if;
  insert into semantic_analysis.feedback (
    request_id, subject, caller, given_at, verdict, correction, model, prompt_version,
    schema_version, method, raw_confidence, family, answer_hash
  )
  values (
    p_request_id,
    p_subject,
    case
      when semantic_analysis.is_anonymous(p_subject) then 'anonymous'
      else coalesce(v_request.caller, 'anonymous')
    end,
    v_now,
    p_verdict,
    coalesce(p_correction, '{}'),
    v_request.model_asked,
    v_request.prompt_version,
    v_request.schema_version,
    v_request.confidence_method,
    v_request.raw_confidence,
    v_request.family,
    v_request.answer_hash
  )
  on conflict (request_id) do update
  set given_at = excluded.given_at,
    verdict = excluded.verdict,
    correction = excluded.correction,
    state = 'new',
    is_family_right = null,
    reviewed_at = null
  -- The same once more asks for no second review.
  where (feedback.verdict, feedback.correction)
    is distinct from (excluded.verdict, excluded.correction);
  return true;
end;
$$;

comment on function semantic_analysis.give_feedback_at is
  'Keeps what a subject says of an answer of the last 30 days that it was given itself; whether there is such an answer.';

create or replace function public.semantic_analysis_give_feedback(
  p_subject text,
  p_request_id uuid,
  p_verdict text,
  p_correction jsonb default null
)
returns boolean
language plpgsql
security definer
set search_path = ''
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
begin
  return semantic_analysis.give_feedback_at(p_subject, p_request_id, p_verdict, p_correction);
end;
$$;

comment on function public.semantic_analysis_give_feedback(text, uuid, text, jsonb) is
  'Keeps a verdict, right or wrong, and a correction of an answer that p_subject was given; false where there is none of the last 30 days. For service_role only.';

create or replace view semantic_analysis.feedback_by_day
with (security_invoker = true)
as
select
  (given_at at time zone 'utc')::date as day,
  caller,
  model,
  state,
  count(*) as answers,
  count(*) filter (where verdict = 'wrong') as wrong
from semantic_analysis.feedback
group by 1, 2, 3, 4;

comment on view semantic_analysis.feedback_by_day is
  'How many answers were said to be right and wrong, by UTC day, kind of caller, model and state.';

revoke all on table
  semantic_analysis.feedback,
  semantic_analysis.feedback_by_day
from public, anon, authenticated, service_role;
revoke all on function
  semantic_analysis.give_feedback_at,
  public.semantic_analysis_give_feedback(text, uuid, text, jsonb)
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_give_feedback(text, uuid, text, jsonb)
to service_role;
