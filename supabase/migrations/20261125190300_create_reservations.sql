-- Reserve, then settle: one decision on all limits before the model is asked, and one correction of
-- what was taken once it is known what the request cost.
--
-- Called by the edge functions through PostgREST with a project secret (role service_role):
--   public.semantic_analysis_reserve      takes, or answers from what is known, or refuses
--   public.semantic_analysis_settle       gives back, remembers the answer, writes the ledger
--   public.semantic_analysis_read_answer  for those who wait for somebody else's answer
--   public.semantic_analysis_read_limits  the same state as reserve, taking nothing
--   public.semantic_analysis_set_limits   changes a subject's or a plan's settings
--
-- Rows are locked in one order everywhere, the subject's, the project's, the answer's, so that nobody
-- waits in a circle; and the clock is read after the last lock that was waited for. p_now stands in for
-- it in tests; the functions of the API never pass it.
--
-- What each request calls is plpgsql, whose plans a connection keeps; a function in SQL with settings of
-- its own is planned anew at each call.

create or replace function semantic_analysis.limits_of(
  p_subject text,
  p_defaults semantic_analysis.limits
)
returns semantic_analysis.limits
language plpgsql
stable
set search_path = ''
as $$
declare
  v_own semantic_analysis.limit_settings;
  v_plan semantic_analysis.limit_settings;
  v_limits semantic_analysis.limits := p_defaults;
begin
  select * into v_own from semantic_analysis.limit_settings where subject = p_subject;
  if not found then
    return p_defaults;
  end if;
  if v_own.plan is not null then
    select * into v_plan from semantic_analysis.limit_settings where subject = v_own.plan;
  end if;
  v_limits.per_minute := coalesce(v_own.per_minute, v_plan.per_minute, p_defaults.per_minute);
  -- Whoever raises a rate and says nothing of the burst means a burst of the same size.
  v_limits.burst := coalesce(
    v_own.burst, v_own.per_minute, v_plan.burst, v_plan.per_minute, p_defaults.burst
  );
  v_limits.per_day := coalesce(v_own.per_day, v_plan.per_day, p_defaults.per_day);
  v_limits.concurrent := coalesce(v_own.concurrent, v_plan.concurrent, p_defaults.concurrent);
  v_limits.nano_per_month :=
    coalesce(v_own.nano_per_month, v_plan.nano_per_month, p_defaults.nano_per_month);
  return v_limits;
end;
$$;

comment on function semantic_analysis.limits_of is
  'The limits in force for a subject: its own settings, then its plan''s, then the defaults.';

create or replace function semantic_analysis.lock_row(p_subject text)
returns semantic_analysis.rate_limits
language plpgsql
set search_path = ''
as $$
declare
  v_row semantic_analysis.rate_limits;
begin
  -- The lock makes parallel requests of one subject take turns; others are not held up.
  select * into v_row from semantic_analysis.rate_limits where subject = p_subject for update;
  if not found then
    -- Two first requests at once: one inserts, the other waits here and then locks that row.
    insert into semantic_analysis.rate_limits (subject, tat, day, day_used)
    values (p_subject, '-infinity', '-infinity', 0)
    on conflict (subject) do nothing;
    select * into v_row from semantic_analysis.rate_limits where subject = p_subject for update;
  end if;
  return v_row;
end;
$$;

comment on function semantic_analysis.lock_row is
  'Locks a row of rate_limits to the end of the transaction, making it where there is none.';

create or replace function semantic_analysis.bring_up_to_date(
  p_row semantic_analysis.rate_limits,
  p_now timestamptz
)
returns semantic_analysis.rate_limits
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_today date := (p_now at time zone 'utc')::date;
  v_month date := v_today - (extract(day from v_today)::integer - 1);
