-- Reserve: what is decided, in its order, and the function of the API, called by the edge functions
-- through PostgREST with a project secret (role service_role).

create or replace function semantic_analysis.reserve_at(
  p_subject text,
  p_id uuid,
  p_defaults semantic_analysis.limits,
  p_ceiling_nano bigint,
  p_key bytea,
  p_project_nano_per_month bigint default null,
  p_anonymous_nano_per_day bigint default null,
  p_now timestamptz default null
)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- The longest that a request may be under way (65 s), and room for a settle that comes late.
  c_lease constant interval := interval '90 seconds';
  v_limits constant semantic_analysis.limits := semantic_analysis.limits_of(p_subject, p_defaults);
  v_interval constant interval := interval '1 minute' / v_limits.per_minute;
  v_row semantic_analysis.rate_limits := semantic_analysis.lock_row(p_subject);
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_answer semantic_analysis.answers;
  v_hold semantic_analysis.hold;
  v_denial semantic_analysis.denial;
begin
  if p_ceiling_nano < 0 then
    raise exception 'A ceiling must be at least 0, got %', p_ceiling_nano
      using errcode = 'invalid_parameter_value';
  end if;
  if v_row.deleted_at > v_now - interval '1 day' then
    return jsonb_build_object('outcome', 'deleted');
  end if;
  v_row := semantic_analysis.bring_up_to_date(v_row, v_now);
  -- Minute: the generic cell rate algorithm (ITU-T I.371) in its virtual scheduling form. With
  -- T = 60 s / rate a request is admitted if max(tat, now) + T <= now + burst * T, and then
  -- tat = max(tat, now) + T. In any time t no more than burst + rate * t requests get through. The
  -- upper bound of tat is for a smaller burst than before, and for a clock that stepped back.
  v_row.tat := least(greatest(v_row.tat, v_now), v_now + v_interval * v_limits.burst);
  if p_key is not null then
    select * into v_answer from semantic_analysis.answers where key = p_key;
  end if;
  if p_ceiling_nano is not null and not semantic_analysis.is_answered(v_answer, v_now) then
    v_hold := row(
      p_id, v_now + c_lease, v_row.day, v_row.month, p_ceiling_nano,
      p_anonymous_nano_per_day is not null, p_project_nano_per_month is not null
    );
  end if;

  v_denial := semantic_analysis.find_denial(v_row, v_limits, v_hold.ceiling_nano, v_now);
  if v_hold.id is not null then
    v_denial := semantic_analysis.take_from_budgets(
      v_denial, p_ceiling_nano, p_anonymous_nano_per_day, p_project_nano_per_month, v_now
    );
  end if;
  if v_denial.limited_by is not null then
    return semantic_analysis.deny(v_row, v_limits, v_denial, v_now);
  end if;

  if v_hold.id is not null and p_key is not null then
    v_answer := semantic_analysis.claim_answer(p_key, p_id, v_hold.expires_at, v_now);
    if v_answer.key is not null then
      -- Another subject was quicker, so there is no model to ask.
      perform semantic_analysis.correct_budgets(v_hold, -p_ceiling_nano, v_now);
      v_hold := null;
    end if;
  end if;
  v_row := semantic_analysis.take(v_row, v_interval, v_hold);
  return semantic_analysis.to_state(v_row, v_limits, v_now) || case
    when v_hold.id is not null then jsonb_build_object('outcome', 'leader')
    when p_ceiling_nano is null then jsonb_build_object('outcome', 'minute')
    else semantic_analysis.to_answered(v_answer, v_now)
  end;
end;
$$;

comment on function semantic_analysis.reserve_at is
  'Decides on all limits at one moment. leader: everything is taken, the ceiling included. hit, follower: a minute unit alone. minute: that was all that was asked for. denied: nothing is taken. deleted: the user is no more.';

create or replace function public.semantic_analysis_reserve(
  p_subject text,
  p_id uuid,
  p_per_minute integer,
  p_burst integer,
  p_per_day integer,
  p_concurrent integer,
  p_nano_per_month bigint default null,
  p_project_nano_per_month bigint default null,
  p_ceiling_nano numeric default null,
  p_key text default null,
  p_is_anonymous boolean default false,
  p_anonymous_nano_per_day bigint default null,
  p_anonymous_limits jsonb default null,
  p_models text[] default null,
  p_prompt_version text default null,
  p_schema_version text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
-- Every function gives up on a row that another transaction holds before the caller (2 s) gives up on
-- it. statement_timeout is applied by PostgREST 12.2 and later, which sets it for the transaction;
-- lock_timeout works everywhere.
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
declare
  v_limits semantic_analysis.limits :=
    row(p_per_minute, p_burst, p_per_day, p_concurrent, p_nano_per_month);
  v_maps text;
  v_decision jsonb;
begin
  -- Before any row is locked.
  if p_models is not null then
    v_maps := semantic_analysis.find_maps(p_models, p_prompt_version, p_schema_version);
  end if;
  if p_anonymous_limits is not null and semantic_analysis.is_anonymous(p_subject) then
    p_is_anonymous := true;
    v_limits := jsonb_populate_record(null::semantic_analysis.limits, p_anonymous_limits);
  end if;
  v_decision := semantic_analysis.reserve_at(
    p_subject,
    p_id,
    v_limits,
    case
      when p_ceiling_nano >= 0 then semantic_analysis.to_nano(p_ceiling_nano)
      else p_ceiling_nano::bigint
    end,
    decode(p_key, 'hex'),
    p_project_nano_per_month,
    case when p_is_anonymous then p_anonymous_nano_per_day end
  );
  if v_maps is not null and v_decision ->> 'outcome' <> 'denied' then
    v_decision := v_decision || jsonb_build_object('maps', v_maps);
  end if;
  return v_decision;
end;
$$;

comment on function public.semantic_analysis_reserve(text, uuid, integer, integer, integer, integer, bigint, bigint, numeric, text, boolean, bigint, jsonb, text[], text, text) is
  'Takes what a request may cost from its subject''s limits, or answers it from what is known (p_key, SHA-256 as hex), or denies. Without p_ceiling_nano it takes a minute unit alone. p_anonymous_limits (the fields of semantic_analysis.limits): whether the subject is an anonymous user is to be looked up, and these are their limits. p_models, with their versions: the calibration maps in force are told as well (maps, a text of JSON). For service_role only.';

revoke all on function
  semantic_analysis.reserve_at,
  public.semantic_analysis_reserve(text, uuid, integer, integer, integer, integer, bigint, bigint, numeric, text, boolean, bigint, jsonb, text[], text, text)
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_reserve(text, uuid, integer, integer, integer, integer, bigint, bigint, numeric, text, boolean, bigint, jsonb, text[], text, text) to service_role;
