-- Answers that may be given again, and those that somebody is waiting for.
--
-- Written by reserve (the claim to be the one who asks) and by settle (what came of it); read by
-- reserve and, while it is waited for, by read_answer.

create sequence if not exists semantic_analysis.answer_positions;

revoke all on sequence semantic_analysis.answer_positions
from public, anon, authenticated, service_role;

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
  'The cache, and the meeting place of identical requests: at most one of them asks the model.';
comment on column semantic_analysis.answers.key is
  'SHA-256 over everything that the answer depends on.';
comment on column semantic_analysis.answers.position is
  'Order of writing. Only the newest so many are kept, so the table''s size is bounded without counting.';
comment on column semantic_analysis.answers.body is
  'The answer as JSON text; null while there is none.';
comment on column semantic_analysis.answers.stored_at is
  'When body was written.';
comment on column semantic_analysis.answers.expires_at is
  'Until when body answers new requests. An answer not worth keeping expires at once, and is only for those who wait for it.';
comment on column semantic_analysis.answers.holder is
  'The request that asks, or was the last to ask.';
comment on column semantic_analysis.answers.lease_until is
  'Until when the others may count on the holder; null once it has settled.';
comment on column semantic_analysis.answers.failure is
  'What the holder failed with: code, message, retry_after_ms. For those who wait for it alone.';

alter table semantic_analysis.answers enable row level security;

revoke all on table semantic_analysis.answers from public, anon, authenticated, service_role;

-- Whether a request with this key has nothing to ask: the answer is there, or on its way.
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
  'Whether an answer can be given, or waited for, at this moment.';

revoke execute on function semantic_analysis.is_answered from public;
