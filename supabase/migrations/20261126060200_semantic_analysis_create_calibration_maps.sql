-- Calibration maps: what turns a model's raw figure into the share of answers that are right.
--
-- Stored by operators' tools (deno task calibrate) through public.semantic_analysis_store_map, read by
-- reserve with its decision, withdrawn by public.semantic_analysis_withdraw_map. No user of an
-- application can reach them.

create table if not exists semantic_analysis.calibration_maps (
  model text not null,
  prompt_version text not null,
  schema_version text not null,
  method text not null check (method in ('token_logprob', 'fused', 'verbalized')),
  -- Text, because a reservation passes it on without parsing it.
  map text not null,
  stored_at timestamptz not null default now(),
  withdrawn_at timestamptz,
  withdrawn_because text,
  -- Read with each reservation: all methods of a few models of one version.
  primary key (prompt_version, schema_version, model, method)
);

comment on table semantic_analysis.calibration_maps is
  'One map for each model, version of prompt and form, and method: the last that was stored.';
comment on column semantic_analysis.calibration_maps.model is
  'The model''s id, as it was asked.';
comment on column semantic_analysis.calibration_maps.prompt_version is
  'Of the words that ask, 16 hex digits.';
comment on column semantic_analysis.calibration_maps.schema_version is
  'Of the form of the answer and the rule that makes its raw figure, 16 hex digits.';
comment on column semantic_analysis.calibration_maps.method is
  'How the raw figure came about: token_logprob, fused or verbalized.';
comment on column semantic_analysis.calibration_maps.map is
  'The map as text of JSON: fit, n, ece, fitted_at, thresholds, conformal, and the columns that it is found by.';
comment on column semantic_analysis.calibration_maps.stored_at is
  'When this map was stored.';
comment on column semantic_analysis.calibration_maps.withdrawn_at is
  'Since when it is applied no more; null while it is.';
comment on column semantic_analysis.calibration_maps.withdrawn_because is
  'Why, in words for the operator.';

-- Row level security as on the tables of the limits: functions alone reach the rows.
alter table semantic_analysis.calibration_maps enable row level security;
drop policy if exists no_access on semantic_analysis.calibration_maps;
create policy no_access on semantic_analysis.calibration_maps using (false);

create or replace function semantic_analysis.find_map_problem(p_map jsonb)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- Whole chains are read within 4 kB.
  c_max_bytes constant integer := 1200;
  v_fit constant jsonb := p_map -> 'fit';
begin
  return case
    when jsonb_typeof(p_map) is distinct from 'object' then 'must be an object'
    when octet_length(p_map::text) > c_max_bytes
      then format('must have at most %s bytes, got %s', c_max_bytes, octet_length(p_map::text))
    when not coalesce(char_length(p_map ->> 'model') between 1 and 200, false)
      then 'model must be a model''s id'
    when not coalesce(p_map ->> 'prompt_version' ~ '^[0-9a-f]{16}$', false)
      or not coalesce(p_map ->> 'schema_version' ~ '^[0-9a-f]{16}$', false)
      then 'prompt_version and schema_version must be 16 hex digits'
    when not coalesce(p_map ->> 'method' in ('token_logprob', 'fused', 'verbalized'), false)
      then 'method must be token_logprob, fused or verbalized'
    when not coalesce((p_map ->> 'n')::numeric >= 1, false) then 'n must be at least 1'
    when not coalesce(p_map ->> 'fitted_at' ~ '^\d{4}-\d\d-\d\dT[\d:.]+Z$', false)
      then 'fitted_at must be a time in UTC'
    -- The raw figure stays, with what can be promised of it.
    when v_fit = 'null' then null
    when v_fit ->> 'kind' = 'platt' then case
      when jsonb_typeof(v_fit -> 'a') = 'number' and jsonb_typeof(v_fit -> 'b') = 'number'
        and (v_fit ->> 'a')::numeric >= 0 then null
      else 'fit must have numbers a, at least 0, and b'
    end
    when v_fit ->> 'kind' = 'isotonic' then case
      when not semantic_analysis.is_rising(v_fit -> 'x', true)
        or not semantic_analysis.is_rising(v_fit -> 'y', false)
        or jsonb_array_length(v_fit -> 'x') <> jsonb_array_length(v_fit -> 'y')
        then 'fit must have as many x, rising, as y, not falling, all in [0, 1]'
    end
    else 'fit must be platt, isotonic or null'
  end;
end;
$$;

comment on function semantic_analysis.find_map_problem is
  'What is wrong with a map, in words for the operator; null where nothing is.';

create or replace function semantic_analysis.is_rising(p_values jsonb, p_is_strict boolean)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_value jsonb;
  v_last numeric;
