-- Colours without a step for each pair: CIEDE2000 as one stream of rows instead of a loop within each.

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
    from (
      select n, hue, c7,
        dl / (1 + 0.015 * (l - 50) * (l - 50) / sqrt(20 + (l - 50) * (l - 50))) as x,
        dc / (1 + 0.045 * c) as y,
        dh / (1 + 0.015 * c * (
          1 - 0.17 * cos(radians(hue - 30)) + 0.24 * cos(radians(2 * hue))
            + 0.32 * cos(radians(3 * hue + 6)) - 0.2 * cos(radians(4 * hue - 63))
        )) as z
      from (
        select n, dl, dc, c, l,
          2 * sqrt(c1 * c2) * sin(radians(turn / 2)) as dh, c ^ 7 as c7,
          case
            when c1 * c2 = 0 then h1 + h2
            when abs(h1 - h2) <= 180 then (h1 + h2) / 2
            when h1 + h2 < 360 then (h1 + h2 + 360) / 2
            else (h1 + h2 - 360) / 2
          end as hue
        from (
          select n, c1, c2, h1, h2, l2 - l1 as dl, c2 - c1 as dc, (c1 + c2) / 2 as c, (l1 + l2) / 2 as l,
            case
              when c1 * c2 = 0 then 0
              when h2 - h1 > 180 then h2 - h1 - 360
              when h2 - h1 < -180 then h2 - h1 + 360
              else h2 - h1
            end as turn
          from (
            select n, l1, l2, c1, c2, turned1 + case when turned1 < 0 then 360 else 0 end as h1,
              turned2 + case when turned2 < 0 then 360 else 0 end as h2
            from (
              select n, l1, l2, sqrt(a1 * a1 * stretch * stretch + b1 * b1) as c1,
                sqrt(a2 * a2 * stretch * stretch + b2 * b2) as c2,
                case when a1 = 0 and b1 = 0 then 0 else degrees(atan2(b1, a1 * stretch)) end as turned1,
                case when a2 = 0 and b2 = 0 then 0 else degrees(atan2(b2, a2 * stretch)) end as turned2
              from (
                select *, 1.5 - sqrt(mean7 / (mean7 + 6103515625)) / 2 as stretch
                from (
                  select *, ((sqrt(a1 * a1 + b1 * b1) + sqrt(a2 * a2 + b2 * b2)) / 2) ^ 7 as mean7
                  from unnest(p_lightness_1, p_a_1, p_b_1, p_lightness_2, p_a_2, p_b_2)
                    with ordinality pair (l1, a1, b1, l2, a2, b2, n)
                  offset 0
                ) chroma
                offset 0
              ) stretched
              offset 0
            ) polar
            offset 0
          ) hues
          offset 0
        ) delta
        offset 0
      ) turned
      offset 0
    ) weighed
    order by n
  );
end;
$$;

comment on function material_search.measure_differences is
  'CIEDE2000 between the colours of two lists of one length, pair by pair.';

create or replace function material_search.measure_palette(
  p_palette jsonb,
  p_colors material_search.colors[],
  p_material_ids uuid[],
  out material_ids uuid[],
  out distances real[]
)
language plpgsql
stable
set search_path = ''
as $$
begin
  with wanted as materialized (
    select n, lab.lightness, lab.a, lab.b,
      (color ->> 'share')::double precision
        / sum((color ->> 'share')::double precision) over () as weight
    from jsonb_array_elements(p_palette) with ordinality one (color, n)
    cross join lateral material_search.to_cielab(color ->> 'hex') lab
  ),
  pair as materialized (
    select c.material_id, w.n, w.weight, c.share,
      w.lightness as l1, w.a as a1, w.b as b1, c.lightness as l2, c.a as a2, c.b as b2
    from unnest(p_colors) c
    join unnest(p_material_ids) one (id) on one.id = c.material_id
    cross join wanted w
  ),
  list as (
    select array_agg(material_id) as ids, array_agg(n) as ns, array_agg(weight) as weights,
      array_agg(share) as shares,
      material_search.measure_differences(
        array_agg(l1), array_agg(a1), array_agg(b1), array_agg(l2), array_agg(a2), array_agg(b2)
      ) as differences
    from pair
  ),
  nearest as (
    select one.material_id, one.n, one.weight, min(one.difference) as difference,
      max(one.share) as share
    from list, unnest(list.ids, list.ns, list.weights, list.shares, list.differences)
      one (material_id, n, weight, share, difference)
    group by one.material_id, one.n, one.weight
  ),
  ranked as (
    select near.material_id, sum(near.weight * near.difference)::real as distance,
      max(near.share) as share
    from nearest near
    group by near.material_id
  )
  select coalesce(array_agg(r.material_id order by r.distance, r.share desc, r.material_id), '{}'),
    coalesce(array_agg(r.distance order by r.distance, r.share desc, r.material_id), '{}')
  into material_ids, distances
  from ranked r;
end;
$$;

comment on function material_search.measure_palette is
  'How far these materials are from a palette by these colours of theirs (CIEDE2000), nearest first.';
