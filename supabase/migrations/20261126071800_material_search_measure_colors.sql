-- Colours as numbers: CIELAB of what a screen shows, and how different two colours look.
--
-- CIELAB is of the white D65 that sRGB is made for. The difference is CIEDE2000: below 1 nothing is seen,
-- 2 to 3 are seen side by side, 10 is another shade, 50 another colour.

create or replace function material_search.to_cielab(
  p_hex text,
  out lightness double precision,
  out a double precision,
  out b double precision
)
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_linear double precision[];
  v_root double precision[];
begin
  if coalesce(p_hex !~* '^#[0-9a-f]{6}$', true) then
    perform material_search.refuse('A colour must be given as "#rrggbb"');
  end if;
  -- IEC 61966-2-1, then CIE 15:2004.
  v_linear := array(
    select case when byte <= 0.04045 * 255 then byte / 255.0 / 12.92
      else ((byte / 255.0 + 0.055) / 1.055) ^ 2.4 end
    from unnest('{2,4,6}'::integer[]) with ordinality place (start, n),
      lateral (select ('x' || substr(p_hex, start, 2))::bit(8)::integer as byte) one
    order by n
  );
  v_root := array(
    select case when share > (6 / 29.0) ^ 3 then cbrt(share)
      else share / (3 * (6 / 29.0) ^ 2) + 4 / 29.0 end
    from (values
      (1, (0.4124564 * v_linear[1] + 0.3575761 * v_linear[2] + 0.1804375 * v_linear[3]) / 0.95047),
      (2, 0.2126729 * v_linear[1] + 0.7151522 * v_linear[2] + 0.072175 * v_linear[3]),
      (3, (0.0193339 * v_linear[1] + 0.119192 * v_linear[2] + 0.9503041 * v_linear[3]) / 1.08883)
    ) white (n, share)
    order by n
  );
  lightness := 116 * v_root[2] - 16;
  a := 500 * (v_root[1] - v_root[2]);
  b := 200 * (v_root[2] - v_root[3]);
end;
$$;

comment on function material_search.to_cielab is
  'CIELAB (D65) of a colour of sRGB, "#rrggbb"; raises invalid_parameter_value for anything else.';

create or replace function material_search.measure_differences(
  p_lightness_1 double precision[],
  p_a_1 double precision[],
  p_b_1 double precision[],
  p_lightness_2 double precision[],
  p_a_2 double precision[],
  p_b_2 double precision[]
)
returns double precision[]
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- Sharma, Wu, Dalal: "The CIEDE2000 Color-Difference Formula", 2005, in its names. Each step is kept
  -- apart by "offset 0", or the planner would write it out at each mention.
  return array(
    select sqrt(greatest(0,
      x * x + y * y + z * z
        - sin(radians(60 * exp(-((hue - 275) * (hue - 275) / 625)))) * 2
          * sqrt(c7 / (c7 + 6103515625)) * y * z
    ))
    from unnest(p_lightness_1, p_a_1, p_b_1, p_lightness_2, p_a_2, p_b_2)
      with ordinality pair (l1, a1, b1, l2, a2, b2, n)
    cross join lateral (
      select ((sqrt(a1 * a1 + b1 * b1) + sqrt(a2 * a2 + b2 * b2)) / 2) ^ 7 as mean7 offset 0
    ) chroma
    cross join lateral (
      select 1.5 - sqrt(mean7 / (mean7 + 6103515625)) / 2 as stretch offset 0
    ) stretched
    cross join lateral (
      select sqrt(a1 * a1 * stretch * stretch + b1 * b1) as c1,
        sqrt(a2 * a2 * stretch * stretch + b2 * b2) as c2,
        case when a1 = 0 and b1 = 0 then 0 else degrees(atan2(b1, a1 * stretch)) end as turned1,
        case when a2 = 0 and b2 = 0 then 0 else degrees(atan2(b2, a2 * stretch)) end as turned2
      offset 0
    ) polar
    cross join lateral (
      select turned1 + case when turned1 < 0 then 360 else 0 end as h1,
        turned2 + case when turned2 < 0 then 360 else 0 end as h2
      offset 0
    ) hues
    cross join lateral (
      select l2 - l1 as dl, c2 - c1 as dc, (c1 + c2) / 2 as c, (l1 + l2) / 2 as l,
        case
          when c1 * c2 = 0 then 0
          when h2 - h1 > 180 then h2 - h1 - 360
          when h2 - h1 < -180 then h2 - h1 + 360
          else h2 - h1
        end as turn
      offset 0
    ) delta
    cross join lateral (
      select 2 * sqrt(c1 * c2) * sin(radians(turn / 2)) as dh, c ^ 7 as c7,
        case
          when c1 * c2 = 0 then h1 + h2
          when abs(h1 - h2) <= 180 then (h1 + h2) / 2
          when h1 + h2 < 360 then (h1 + h2 + 360) / 2
          else (h1 + h2 - 360) / 2
        end as hue
      offset 0
    ) turned
    cross join lateral (
      select dl / (1 + 0.015 * (l - 50) * (l - 50) / sqrt(20 + (l - 50) * (l - 50))) as x,
        dc / (1 + 0.045 * c) as y,
        dh / (1 + 0.015 * c * (
          1 - 0.17 * cos(radians(hue - 30)) + 0.24 * cos(radians(2 * hue))
            + 0.32 * cos(radians(3 * hue + 6)) - 0.2 * cos(radians(4 * hue - 63))
        )) as z
      offset 0
    ) weighed
    order by n
  );
end;
$$;

comment on function material_search.measure_differences is
  'CIEDE2000 between the colours of two lists of one length, pair by pair.';

create or replace function material_search.to_place(
  p_lightness double precision,
  p_a double precision,
  p_b double precision
)
returns double precision[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_chroma double precision := 0.045 * sqrt(p_a * p_a + p_b * p_b);
  v_scale double precision := case when v_chroma = 0 then 1 else ln(1 + v_chroma) / v_chroma end;
begin
  return array[p_lightness, p_a * v_scale, p_b * v_scale];
end;
$$;

comment on function material_search.to_place is
  'Where a colour is looked for: CIELAB with the chroma drawn together as CIEDE2000 weighs it, so that what is near there looks alike.';

revoke all on function
  material_search.to_cielab, material_search.measure_differences, material_search.to_place
  from public, anon, authenticated, service_role;
grant execute on function material_search.to_cielab to authenticated, service_role;
