-- The figure of a stored analysis as it is shown: what the edge function does in calibration/show-confidence.ts,
-- for the search, which reads analyses in SQL.

create or replace function semantic_analysis.apply_fit(p_fit jsonb, p_raw double precision)
returns double precision
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_bounded constant double precision := least(greatest(p_raw, 0.0001), 0.9999);
  v_last integer;
  v_next integer := 0;
  v_left double precision;
  v_right double precision;
  v_low double precision;
begin
  if p_fit ->> 'kind' = 'platt' then
    return 1 / (1 + exp(least(greatest(
      -((p_fit ->> 'a')::double precision * ln(v_bounded / (1 - v_bounded))
        + (p_fit ->> 'b')::double precision),
      -- exp fails beyond.
      -700
    ), 700)));
  end if;
  v_last := jsonb_array_length(p_fit -> 'x') - 1;
  while v_next <= v_last and (p_fit -> 'x' ->> v_next)::double precision < p_raw loop
    v_next := v_next + 1;
  end loop;
  if v_next = 0 or v_next > v_last then
    return (p_fit -> 'y' ->> least(v_next, v_last))::double precision;
  end if;
  v_left := (p_fit -> 'x' ->> v_next - 1)::double precision;
  v_right := (p_fit -> 'x' ->> v_next)::double precision;
  v_low := (p_fit -> 'y' ->> v_next - 1)::double precision;
  return v_low + (p_raw - v_left) / (v_right - v_left)
    * ((p_fit -> 'y' ->> v_next)::double precision - v_low);
end;
$$;

comment on function semantic_analysis.apply_fit is
  'The calibrated probability of a raw figure, by the fit of a calibration map.';

create or replace function semantic_analysis.show_confidence(
  p_raw real,
  p_detail jsonb,
  p_prompt_version text
)
returns real
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  -- As MAX_VERBALIZED of the edge function.
  c_max_verbalized constant real := 0.75;
  v_method constant text := p_detail ->> 'method';
  v_fit jsonb;
begin
  -- An analysis that an application wrote itself tells no raw figure: its own is shown.
  if p_raw is null or v_method is null then
    return p_raw;
  end if;
  -- A prompt may have maps of two schema versions in force: the last that was stored is taken.
  -- A map without a fit leaves the raw figure.
  select nullif(map::jsonb -> 'fit', 'null') into v_fit
  from semantic_analysis.calibration_maps
  where prompt_version = p_prompt_version and model = p_detail ->> 'model' and method = v_method
    and withdrawn_at is null
  order by stored_at desc limit 1;
  return case
    when v_fit is not null
      then round(semantic_analysis.apply_fit(v_fit, p_raw::text::double precision)::numeric, 4)
    when v_method = 'verbalized' then least(p_raw, c_max_verbalized)
    else p_raw
  end;
end;
$$;

comment on function semantic_analysis.show_confidence is
  'What is shown of a stored raw figure: calibrated by the map in force, else capped where it is a model''s own word. p_detail: method and model, as toVisualAnalysisRow stores them; null of another''s figure.';

revoke all on function
  semantic_analysis.apply_fit,
  semantic_analysis.show_confidence
from public, anon, authenticated, service_role;
-- It tells the figure that a map gives, and none of its rows.
grant execute on function semantic_analysis.show_confidence to authenticated, service_role;
