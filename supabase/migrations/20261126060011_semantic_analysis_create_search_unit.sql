-- A search of the catalogue takes a unit of a minute of its own kind, with any client: the function that
-- searches calls semantic_analysis.take_search_unit() first, with the caller's own rights.
--
-- It decides for the user of the verified token alone, and takes nothing but the unit. A
-- user's searches take turns: the row stays locked to the end of the search, so that one user keeps one
-- connection busy and not all of them.

create or replace function semantic_analysis.searches_per_minute_of(p_subject text)
returns integer
language plpgsql
stable
set search_path = ''
as $$
declare
  v_own semantic_analysis.limit_settings;
  v_rate integer;
begin
  select * into v_own from semantic_analysis.limit_settings where subject = p_subject;
  v_rate := v_own.searches_per_minute;
  if v_rate is null then
    select searches_per_minute into v_rate from semantic_analysis.limit_settings
    where subject in (v_own.plan, 'default') and searches_per_minute is not null
    order by subject = 'default' limit 1;
  end if;
  return coalesce(v_rate, 60);
end;
$$;

comment on function semantic_analysis.searches_per_minute_of is
  'Searches per minute of a subject: its own setting, its plan''s, that of all (default), or 60.';

create or replace function semantic_analysis.take_search_unit_at(
  p_subject text,
  p_now timestamptz default null
)
returns interval
language plpgsql
set search_path = ''
as $$
declare
  v_rate constant integer := semantic_analysis.searches_per_minute_of(p_subject);
  v_interval constant interval := interval '1 minute' / v_rate;
  v_window constant interval := v_interval * v_rate;
  v_tat timestamptz;
  v_now timestamptz;
  v_wait interval;
begin
  select tat into v_tat from semantic_analysis.search_limits where subject = p_subject for update;
  if not found then
    insert into semantic_analysis.search_limits (subject) values (p_subject)
    on conflict (subject) do nothing;
    select tat into v_tat from semantic_analysis.search_limits where subject = p_subject for update;
  end if;
  v_now := coalesce(p_now, clock_timestamp());
  -- The minute of reserve, with as large a burst as the rate. A denial is an error, which stores nothing:
  -- where the clock stepped back, or the rate is smaller than before, the first search is the last unit.
  v_tat := case
    when v_tat > v_now + v_window then v_now + v_window
    else greatest(v_tat, v_now) + v_interval
  end;
  v_wait := v_tat - (v_now + v_window);
  if v_wait > interval '0' then
    return v_wait;
  end if;
  update semantic_analysis.search_limits set tat = v_tat where subject = p_subject;
  return interval '0';
end;
$$;

comment on function semantic_analysis.take_search_unit_at is
  'Takes a unit of a subject''s searches, or takes nothing; after what wait there is one, 0 when it was taken.';

create or replace function semantic_analysis.take_search_unit()
returns void
language plpgsql
security definer
set search_path = ''
-- Some searches long: each that waits keeps a connection from all others.
set lock_timeout = '500ms'
as $$
declare
  v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_subject text := 'user:' || (v_claims ->> 'sub')::uuid;
  v_wait interval;
begin
  if v_subject is null then
    -- The project's own code bounds itself.
    return;
  end if;
  if semantic_analysis.is_deleted(v_subject) then
    raise exception 'This user was deleted' using errcode = 'PT401';
  end if;
  v_wait := semantic_analysis.take_search_unit_at(v_subject);
  if v_wait > interval '0' then
    raise exception 'Your limit of % searches per minute is used up',
      semantic_analysis.searches_per_minute_of(v_subject)
      using errcode = 'PT429',
        detail = jsonb_build_object(
          'limit', 'search_minute',
          'retry_after_ms', ceil(extract(epoch from v_wait) * 1000)
        );
  end if;
exception
  when lock_not_available then
    raise exception 'Your searches before this one are still under way'
      using errcode = 'PT429',
        detail = jsonb_build_object('limit', 'search_minute', 'retry_after_ms', 1000);
end;
$$;

comment on function semantic_analysis.take_search_unit is
  'Takes a unit of the searches of the token''s user. Without one left it raises PT429, which PostgREST answers as 429, with limit and retry_after_ms as JSON in the detail. A project secret takes none.';

revoke all on function
  semantic_analysis.searches_per_minute_of,
  semantic_analysis.take_search_unit_at,
  semantic_analysis.take_search_unit
from public, anon, authenticated, service_role;
grant execute on function semantic_analysis.take_search_unit to authenticated, service_role;
grant usage on schema semantic_analysis to authenticated, service_role;