begin
  if jsonb_typeof(p_values) is distinct from 'array' or p_values = '[]' then
    return false;
  end if;
  for v_value in select value from jsonb_array_elements(p_values) loop
    if jsonb_typeof(v_value) <> 'number' or v_value::numeric not between 0 and 1
      or v_value::numeric < v_last or p_is_strict and v_value::numeric = v_last then
      return false;
    end if;
    v_last := v_value::numeric;
  end loop;
  return true;
end;
$$;

comment on function semantic_analysis.is_rising is
  'Whether a JSON array holds probabilities, none smaller than the one before it; strict: each greater.';

create or replace function public.semantic_analysis_store_map(p_map jsonb)
returns void
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_problem constant text := semantic_analysis.find_map_problem(p_map);
begin
  if v_problem is not null then
    raise exception 'A calibration map is refused: %', v_problem
      using errcode = 'invalid_parameter_value';
  end if;
  insert into semantic_analysis.calibration_maps (
    model, prompt_version, schema_version, method, map
  )
  values (
    p_map ->> 'model', p_map ->> 'prompt_version', p_map ->> 'schema_version', p_map ->> 'method',
    p_map::text
  )
  on conflict (prompt_version, schema_version, model, method) do update
  set map = excluded.map,
    stored_at = clock_timestamp(),
    withdrawn_at = null,
    withdrawn_because = null;
end;
$$;

comment on function public.semantic_analysis_store_map(jsonb) is
  'Stores a calibration map in place of the one of the same model, versions and method, withdrawn or not. For service_role only.';

create or replace function public.semantic_analysis_withdraw_map(
  p_model text,
  p_prompt_version text,
  p_schema_version text,
  p_method text,
  p_because text
)
returns boolean
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
begin
  update semantic_analysis.calibration_maps
  set withdrawn_at = clock_timestamp(), withdrawn_because = left(p_because, 1000)
  where prompt_version = p_prompt_version and schema_version = p_schema_version
    and model = p_model and method = p_method and withdrawn_at is null;
  return found;
end;
$$;

comment on function public.semantic_analysis_withdraw_map(text, text, text, text, text) is
  'Applies a calibration map no more; whether there was one. p_because: why, in words for the operator. For service_role only.';

create or replace function public.semantic_analysis_read_maps()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set statement_timeout = '1500ms'
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'map', map::jsonb,
      'stored_at', stored_at,
      'withdrawn_at', withdrawn_at,
      'withdrawn_because', withdrawn_because
    ) order by stored_at desc), '[]')
    from semantic_analysis.calibration_maps
  );
end;
$$;

comment on function public.semantic_analysis_read_maps() is
  'All calibration maps, the newest first, withdrawn ones too. For service_role only.';

create or replace function semantic_analysis.find_maps(
  p_models text[],
  p_prompt_version text,
  p_schema_version text
)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  c_max_bytes constant integer := 4000;
  v_map text;
  v_maps text;
begin
  select string_agg(map, ',') into v_maps
  from semantic_analysis.calibration_maps
  where prompt_version = p_prompt_version and schema_version = p_schema_version
    and model = any (p_models) and withdrawn_at is null;
  if v_maps is null or octet_length(v_maps) <= c_max_bytes - 2 then
    return '[' || v_maps || ']';
  end if;
  -- Together the maps are longer than an answer may be: as many as fit.
  v_maps := null;
  for v_map in
    select map from semantic_analysis.calibration_maps
    where prompt_version = p_prompt_version and schema_version = p_schema_version
      and model = any (p_models) and withdrawn_at is null
    order by array_position(p_models, model)
  loop
    exit when octet_length(v_maps) + octet_length(v_map) > c_max_bytes - 2;
    v_maps := concat_ws(',', v_maps, v_map);
  end loop;
  return '[' || v_maps || ']';
end;
$$;

comment on function semantic_analysis.find_maps is
  'The maps in force of a chain of models, as a JSON list; where not all fit 4 kB, those of its first models. null where there are none.';

revoke all on table semantic_analysis.calibration_maps
from public, anon, authenticated, service_role;
revoke all on function
  semantic_analysis.find_map_problem,
  semantic_analysis.is_rising,
  semantic_analysis.find_maps,
  public.semantic_analysis_store_map(jsonb),
  public.semantic_analysis_withdraw_map(text, text, text, text, text),
  public.semantic_analysis_read_maps()
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_store_map(jsonb) to service_role;
grant execute on function public.semantic_analysis_withdraw_map(text, text, text, text, text)
to service_role;
grant execute on function public.semantic_analysis_read_maps() to service_role;
