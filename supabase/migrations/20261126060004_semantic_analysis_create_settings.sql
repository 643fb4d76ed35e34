-- The limits in force for a subject: its own settings, then its plan's, then the function's environment.
--
-- What each request calls, here and in the next migrations, is plpgsql, whose plans a connection keeps;
-- a function in SQL with settings of its own is planned anew at each call.

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
  if found then
    if v_own.plan is not null then
      select * into v_plan from semantic_analysis.limit_settings where subject = v_own.plan;
    end if;
    v_limits.per_minute := coalesce(v_own.per_minute, v_plan.per_minute, p_defaults.per_minute);
    -- A higher rate without a burst means a burst of the same size.
    v_limits.burst := coalesce(
      v_own.burst, v_own.per_minute, v_plan.burst, v_plan.per_minute, p_defaults.burst
    );
    v_limits.per_day := coalesce(v_own.per_day, v_plan.per_day, p_defaults.per_day);
    v_limits.concurrent := coalesce(v_own.concurrent, v_plan.concurrent, p_defaults.concurrent);
    v_limits.nano_per_month :=
      coalesce(v_own.nano_per_month, v_plan.nano_per_month, p_defaults.nano_per_month);
  end if;
  -- A limit that is null would deny nothing.
  if not coalesce(
    v_limits.per_minute >= 1 and v_limits.burst >= 1 and v_limits.per_day >= 0
      and v_limits.concurrent >= 1,
    false
  ) then
    raise exception 'Limits must be at least 1, got %', v_limits
      using errcode = 'invalid_parameter_value';
  end if;
  return v_limits;
end;
$$;

comment on function semantic_analysis.limits_of is
  'The limits in force for a subject: its own settings, then its plan''s, then the defaults.';

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
begin
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

comment on function public.semantic_analysis_set_limits(text, text, integer, integer, integer, integer, numeric, integer) is
  'Replaces the settings of user:<uuid>, service:<name>, plan:<name> or default (p_searches_per_minute alone); what is null is inherited. For service_role only.';

revoke all on function
  semantic_analysis.limits_of,
  public.semantic_analysis_set_limits(text, text, integer, integer, integer, integer, numeric, integer)
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_set_limits(text, text, integer, integer, integer, integer, numeric, integer) to service_role;

-- What deno task evaluate asks is bounded by its accepted budget and the project's; hundreds of pictures in
-- a day are its purpose.
insert into semantic_analysis.limit_settings (subject, per_minute, burst, per_day, concurrent)
values ('service:evaluation', 600, 600, 100000000, 16)
on conflict (subject) do nothing;
