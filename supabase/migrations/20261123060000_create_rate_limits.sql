-- Per-subject rate limits of the semantic-analysis function: a minute limit with burst and a UTC-day
-- limit, decided together in one round trip.
--
-- Called by the edge functions through PostgREST with a project secret (role service_role):
--   public.semantic_analysis_reserve      decides, and takes a unit of each limit when it admits
--   public.semantic_analysis_read_limits  shows the same state, taking nothing
-- Nobody else can call or read any of it.

create schema if not exists semantic_analysis;

revoke all on schema semantic_analysis from public;

comment on schema semantic_analysis is
  'Private to the semantic-analysis function. Not exposed by the API; reached only through the public.semantic_analysis_* functions.';

create table if not exists semantic_analysis.rate_limits (
  subject text primary key check (char_length(subject) between 1 and 200),
  tat timestamptz not null,
  day date not null,
  day_used integer not null check (day_used >= 0)
)
-- Every request rewrites its subject's row. Room on each page lets the new version stay beside the
-- old one (a HOT update: no index entry is written), and early vacuuming keeps the pages few.
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

comment on table semantic_analysis.rate_limits is
  'One row per subject that has ever been admitted: the whole state of its limits.';
comment on column semantic_analysis.rate_limits.subject is
  'Who the limits belong to: user:<uuid> or service:<name of the project secret>.';
comment on column semantic_analysis.rate_limits.tat is
  'Theoretical arrival time of the generic cell rate algorithm: when the burst is whole again.';
comment on column semantic_analysis.rate_limits.day is
  'The UTC day that day_used counts.';
comment on column semantic_analysis.rate_limits.day_used is
  'Requests admitted on that day.';

-- No policy: only the owner of the functions below gets past this.
alter table semantic_analysis.rate_limits enable row level security;

revoke all on table semantic_analysis.rate_limits from public, anon, authenticated, service_role;

-- The state of both limits of one subject, as the API answers it.
do $$
begin
  create type semantic_analysis.rate_limit_decision as (
    allowed boolean,
    limited_by text,
    retry_after_ms bigint,
    minute_remaining integer,
    minute_reset_ms bigint,
    day_remaining integer,
    day_reset_ms bigint
  );
exception
  when duplicate_object then null;
end
$$;

comment on type semantic_analysis.rate_limit_decision is
  'allowed: whether a request is (or would be) admitted. limited_by: the limit with the longest wait, minute or day, when it is not. retry_after_ms: that wait. *_remaining: requests left. *_reset_ms: milliseconds until the limit is whole again.';

-- The decision itself. p_now stands in for the clock in tests; the functions of the API never pass it.
--
-- Minute: the generic cell rate algorithm (ITU-T I.371) in its virtual scheduling form. With
-- T = 60 s / rate a request is admitted if max(tat, now) + T <= now + burst * T, and then
-- tat = max(tat, now) + T. In any time t no more than burst + rate * t requests get through.
create or replace function semantic_analysis.decide(
  p_subject text,
  p_per_minute integer,
  p_burst integer,
  p_per_day integer,
  p_is_reserving boolean,
  p_now timestamptz default null
)
returns semantic_analysis.rate_limit_decision
language plpgsql
set search_path = ''
as $$
declare
  v_row semantic_analysis.rate_limits;
  v_now timestamptz;
  v_today date;
  v_interval interval;
  v_window interval;
  v_tat timestamptz;
  v_minute_wait interval := interval '0';
  v_day_wait interval := interval '0';
  v_day_end timestamptz;
  v_decision semantic_analysis.rate_limit_decision;