begin
  -- A day or month stored one ahead means that the clock stepped back over its beginning: it is kept,
  -- or it could be used twice. Further ahead is a clock that had been wrong: it is reset.
  if p_row.day is null or p_row.day < v_today or p_row.day > v_today + 1 then
    p_row.day := v_today;
    p_row.day_used := 0;
  end if;
  if p_row.month is null or p_row.month < v_month or p_row.month > v_month + interval '1 month' then
    p_row.month := v_month;
    p_row.spent_nano := 0;
  end if;
  if cardinality(p_row.holds) > 0 then
    p_row.holds := array(
      select hold from unnest(p_row.holds) as hold where hold.expires_at > p_now
    );
  end if;
  return p_row;
end;
$$;

comment on function semantic_analysis.bring_up_to_date is
  'A row as it is at this moment: counters of a past day or month at zero, expired holds dropped. What they took stays taken.';

create or replace function semantic_analysis.to_state(
  p_row semantic_analysis.rate_limits,
  p_limits semantic_analysis.limits,
  p_now timestamptz
)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'per_minute', p_limits.per_minute,
    'burst', p_limits.burst,
    'minute_remaining', floor(
      extract(
        epoch from p_now + interval '1 minute' / p_limits.per_minute * p_limits.burst - p_row.tat
      ) / extract(epoch from interval '1 minute' / p_limits.per_minute)
    ),
    'minute_reset_ms', ceil(extract(epoch from p_row.tat - p_now) * 1000),
    'per_day', p_limits.per_day,
    'day_remaining', greatest(p_limits.per_day - p_row.day_used, 0),
    'day_reset_ms', ceil(extract(
      epoch from (p_row.day + 1)::timestamp at time zone 'utc' - p_now
    ) * 1000),
    'concurrent', p_limits.concurrent,
    'held', cardinality(p_row.holds),
    'nano_per_month', p_limits.nano_per_month,
    'spent_nano', p_row.spent_nano,
    'month_reset_ms', ceil(extract(
      epoch from (p_row.month + interval '1 month') at time zone 'utc' - p_now
    ) * 1000)
  );
end;
$$;

comment on function semantic_analysis.to_state is
  'The limits of a row and what is left of them, as the API answers them; *_reset_ms: milliseconds until whole again.';

create or replace function semantic_analysis.reserve_at(
  p_subject text,
  p_id uuid,
  p_defaults semantic_analysis.limits,
  p_project_nano_per_month bigint,
  p_ceiling_nano bigint,
  p_key bytea,
  p_now timestamptz default null
)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- The longest that a request may be under way (65 s), and room for a settle that comes late.
  c_lease constant interval := interval '90 seconds';
  -- Requests end within seconds, long before their hold expires.
  c_concurrent_wait constant interval := interval '1 second';
  v_limits semantic_analysis.limits := semantic_analysis.limits_of(p_subject, p_defaults);
  v_interval interval;
  v_window interval;
  v_row semantic_analysis.rate_limits;
  v_project semantic_analysis.rate_limits;
  v_answer semantic_analysis.answers;
  v_now timestamptz;
  v_wait interval;
  v_one_wait interval;
  v_limited_by text;
  v_outcome text;
