-- Answers that may be given again, and those that followers wait for.
--
-- Written by reserve (a leader's claim on a cache key) and by settle (what came of it); read by reserve
-- and, while followers wait, by public.semantic_analysis_read_answer.

create sequence if not exists semantic_analysis.answer_positions;

create table if not exists semantic_analysis.answers (
  key bytea primary key check (octet_length(key) = 32),
  position bigint not null,
  body text,
  stored_at timestamptz,
  expires_at timestamptz,
  holder uuid,
  lease_until timestamptz,
  failure jsonb
)
-- A row is written twice: when it is claimed and when it is answered.
with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

-- The oldest are found here when the table is full.
create index if not exists answers_position_idx on semantic_analysis.answers (position);

comment on sequence semantic_analysis.answer_positions is
  'Numbers the rows of answers in the order of their last writing.';
comment on table semantic_analysis.answers is
  'The cache, and where identical requests meet: of those under way one, the leader, asks a model.';
comment on column semantic_analysis.answers.key is
  'The cache key: SHA-256 over everything that the answer depends on.';
comment on column semantic_analysis.answers.position is
  'Order of writing. Only the newest so many are kept, so the table''s size is bounded without counting.';
comment on column semantic_analysis.answers.body is
  'The answer as JSON text; null while there is none.';
comment on column semantic_analysis.answers.stored_at is
  'When body was written.';
comment on column semantic_analysis.answers.expires_at is
  'Until when body answers new requests. An answer not worth keeping expires at once: only its followers get it.';
comment on column semantic_analysis.answers.holder is
  'The request that asks a model, or was the last to ask.';
comment on column semantic_analysis.answers.lease_until is
  'Until when followers may count on the holder; null once it has settled.';
comment on column semantic_analysis.answers.failure is
  'What the holder failed with: code, message, retry_after_ms. For its followers alone.';

-- As for the tables of the limits.
alter table semantic_analysis.answers enable row level security;
drop policy if exists no_access on semantic_analysis.answers;
create policy no_access on semantic_analysis.answers using (false);

create or replace function semantic_analysis.is_answered(
  p_answer semantic_analysis.answers,
  p_now timestamptz
)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
  return coalesce(p_answer.body is not null and p_answer.expires_at > p_now, false)
    or coalesce(p_answer.lease_until > p_now, false);
end;
$$;

comment on function semantic_analysis.is_answered is
  'Whether an answer can be given, or waited for, at this moment: there is no model to ask.';

create or replace function public.semantic_analysis_read_answer(p_key text, p_holder uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
declare
  v_answer semantic_analysis.answers;
  v_now timestamptz := clock_timestamp();
begin
  select * into v_answer from semantic_analysis.answers where key = decode(p_key, 'hex');
  if v_answer.body is not null and (v_answer.holder = p_holder or v_answer.expires_at > v_now) then
    return jsonb_build_object('state', 'ready', 'answer', v_answer.body);
  end if;
  if v_answer.lease_until > v_now then
    return jsonb_build_object('state', 'pending');
  end if;
  if v_answer.holder = p_holder and v_answer.failure is not null then
    return jsonb_build_object('state', 'failed', 'failure', v_answer.failure);
  end if;
  return jsonb_build_object('state', 'free');
end;
$$;

comment on function public.semantic_analysis_read_answer(text, uuid) is
  'What has become of the answer that p_holder was asking for: ready, pending, failed, or free for another request to lead. For service_role only.';

revoke all on table semantic_analysis.answers from public, anon, authenticated, service_role;
revoke all on sequence semantic_analysis.answer_positions
from public, anon, authenticated, service_role;
revoke all on function
  semantic_analysis.is_answered,
  public.semantic_analysis_read_answer(text, uuid)
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_read_answer(text, uuid) to service_role;
