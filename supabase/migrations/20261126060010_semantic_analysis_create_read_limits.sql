-- The same state as reserve, taking nothing: what GET …/limits tells the caller.

create or replace function public.semantic_analysis_read_limits(
  p_subject text,
  p_per_minute integer,
  p_burst integer,
  p_per_day integer,
  p_concurrent integer,
  p_nano_per_month bigint default null,
  p_anonymous_limits jsonb default null
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
  v_limits semantic_analysis.limits :=
    row(p_per_minute, p_burst, p_per_day, p_concurrent, p_nano_per_month);
  v_row semantic_analysis.rate_limits;
begin
  if semantic_analysis.is_deleted(p_subject) then
    return jsonb_build_object('outcome', 'deleted');
  end if;
  if p_anonymous_limits is not null and semantic_analysis.is_anonymous(p_subject) then
    v_limits := jsonb_populate_record(v_limits, p_anonymous_limits);
  end if;
  v_limits := semantic_analysis.limits_of(p_subject, v_limits);
  select * into v_row from semantic_analysis.rate_limits where subject = p_subject;
  v_row := semantic_analysis.bring_up_to_date(v_row, v_now);
  v_row.tat := least(
    greatest(v_row.tat, v_now),
    v_now + interval '1 minute' / v_limits.per_minute * v_limits.burst
  );
  v_row.holds := coalesce(v_row.holds, '{}');
  return semantic_analysis.to_state(v_row, v_limits, v_now) || jsonb_build_object(
    'searches_per_minute', semantic_analysis.searches_per_minute_of(p_subject),
    'project_spent_nano', (semantic_analysis.read_budget('project', v_now)).spent_nano,
    'anonymous_spent_nano', (semantic_analysis.read_budget('anonymous', v_now)).spent_nano
  );
end;
$$;

comment on function public.semantic_analysis_read_limits(text, integer, integer, integer, integer, bigint, jsonb) is
  'What is left of a subject''s limits, taking nothing; p_anonymous_limits as for reserve. For service_role only.';

revoke all on function public.semantic_analysis_read_limits(text, integer, integer, integer, integer, bigint, jsonb)
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_read_limits(text, integer, integer, integer, integer, bigint, jsonb) to service_role;