begin
  if v_limits.per_minute < 1 or v_limits.burst < 1 or v_limits.per_day < 0
    or v_limits.concurrent < 1 or p_ceiling_nano < 0 then
    raise exception 'Limits must be at least 1, got %', v_limits
      using errcode = 'invalid_parameter_value';
  end if;

  v_row := semantic_analysis.lock_row(p_subject);
  if p_key is not null then
    select * into v_answer from semantic_analysis.answers where key = p_key;
  end if;
  v_now := coalesce(p_now, clock_timestamp());
  -- All subjects share the project's row: it is left alone by requests that will spend nothing.
  if p_project_nano_per_month is not null and p_ceiling_nano is not null
    and not semantic_analysis.is_answered(v_answer, v_now) then
    v_project := semantic_analysis.lock_row('project');
    v_now := coalesce(p_now, clock_timestamp());
    v_project := semantic_analysis.bring_up_to_date(v_project, v_now);
  end if;
  v_row := semantic_analysis.bring_up_to_date(v_row, v_now);

  -- Minute: the generic cell rate algorithm (ITU-T I.371) in its virtual scheduling form. With
  -- T = 60 s / rate a request is admitted if max(tat, now) + T <= now + burst * T, and then
  -- tat = max(tat, now) + T. In any time t no more than burst + rate * t requests get through. The
  -- upper bound of tat is for a smaller burst than before, and for a clock that stepped back.
  v_interval := interval '1 minute' / v_limits.per_minute;
  v_window := v_interval * v_limits.burst;
  v_row.tat := least(greatest(v_row.tat, v_now), v_now + v_window);
  v_wait := v_row.tat + v_interval - (v_now + v_window);
  if v_wait > interval '0' then
    v_limited_by := 'minute';
  else
    v_wait := interval '0';
  end if;

  if p_ceiling_nano is null then
    -- Only the minute was asked for.
    v_outcome := 'minute';
  elsif semantic_analysis.is_answered(v_answer, v_now) then
    v_outcome := 'answered';
  else
    v_outcome := 'leader';
    -- Named is the limit with the longest wait.
    if cardinality(v_row.holds) >= v_limits.concurrent and c_concurrent_wait > v_wait then
      v_limited_by := 'concurrent';
      v_wait := c_concurrent_wait;
    end if;
    v_one_wait := (v_row.day + 1)::timestamp at time zone 'utc' - v_now;
    if v_row.day_used >= v_limits.per_day and v_one_wait > v_wait then
      v_limited_by := 'day';
      v_wait := v_one_wait;
    end if;
    v_one_wait := (v_row.month + interval '1 month') at time zone 'utc' - v_now;
    if v_row.spent_nano + p_ceiling_nano > v_limits.nano_per_month and v_one_wait > v_wait then
      v_limited_by := 'month';
      v_wait := v_one_wait;
    end if;
    v_one_wait := (v_project.month + interval '1 month') at time zone 'utc' - v_now;
    if v_project.spent_nano + p_ceiling_nano > p_project_nano_per_month and v_one_wait > v_wait then
      v_limited_by := 'project_month';
      v_wait := v_one_wait;
    end if;
  end if;

  if v_limited_by is not null then
    return semantic_analysis.to_state(v_row, v_limits, v_now) || jsonb_build_object(
      'outcome', 'denied',
      'limited_by', v_limited_by,
      'retry_after_ms', ceil(extract(epoch from v_wait) * 1000)
    );
  end if;

  if v_outcome = 'leader' and p_key is not null then
    loop
      insert into semantic_analysis.answers as a (key, position, holder, lease_until)
      values (
        p_key, nextval('semantic_analysis.answer_positions'), p_id, v_now + c_lease
      )
      on conflict (key) do update
      set position = excluded.position,
        body = null,
        stored_at = null,
        expires_at = null,
        holder = excluded.holder,
        lease_until = excluded.lease_until,
        failure = null
      where not semantic_analysis.is_answered(a, v_now);
      exit when found;
      -- Another subject was quicker, so there is nothing left to ask.
      select * into v_answer from semantic_analysis.answers where key = p_key;
      if semantic_analysis.is_answered(v_answer, v_now) then
        v_outcome := 'answered';
        exit;
      end if;
    end loop;
  end if;

  v_row.tat := v_row.tat + v_interval;
  if v_outcome = 'leader' then
    v_row.day_used := v_row.day_used + 1;
    v_row.spent_nano := v_row.spent_nano + p_ceiling_nano;
    v_row.holds := v_row.holds || row(
      p_id, v_now + c_lease, v_row.day, v_row.month, p_ceiling_nano, v_project.subject is not null
    )::semantic_analysis.hold;
    if v_project.subject is not null then
      update semantic_analysis.rate_limits
      set day = v_project.day, day_used = v_project.day_used, month = v_project.month,
        spent_nano = v_project.spent_nano + p_ceiling_nano
      where subject = 'project';
    end if;
  end if;
  update semantic_analysis.rate_limits
  set tat = v_row.tat, day = v_row.day, day_used = v_row.day_used, month = v_row.month,
    spent_nano = v_row.spent_nano, holds = v_row.holds
  where subject = p_subject;

  return semantic_analysis.to_state(v_row, v_limits, v_now) || case
    when v_outcome <> 'answered' then jsonb_build_object('outcome', v_outcome)
    when v_answer.body is not null and v_answer.expires_at > v_now then jsonb_build_object(
      'outcome', 'hit',
      'answer', v_answer.body,
      'age_ms', floor(extract(epoch from v_now - v_answer.stored_at) * 1000)
    )
    else jsonb_build_object('outcome', 'follower', 'holder', v_answer.holder)
  end;
