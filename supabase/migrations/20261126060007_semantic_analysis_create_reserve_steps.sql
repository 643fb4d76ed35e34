-- The steps of reserve: one decision on all limits, before a model is asked.
--
-- Rows are locked in one order everywhere, so that no two requests wait for each other: the subject's,
-- the anonymous users' budget, the project's, the answer's. The clock is read once, with the subject's
-- row locked. p_now stands in for it in tests; the functions of the API never pass it.

do $$
begin
  create type semantic_analysis.denial as (
    limited_by text,
    wait interval
  );
exception
  when duplicate_object then null;
end
$$;

comment on type semantic_analysis.denial is
  'The limit that denies for longest, and for how long; both null while no limit denies.';

create or replace function semantic_analysis.find_denial(
  p_row semantic_analysis.rate_limits,
  p_limits semantic_analysis.limits,
  p_ceiling_nano bigint,
  p_now timestamptz
)
returns semantic_analysis.denial
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- Requests end within seconds, long before their lease does.
  c_concurrent_wait constant interval := interval '1 second';
  v_interval constant interval := interval '1 minute' / p_limits.per_minute;
  v_limited_by text;
  v_wait interval := p_row.tat + v_interval - (p_now + v_interval * p_limits.burst);
  v_one_wait interval;
begin
  if v_wait > interval '0' then
    v_limited_by := 'minute';
  else
    v_wait := interval '0';
  end if;
  -- Without a ceiling only the minute was asked for.
  if p_ceiling_nano is not null then
    if cardinality(p_row.holds) >= p_limits.concurrent and c_concurrent_wait > v_wait then
      v_limited_by := 'concurrent';
      v_wait := c_concurrent_wait;
    end if;
    if p_row.day_used >= p_limits.per_day then
      v_one_wait := (p_row.day + 1)::timestamp at time zone 'utc' - p_now;
      if v_one_wait > v_wait then
        v_limited_by := 'day';
        v_wait := v_one_wait;
      end if;
    end if;
    if p_row.spent_nano + p_ceiling_nano > p_limits.nano_per_month then
      v_one_wait := (p_row.month + interval '1 month') at time zone 'utc' - p_now;
      if v_one_wait > v_wait then
        v_limited_by := 'month';
        v_wait := v_one_wait;
      end if;
    end if;
  end if;
  return row(v_limited_by, case when v_limited_by is not null then v_wait end);
end;
$$;

comment on function semantic_analysis.find_denial is
  'Which of a subject''s own limits denies for longest, of a row as bring_up_to_date leaves it with tat between now and the whole burst.';

create or replace function semantic_analysis.take_from_budgets(
  p_denial semantic_analysis.denial,
  p_ceiling_nano bigint,
  p_anonymous_nano_per_day bigint,
  p_project_nano_per_month bigint,
  p_now timestamptz
)
returns semantic_analysis.denial
language plpgsql
set search_path = ''
as $$
declare
  v_name text;
  v_limit bigint;
  v_period date;
  v_taken_from date;
  v_budget semantic_analysis.budgets;
  v_wait interval;
begin
  foreach v_name in array array['anonymous', 'project'] loop
    v_limit := case v_name
      when 'anonymous' then p_anonymous_nano_per_day
      else p_project_nano_per_month
    end;
    continue when v_limit is null;
    if p_denial.limited_by is null then
      v_period := semantic_analysis.take_from_budget(v_name, p_ceiling_nano, v_limit, p_now);
      if v_period is not null then
        v_taken_from := v_period;
        continue;
      end if;
    end if;
    -- A request that is denied already leaves the row alone, which all others wait for.
    v_budget := semantic_analysis.read_budget(v_name, p_now);
    v_wait := semantic_analysis.next_period(v_name, v_budget.period)::timestamp at time zone 'utc'
      - p_now;
    if v_budget.spent_nano + p_ceiling_nano > v_limit
      and v_wait > coalesce(p_denial.wait, interval '0') then
      p_denial := row(
        case v_name when 'anonymous' then 'anonymous_day' else 'project_month' end, v_wait
      );
    end if;
  end loop;
  -- The project's is the last: what was taken before its denial is the anonymous users'.
  if p_denial.limited_by is not null and v_taken_from is not null then
    perform semantic_analysis.correct_budget('anonymous', v_taken_from, -p_ceiling_nano, p_now);
  end if;
  return p_denial;