begin
  if p_per_minute < 1 or p_burst < 1 or p_per_day < 1 then
    raise exception 'Limits must be at least 1, got %, % and %', p_per_minute, p_burst, p_per_day
      using errcode = 'invalid_parameter_value';
  end if;

  if p_is_reserving then
    -- The row lock makes parallel requests of one subject take turns; others are not held up.
    select * into v_row from semantic_analysis.rate_limits where subject = p_subject for update;
    if not found then
      -- Two first requests at once: one inserts, the other waits here and then locks that row.
      insert into semantic_analysis.rate_limits (subject, tat, day, day_used)
      values (p_subject, '-infinity', '-infinity', 0)
      on conflict (subject) do nothing;
      select * into v_row from semantic_analysis.rate_limits where subject = p_subject for update;
    end if;
  else
    select * into v_row from semantic_analysis.rate_limits where subject = p_subject;
  end if;

  -- Read once, after the lock was got: now() is the transaction's start, before the wait for it.
  v_now := coalesce(p_now, clock_timestamp());
  v_today := (v_now at time zone 'utc')::date;
  v_interval := interval '1 minute' / p_per_minute;
  v_window := v_interval * p_burst;

  -- A day stored one ahead means that the clock stepped back over midnight: it is kept, or the day
  -- could be used twice. Further ahead is a clock that had been wrong: it is reset.
  if v_row.day is null or v_row.day < v_today or v_row.day > v_today + 1 then
    v_row.day := v_today;
    v_row.day_used := 0;
  end if;
  -- The upper bound is for a smaller burst than before, and for a clock that stepped back.
  v_tat := least(greatest(coalesce(v_row.tat, '-infinity'), v_now), v_now + v_window);
  v_day_end := (v_row.day + 1)::timestamp at time zone 'utc';

  if v_tat + v_interval > v_now + v_window then
    v_minute_wait := v_tat + v_interval - (v_now + v_window);
  end if;
  if v_row.day_used >= p_per_day then
    v_day_wait := v_day_end - v_now;
  end if;
  v_decision.allowed := v_minute_wait = interval '0' and v_day_wait = interval '0';

  if v_decision.allowed and p_is_reserving then
    v_tat := v_tat + v_interval;
    v_row.day_used := v_row.day_used + 1;
    update semantic_analysis.rate_limits
    set tat = v_tat, day = v_row.day, day_used = v_row.day_used
    where subject = p_subject;
  elsif not v_decision.allowed then
    v_decision.limited_by := case when v_day_wait > v_minute_wait then 'day' else 'minute' end;
    v_decision.retry_after_ms :=
      ceil(extract(epoch from greatest(v_day_wait, v_minute_wait)) * 1000);
  end if;

  v_decision.minute_remaining :=
    floor(extract(epoch from v_now + v_window - v_tat) / extract(epoch from v_interval));
  v_decision.minute_reset_ms := ceil(extract(epoch from v_tat - v_now) * 1000);
  v_decision.day_remaining := greatest(p_per_day - v_row.day_used, 0);
  v_decision.day_reset_ms := ceil(extract(epoch from v_day_end - v_now) * 1000);
  return v_decision;
end;
$$;

comment on function semantic_analysis.decide is
  'Decides on both limits of a subject at one moment; with p_is_reserving it takes a unit of each when it admits, and nothing when it refuses.';

revoke execute on function semantic_analysis.decide from public;

-- Both functions give up on a row that somebody else holds before the caller (2 s) gives up on them.
-- statement_timeout is applied by PostgREST 12.2 and later, which sets it for the transaction;
-- lock_timeout works everywhere.
create or replace function public.semantic_analysis_reserve(
  p_subject text,
  p_per_minute integer,
  p_burst integer,
  p_per_day integer
)
returns semantic_analysis.rate_limit_decision
language sql
security definer
set search_path = ''
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
  select semantic_analysis.decide(p_subject, p_per_minute, p_burst, p_per_day, true);
$$;

comment on function public.semantic_analysis_reserve(text, integer, integer, integer) is
  'Takes one request from a subject''s minute and day limits, or refuses and takes nothing. For service_role only.';

create or replace function public.semantic_analysis_read_limits(
  p_subject text,
  p_per_minute integer,
  p_burst integer,
  p_per_day integer
)
returns semantic_analysis.rate_limit_decision
language sql
stable
security definer
set search_path = ''
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
  select semantic_analysis.decide(p_subject, p_per_minute, p_burst, p_per_day, false);
$$;

comment on function public.semantic_analysis_read_limits(text, integer, integer, integer) is
  'Shows what is left of a subject''s limits, taking nothing. For service_role only.';

revoke execute on function public.semantic_analysis_reserve(text, integer, integer, integer)
from public, anon, authenticated;
revoke execute on function public.semantic_analysis_read_limits(text, integer, integer, integer)
from public, anon, authenticated;
grant execute on function public.semantic_analysis_reserve(text, integer, integer, integer) to service_role;
grant execute on function public.semantic_analysis_read_limits(text, integer, integer, integer) to service_role;