end;
$$;

comment on function semantic_analysis.reserve_at is
  'Decides on all limits at one moment. leader: everything is taken, the ceiling of the cost included. hit, follower: a minute unit alone. minute: that was all that was asked for. denied: nothing is taken.';

create or replace function semantic_analysis.settle_at(
  p_subject text,
  p_id uuid,
  p_actual_nano bigint,
  p_gives_back_day boolean,
  p_key bytea,
  p_answer text,
  p_ttl_s integer,
  p_max_answers integer,
  p_failure jsonb,
  p_entry jsonb,
  p_now timestamptz default null
)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  -- Those who wait look for an answer at least once a second.
  c_grace constant interval := interval '2 minutes';
  v_row semantic_analysis.rate_limits;
  v_project semantic_analysis.rate_limits;
  v_hold semantic_analysis.hold;
  v_now timestamptz;
  v_is_held boolean := false;
  v_entry semantic_analysis.ledger;
begin
  if p_actual_nano is not null then
    select * into v_row from semantic_analysis.rate_limits where subject = p_subject for update;
    select hold.* into v_hold from unnest(v_row.holds) as hold where hold.id = p_id;
    if v_hold.is_in_project then
      v_project := semantic_analysis.lock_row('project');
    end if;
  end if;
  v_now := coalesce(p_now, clock_timestamp());

  if v_hold.expires_at > v_now then
    v_is_held := true;
    v_row := semantic_analysis.bring_up_to_date(v_row, v_now);
    v_row.holds := array(select hold from unnest(v_row.holds) as hold where hold.id <> p_id);
    if v_hold.month = v_row.month then
      v_row.spent_nano := greatest(v_row.spent_nano + p_actual_nano - v_hold.ceiling_nano, 0);
    end if;
    if p_gives_back_day and v_hold.day = v_row.day then
      v_row.day_used := greatest(v_row.day_used - 1, 0);
    end if;
    update semantic_analysis.rate_limits
    set day = v_row.day, day_used = v_row.day_used, month = v_row.month,
      spent_nano = v_row.spent_nano, holds = v_row.holds
    where subject = p_subject;
    if v_hold.is_in_project then
      v_project := semantic_analysis.bring_up_to_date(v_project, v_now);
      update semantic_analysis.rate_limits
      set day = v_project.day, day_used = v_project.day_used, month = v_project.month,
        spent_nano = case
          when v_hold.month = v_project.month then
            greatest(v_project.spent_nano + p_actual_nano - v_hold.ceiling_nano, 0)
          else v_project.spent_nano
        end
      where subject = 'project';
    end if;
  end if;

  -- A claim outlives its hold where an operator has deleted the subject's row: it is given up as well, or
  -- the others would wait for it until its lease is over.
  if p_key is not null and (v_is_held or exists (
    select from semantic_analysis.answers
    where key = p_key and holder = p_id and lease_until > v_now
  )) then
    if p_answer is not null and p_ttl_s > 0 then
      insert into semantic_analysis.answers as a (
        key, position, body, stored_at, expires_at, holder
      )
      values (
        p_key, nextval('semantic_analysis.answer_positions'), p_answer, v_now,
        v_now + make_interval(secs => p_ttl_s), p_id
      )
      on conflict (key) do update
      set position = excluded.position,
        body = excluded.body,
        stored_at = excluded.stored_at,
        expires_at = excluded.expires_at,
        failure = null,
        -- Who refreshes may do so while another one asks; that one's claim is its own.
        lease_until = case when a.holder = p_id then null else a.lease_until end;
    else
      -- Not worth keeping, or a failure: for those who wait alone.
      update semantic_analysis.answers
      set body = p_answer, stored_at = v_now, expires_at = v_now, lease_until = null,
        failure = p_failure
      where key = p_key and holder = p_id and lease_until is not null
        and (expires_at is null or expires_at <= v_now);
    end if;
    -- The oldest rows, where they are beyond the number that may be kept or nobody wants them any
    -- more. A request writes one row and removes up to four.
    delete from semantic_analysis.answers
    where key in (
      select oldest.key
      from (
        select * from semantic_analysis.answers order by position limit 4
        for update skip locked
      ) as oldest
      where oldest.position <= (
          select last_value from semantic_analysis.answer_positions
        ) - p_max_answers
        or (
          coalesce(oldest.expires_at, '-infinity') < v_now - c_grace
          and coalesce(oldest.lease_until, '-infinity') < v_now - c_grace
        )
    );
  end if;

  if p_entry is not null then
    v_entry := jsonb_populate_record(null::semantic_analysis.ledger, p_entry);
    v_entry.id := p_id;
    v_entry.subject := p_subject;
    v_entry.requests := coalesce(v_entry.requests, 1);
    v_entry.cost_nano := coalesce(p_actual_nano, 0);
    v_entry.at := case
      when v_entry.limited_by is null then v_now
      else date_trunc('minute', v_now)
    end;
    if v_entry.limited_by is null then
      insert into semantic_analysis.ledger values (v_entry.*) on conflict (id) do nothing;
    else
      insert into semantic_analysis.ledger as l values (v_entry.*)
      on conflict (subject, limited_by, at)
        where limited_by is not null and subject <> 'deleted'
      do update set requests = l.requests + excluded.requests;
    end if;
  end if;
  return v_is_held;
