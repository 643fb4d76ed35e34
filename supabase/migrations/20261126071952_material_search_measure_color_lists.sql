-- Colours are compared as lists: CIEDE2000 between all pairs of two lists in one stream of rows, and no row
-- of the table is built or taken apart on the way.

drop function if exists material_search.measure_palette(jsonb, material_search.colors[], uuid[]);
drop function if exists material_search.choose_colored(jsonb, uuid[], integer);
drop function if exists material_search.find_near(double precision[], integer);
drop function if exists material_search.measure_differences(
  double precision[], double precision[], double precision[],
  double precision[], double precision[], double precision[]
);

create or replace function material_search.choose_colors(
  p_wanted material_search.color_list,
  p_material_ids uuid[],
  p_most integer
)
returns material_search.color_list
language plpgsql
stable
set search_path = ''
as $$
declare
  v_chosen material_search.color_list;
begin
  -- As literals, so that each colour is compared with all that are wanted in one step.
  execute format(
    'with colored as materialized (
       select c.material_id, c.share, c.lightness, c.a, c.b,
         c.place[1] as x, c.place[2] as y, c.place[3] as z
       from material_search.colors c where c.material_id = any ($1)
     ),
     chosen as (
       select material_id from colored group by material_id order by %s, material_id limit $2
     )
     select array_agg(c.material_id), array_agg(c.share::double precision),
       array_agg(c.lightness), array_agg(c.a), array_agg(c.b)
     from colored c join chosen using (material_id)',
    (
      select string_agg(
        format(
          '%L::double precision * sqrt(min(
             (x - %2$L) * (x - %2$L) + (y - %3$L) * (y - %3$L) + (z - %4$L) * (z - %4$L)
           ))',
          wanted.share, place[1], place[2], place[3]
        ),
        ' + '
      )
      from unnest(p_wanted.shares, p_wanted.lightness, p_wanted.a, p_wanted.b)
        wanted (share, lightness, a, b)
      cross join lateral material_search.to_place(wanted.lightness, wanted.a, wanted.b) place
    )
  ) into v_chosen using p_material_ids, p_most;
  return v_chosen;
end;
$$;

comment on function material_search.choose_colors is
  'All colours of those of these materials, so many, whose colours are about the nearest to a palette''s.';

create or replace function material_search.compare_colors(
  p_wanted material_search.color_list,
  p_colors material_search.color_list
)
returns table (wanted bigint, color bigint, difference double precision)
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- Sharma, Wu, Dalal: "The CIEDE2000 Color-Difference Formula", 2005, in its names, but in radians. Each step
  -- is kept apart by "offset 0", or the planner would write it out at each mention. Of two colours one of
  -- which has no hue dh is 0, and then the mean hue does not matter.
  return query
  select n1, n2, sqrt(greatest(0,
    x * x + y * y + z * z
      - 2 / sqrt(1 + (25 / greatest(c, 1e-9)) ^ 7)
        * sin(radians(60) * exp(-(((hue - radians(275)) / radians(25)) ^ 2))) * y * z
  ))
  from (
    select n1, n2, c, hue, dl / (1 + 0.015 * l * l / sqrt(20 + l * l)) as x, dc / (1 + 0.045 * c) as y,
      dh / (1 + 0.015 * c * (
        1 - 0.17 * cos(hue - radians(30)) + 0.24 * cos(2 * hue)
          + 0.32 * cos(3 * hue + radians(6)) - 0.2 * cos(4 * hue - radians(63))
      )) as z
    from (
      select n1, n2, l2 - l1 as dl, (l1 + l2) / 2 - 50 as l, c2 - c1 as dc, (c1 + c2) / 2 as c,
        -- Hues that are opposite, but for rounding, are not more than half a circle apart.
        2 * sqrt(c1 * c2) * sin((h2 - h1) / 2) * case when abs(h2 - h1) > pi() + 1e-9 then -1 else 1 end as dh,
        (h1 + h2) / 2 + case
          when abs(h2 - h1) <= pi() + 1e-9 then 0
          when h1 + h2 < 2 * pi() then pi()
          else -pi()
        end as hue
      from (
        -- A half turn there and back: a hue is from 0 to 2π, not from -π to π.
        select n1, n2, l1, l2,
          sqrt(a1 * a1 * stretch * stretch + b1 * b1) as c1, atan2(-b1, -a1 * stretch) + pi() as h1,
          sqrt(a2 * a2 * stretch * stretch + b2 * b2) as c2, atan2(-b2, -a2 * stretch) + pi() as h2
        from (
          select *, 1.5 - 0.5 / sqrt(1 + (50 / greatest(chroma1 + chroma2, 1e-9)) ^ 7) as stretch
          from (
            select *, sqrt(a1 * a1 + b1 * b1) as chroma1
            from unnest(p_wanted.lightness, p_wanted.a, p_wanted.b) with ordinality one (l1, a1, b1, n1)
            offset 0
          ) one
          cross join (
            select *, sqrt(a2 * a2 + b2 * b2) as chroma2
            from unnest(p_colors.lightness, p_colors.a, p_colors.b) with ordinality one (l2, a2, b2, n2)
            offset 0
          ) other
          offset 0
        ) stretched
        offset 0
      ) polar
      offset 0
    ) delta
    offset 0
  ) weighed;
