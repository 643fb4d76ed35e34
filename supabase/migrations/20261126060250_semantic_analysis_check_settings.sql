-- semantic_analysis_set_limits says what is wrong with a setting, and what to write in its place. A subject
-- that is spelt in another way would limit no caller and look as if it did, and an error of the table's own
-- checks names a constraint.

create or replace function semantic_analysis.require_setting(
  p_name text,
  p_value numeric,
  p_least integer,
  p_most integer
)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- Null inherits.
  if p_value not between p_least and p_most then
    raise exception '% must be from % to %, got %', p_name, p_least, p_most, p_value
      using errcode = 'invalid_parameter_value',
        hint = 'Leave it out to have it inherited; p_per_day => 0 shuts a user out';
  end if;
end;
$$;

comment on function semantic_analysis.require_setting is
  'Raises where a setting of a limit is out of range; null, which inherits, is not.';

revoke all on function semantic_analysis.require_setting
from public, anon, authenticated, service_role;

create or replace function public.semantic_analysis_set_limits(
  p_subject text,
  p_plan text default null,
  p_per_minute integer default null,
  p_burst integer default null,
  p_per_day integer default null,
  p_concurrent integer default null,
  p_usd_per_month numeric default null,
  p_searches_per_minute integer default null
)
returns void
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_plans text[] := array(
    select subject from semantic_analysis.limit_settings
    where subject like 'plan:%' order by subject
  );
begin
  if p_subject is null or char_length(p_subject) > 200 or p_subject !~
    '^(user:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(service|plan):\S.*|default)$'
  then
    raise exception '"%" is not the subject of any limits', left(p_subject, 200)
      using errcode = 'invalid_parameter_value',
        hint = 'Write user:<uuid in lower case>, service:<name>, plan:<name> or default';
  end if;
  if p_subject = 'default' and num_nonnulls(
    p_plan, p_per_minute, p_burst, p_per_day, p_concurrent, p_usd_per_month
  ) > 0 then
    raise exception '"default" sets p_searches_per_minute alone'
      using errcode = 'invalid_parameter_value',
        hint = 'Every user''s other limits are secrets of the function: supabase secrets set RATE_LIMIT_PER_DAY=<number>';
  end if;
  if p_subject like 'plan:%' and p_plan is not null then
    raise exception '"%" is a plan, which is on no plan itself', p_subject
      using errcode = 'invalid_parameter_value', hint = 'Leave p_plan out';
  end if;
  if p_plan is not null and p_plan <> all (v_plans) then
    raise exception 'There is no plan "%"', p_plan
      using errcode = 'invalid_parameter_value',
        hint = coalesce('There are: ' || nullif(array_to_string(v_plans, ', '), ''), 'There is none yet')
          || '. Make one: select semantic_analysis_set_limits(''plan:<name>'', p_per_day => <number>)';
  end if;
  perform semantic_analysis.require_setting('p_per_minute', p_per_minute, 1, 60000);
  perform semantic_analysis.require_setting('p_burst', p_burst, 1, 60000);
  perform semantic_analysis.require_setting('p_per_day', p_per_day, 0, 100000000);
  perform semantic_analysis.require_setting('p_concurrent', p_concurrent, 1, 10000);
  perform semantic_analysis.require_setting('p_usd_per_month', p_usd_per_month, 0, 1000000000);
  perform semantic_analysis.require_setting('p_searches_per_minute', p_searches_per_minute, 1, 60000);
  insert into semantic_analysis.limit_settings (
    subject, plan, per_minute, burst, per_day, concurrent, nano_per_month, searches_per_minute
  )
  values (
    p_subject, p_plan, p_per_minute, p_burst, p_per_day, p_concurrent, p_usd_per_month * 1e9,
    p_searches_per_minute
  )
  on conflict (subject) do update
  set plan = excluded.plan,
    per_minute = excluded.per_minute,
    burst = excluded.burst,
    per_day = excluded.per_day,
    concurrent = excluded.concurrent,
    nano_per_month = excluded.nano_per_month,
    searches_per_minute = excluded.searches_per_minute;
end;
$$;