end;
$$;

comment on function semantic_analysis.settle_at is
  'Replaces what a hold took in advance by what the request cost, gives its answer or failure to those who wait, and writes the ledger. An unknown or expired hold changes none of the limits. Whether the hold was live.';

revoke execute on function semantic_analysis.limits_of from public;
revoke execute on function semantic_analysis.lock_row from public;
revoke execute on function semantic_analysis.bring_up_to_date from public;
revoke execute on function semantic_analysis.to_state from public;
revoke execute on function semantic_analysis.reserve_at from public;
revoke execute on function semantic_analysis.settle_at from public;

-- Every function gives up on a row that somebody else holds before the caller (2 s) gives up on it.
-- statement_timeout is applied by PostgREST 12.2 and later, which sets it for the transaction;
-- lock_timeout works everywhere.
create or replace function public.semantic_analysis_reserve(
  p_subject text,
  p_id uuid,
  p_per_minute integer,
  p_burst integer,
  p_per_day integer,
  p_concurrent integer,
  p_nano_per_month bigint default null,
  p_project_nano_per_month bigint default null,
  p_ceiling_nano bigint default null,
  p_key text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
begin
  return semantic_analysis.reserve_at(
    p_subject,
    p_id,
    row(p_per_minute, p_burst, p_per_day, p_concurrent, p_nano_per_month),
    p_project_nano_per_month,
    p_ceiling_nano,
    decode(p_key, 'hex')
  );
end;
$$;

comment on function public.semantic_analysis_reserve is
  'Takes what a request may cost from its subject''s limits, or answers it from what is known (p_key, SHA-256 as hex), or refuses. Without p_ceiling_nano it takes a minute unit alone. For service_role only.';

create or replace function public.semantic_analysis_settle(
  p_subject text,
  p_id uuid,
  p_actual_nano bigint default null,
  p_gives_back_day boolean default false,
  p_key text default null,
  p_answer text default null,
  p_ttl_s integer default 0,
  p_max_answers integer default 0,
  p_failure jsonb default null,
  p_entry jsonb default null
)
returns boolean
language plpgsql
security definer
set search_path = ''
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
begin
  return semantic_analysis.settle_at(
    p_subject,
    p_id,
    p_actual_nano,
    p_gives_back_day,
    decode(p_key, 'hex'),
    p_answer,
    p_ttl_s,
    p_max_answers,
    p_failure,
    p_entry
  );
end;
$$;

comment on function public.semantic_analysis_settle is
  'Corrects what a request took in advance and writes the ledger; may be called again. Without p_actual_nano there was no hold. For service_role only.';

create or replace function public.semantic_analysis_read_answer(p_key text, p_holder uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
  select coalesce(
    (
      select case
        when body is not null and (holder = p_holder or expires_at > clock_timestamp()) then
          jsonb_build_object('state', 'ready', 'answer', body)
        when lease_until > clock_timestamp() then jsonb_build_object('state', 'pending')
        when holder = p_holder and failure is not null then
          jsonb_build_object('state', 'failed', 'failure', failure)
        else jsonb_build_object('state', 'free')
      end
      from semantic_analysis.answers
      where key = decode(p_key, 'hex')
    ),
    jsonb_build_object('state', 'free')
  );
$$;

comment on function public.semantic_analysis_read_answer is
  'What has become of the answer that p_holder was asking for: ready, pending, failed, or free for another one to ask. For service_role only.';

create or replace function public.semantic_analysis_read_limits(
  p_subject text,
  p_per_minute integer,
  p_burst integer,
  p_per_day integer,
  p_concurrent integer,
  p_nano_per_month bigint default null
)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_limits semantic_analysis.limits := semantic_analysis.limits_of(
    p_subject, row(p_per_minute, p_burst, p_per_day, p_concurrent, p_nano_per_month)
  );
  v_row semantic_analysis.rate_limits;
  v_project semantic_analysis.rate_limits;
begin
  select * into v_row from semantic_analysis.rate_limits where subject = p_subject;
  v_row := semantic_analysis.bring_up_to_date(v_row, v_now);
  v_row.tat := least(
    greatest(v_row.tat, v_now),
    v_now + interval '1 minute' / v_limits.per_minute * v_limits.burst
  );
  v_row.holds := coalesce(v_row.holds, '{}');
  select * into v_project from semantic_analysis.rate_limits where subject = 'project';
  v_project := semantic_analysis.bring_up_to_date(v_project, v_now);
  return semantic_analysis.to_state(v_row, v_limits, v_now)
    || jsonb_build_object('project_spent_nano', v_project.spent_nano);
end;
$$;

comment on function public.semantic_analysis_read_limits is
  'What is left of a subject''s limits, taking nothing. For service_role only.';

create or replace function public.semantic_analysis_set_limits(
  p_subject text,
  p_plan text default null,
  p_per_minute integer default null,
  p_burst integer default null,
  p_per_day integer default null,
  p_concurrent integer default null,
  p_usd_per_month numeric default null
)
returns void
language sql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
  insert into semantic_analysis.limit_settings (
    subject, plan, per_minute, burst, per_day, concurrent, nano_per_month
  )
  values (
    p_subject, p_plan, p_per_minute, p_burst, p_per_day, p_concurrent, p_usd_per_month * 1e9
  )
  on conflict (subject) do update
  set plan = excluded.plan,
    per_minute = excluded.per_minute,
    burst = excluded.burst,
    per_day = excluded.per_day,
    concurrent = excluded.concurrent,
    nano_per_month = excluded.nano_per_month;
$$;

comment on function public.semantic_analysis_set_limits is
  'Replaces the settings of user:<uuid>, service:<name> or plan:<name>; what is null is inherited. For service_role only.';

do $$
declare
  v_function text;
begin
  foreach v_function in array array['reserve', 'settle', 'read_answer', 'read_limits', 'set_limits']
  loop
    execute format(
      'revoke execute on function public.%I from public, anon, authenticated',
      'semantic_analysis_' || v_function
    );
    execute format(
      'grant execute on function public.%I to service_role', 'semantic_analysis_' || v_function
    );
  end loop;
end
$$;
