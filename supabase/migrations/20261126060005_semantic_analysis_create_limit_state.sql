-- What reserve, settle and read_limits share: a subject's row under lock, as it is at this moment, and as
-- the API tells it; and amounts of money as they can be stored.

create or replace function semantic_analysis.to_nano(p_amount numeric)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- Four billion dollars: two of them still fit a column.
  c_most constant bigint := 4000000000000000000;
begin
  -- NaN is greater than every number.
  return case when p_amount < 0 then 0 when p_amount > c_most then c_most else round(p_amount) end;
end;
$$;

comment on function semantic_analysis.to_nano is
  'An amount of nano-dollars that sums of can be stored, whatever number it was: from 0 to 4e18; null stays null.';

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
    insert into semantic_analysis.rate_limits (subject) values (p_subject)
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
  'A row as it is at this moment: counters of a past day or month at zero, holds whose lease has ended dropped. What they took stays taken.';

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

create or replace function semantic_analysis.is_deleted(p_subject text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
    select from semantic_analysis.rate_limits
    where subject = p_subject and deleted_at > clock_timestamp() - interval '1 day'
  );
end;
$$;

comment on function semantic_analysis.is_deleted is
  'Whether a subject is a user who was deleted within the last day.';

create or replace function semantic_analysis.is_anonymous(p_subject text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
    select from auth.users where id = substr(p_subject, 6)::uuid and is_anonymous
  );
exception
  -- No Supabase Auth, or one before anonymous sign-ins.
  when undefined_table or undefined_column or invalid_schema_name or insufficient_privilege
    or invalid_text_representation then
    return false;
end;
$$;

comment on function semantic_analysis.is_anonymous is
  'Whether user:<uuid> signed in anonymously, as Supabase Auth knows it; false where it can''t be asked.';

revoke all on function
  semantic_analysis.to_nano,
  semantic_analysis.lock_row,
  semantic_analysis.bring_up_to_date,
  semantic_analysis.to_state,
  semantic_analysis.is_deleted,
  semantic_analysis.is_anonymous
from public, anon, authenticated, service_role;