end;
$$;

comment on function semantic_analysis.take_from_budgets is
  'Takes a ceiling from both budgets, where they have a limit, or from none of them; p_denial, or that of a budget which denies for longer.';

create or replace function semantic_analysis.claim_answer(
  p_key bytea,
  p_id uuid,
  p_lease_until timestamptz,
  p_now timestamptz
)
returns semantic_analysis.answers
language plpgsql
set search_path = ''
as $$
declare
  v_answer semantic_analysis.answers;
begin
  loop
    insert into semantic_analysis.answers as a (key, position, holder, lease_until)
    values (p_key, nextval('semantic_analysis.answer_positions'), p_id, p_lease_until)
    on conflict (key) do update
    set position = excluded.position,
      body = null,
      stored_at = null,
      expires_at = null,
      holder = excluded.holder,
      lease_until = excluded.lease_until,
      failure = null
    where not semantic_analysis.is_answered(a, p_now);
    if found then
      return null;
    end if;
    select * into v_answer from semantic_analysis.answers where key = p_key;
    if semantic_analysis.is_answered(v_answer, p_now) then
      return v_answer;
    end if;
  end loop;
end;
$$;

comment on function semantic_analysis.claim_answer is
  'Makes a request the leader of its cache key: null, or the answer where another request was quicker.';

create or replace function semantic_analysis.deny(
  p_row semantic_analysis.rate_limits,
  p_limits semantic_analysis.limits,
  p_denial semantic_analysis.denial,
  p_now timestamptz
)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  -- Only where the clock stepped back, or the burst is smaller than before: what is stored would deny
  -- until the clock has caught up with it.
  update semantic_analysis.rate_limits
  set tat = p_row.tat
  where subject = p_row.subject and tat > p_row.tat;
  return semantic_analysis.to_state(p_row, p_limits, p_now) || jsonb_build_object(
    'outcome', 'denied',
    'limited_by', p_denial.limited_by,
    'retry_after_ms', ceil(extract(epoch from p_denial.wait) * 1000)
  );
end;
$$;

comment on function semantic_analysis.deny is
  'What a denied request is told. Nothing is taken.';

create or replace function semantic_analysis.take(
  p_row semantic_analysis.rate_limits,
  p_interval interval,
  p_hold semantic_analysis.hold
)
returns semantic_analysis.rate_limits
language plpgsql
set search_path = ''
as $$
begin
  p_row.tat := p_row.tat + p_interval;
  if p_hold.id is not null then
    p_row.day_used := p_row.day_used + 1;
    p_row.spent_nano :=
      semantic_analysis.to_nano(p_row.spent_nano::numeric + p_hold.ceiling_nano);
    p_row.holds := p_row.holds || p_hold;
  end if;
  update semantic_analysis.rate_limits
  set tat = p_row.tat, day = p_row.day, day_used = p_row.day_used, month = p_row.month,
    spent_nano = p_row.spent_nano, holds = p_row.holds
  where subject = p_row.subject;
  return p_row;
end;
$$;

comment on function semantic_analysis.take is
  'Stores a row from which a minute unit was taken, and with a hold all that it holds.';

create or replace function semantic_analysis.to_answered(
  p_answer semantic_analysis.answers,
  p_now timestamptz
)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  if p_answer.body is not null and p_answer.expires_at > p_now then
    return jsonb_build_object(
      'outcome', 'hit',
      'answer', p_answer.body,
      'age_ms', floor(extract(epoch from p_now - p_answer.stored_at) * 1000)
    );
  end if;
  return jsonb_build_object('outcome', 'follower', 'holder', p_answer.holder);
end;
$$;

comment on function semantic_analysis.to_answered is
  'What a request is told that has no model to ask: the stored answer, or its leader.';

revoke all on function
  semantic_analysis.find_denial,
  semantic_analysis.take_from_budgets,
  semantic_analysis.claim_answer,
  semantic_analysis.deny,
  semantic_analysis.take,
  semantic_analysis.to_answered
from public, anon, authenticated, service_role;