end;
$$;

comment on function material_search.compare_colors is
  'CIEDE2000 between each colour of one list and each of another, by their places in them.';

create or replace function material_search.measure_colors(
  p_wanted material_search.color_list,
  p_colors material_search.color_list,
  out material_ids uuid[],
  out distances real[]
)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_weights constant double precision[] := p_wanted.shares;
  v_material_ids constant uuid[] := p_colors.material_ids;
  v_shares constant double precision[] := p_colors.shares;
begin
  with nearest as (
    select v_material_ids[one.color] as material_id, v_weights[one.wanted] * min(one.difference) as distance,
      max(v_shares[one.color]) as share
    from material_search.compare_colors(p_wanted, p_colors) one
    group by v_material_ids[one.color], one.wanted
  ),
  ranked as (
    select near.material_id, sum(near.distance)::real as distance, max(near.share) as share
    from nearest near
    group by near.material_id
  )
  select coalesce(array_agg(r.material_id order by r.distance, r.share desc, r.material_id), '{}'),
    coalesce(array_agg(r.distance order by r.distance, r.share desc, r.material_id), '{}')
  into material_ids, distances
  from ranked r;
end;
$$;

comment on function material_search.measure_colors is
  'How far materials are from a palette by these colours of theirs (CIEDE2000), nearest first.';

create or replace function material_search.rank_colors(
  p_search material_search.search,
  p_palette jsonb,
  p_most integer,
  out material_ids uuid[],
  out distances real[],
  out is_all boolean
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_colors constant integer := jsonb_array_length(p_palette);
  v_filter constant text := nullif(material_search.to_filter(p_search), '');
  v_most integer;
  v_wanted material_search.color_list;
  v_near material_search.color_list;
  v_materials uuid[];
  v_measured integer;
begin
  perform material_search.check_palette(p_palette);
  perform material_search.check_filters(p_search);
  v_wanted := material_search.to_color_list(p_palette);
  v_most := 100 + least(p_most, 20000) / v_colors;
  execute format(
    'select (select count(*) <= $1 from (select from material_search.colors d where d.owner is null limit $1 + 1) c)
       and (select count(*) <= $1 from (select from material_search.colors d where %s limit $1 + 1) c)',
    material_search.to_own()
  ) into is_all using v_most;
  v_near := material_search.find_near_colors(v_wanted, v_most);
  if v_colors > 1 or v_filter is not null then
    v_materials := array(select distinct id from unnest(v_near.material_ids) id);
  end if;
  if v_filter is not null then
    execute
      'select array(select distinct d.material_id from material_search.documents d
         where d.material_id = any ($1) and ' || v_filter || ')'
      into v_materials using v_materials;
    select array_agg(c.id), array_agg(c.share), array_agg(c.lightness), array_agg(c.a), array_agg(c.b)
    into v_near
    from unnest(v_near.material_ids, v_near.shares, v_near.lightness, v_near.a, v_near.b)
      c (id, share, lightness, a, b)
    join unnest(v_materials) kept (id) using (id);
  end if;
  -- Of a material, all its colours may be near to one of several; to a single one the nearest is.
  if v_colors > 1 then
    -- Eight colours against as many are 64 differences a material: so many of them are measured at most.
    v_measured := least(p_most * 2 / 5, 16000 / v_colors);
    is_all := is_all and cardinality(v_materials) <= v_measured;
    v_near := material_search.choose_colors(v_wanted, v_materials, v_measured);
  end if;
  select * into material_ids, distances from material_search.measure_colors(v_wanted, v_near);
end;
$$;

revoke all on function
  material_search.choose_colors, material_search.compare_colors, material_search.measure_colors
  from public, anon, authenticated, service_role;
