-- Which colours are near to one, by an index, and how far a material is from a palette, measured.

create or replace function material_search.to_looks(
  p_lightness double precision,
  p_a double precision,
  p_b double precision
)
returns table (place double precision[])
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_hue double precision := case when p_a = 0 and p_b = 0 then 0 else atan2d(p_b, p_a) end;
begin
  v_hue := v_hue + case when v_hue < 0 then 360 else 0 end;
  return query select material_search.to_place(p_lightness, p_a, p_b);
  -- CIEDE2000 turns what lies across blue (a hue of 275) together: to a vivid violet, a grey with a little
  -- of the hue on the other side is nearer than a dull violet, and far away in any space of three numbers.
  if v_hue between 285 and 350 and sqrt(p_a * p_a + p_b * p_b) > 20 then
    return query select material_search.to_place(
      p_lightness, 7 * cosd(550 - v_hue), 7 * sind(550 - v_hue)
    );
  end if;
end;
$$;

comment on function material_search.to_looks is
  'Where the colours nearest to one are looked for: one place or two.';

create or replace function material_search.find_near(
  p_place double precision[],
  p_most integer
)
returns setof material_search.colors
language plpgsql
stable
security definer
set search_path = ''
-- The planner can't tell how many colours lie near, so it might read them all.
set enable_seqscan = off
as $$
declare
  v_schema text := (
    select nspname::text from pg_catalog.pg_extension
    join pg_catalog.pg_namespace n on n.oid = extnamespace
    where extname = 'cube' and to_regclass('material_search.colors_place_idx') is not null
  );
  v_order text := case
    when v_schema is null then
      '(d.place[1] - $1[1]) ^ 2 + (d.place[2] - $1[2]) ^ 2 + (d.place[3] - $1[3]) ^ 2'
    else format('%1$I.cube(d.place) operator(%1$I.<->) %1$I.cube($1)', v_schema)
  end;
begin
  -- What belongs to one user is in no index of the others': two looks, not one condition.
  return query execute format(
    '(select d.* from material_search.colors d where d.owner is null
      order by %1$s limit $2)
     union all
     (select d.* from material_search.colors d where %2$s order by %1$s limit $2)',
    v_order, material_search.to_own()
  ) using p_place, p_most;
end;
$$;

comment on function material_search.find_near is
  'The colours nearest to a place, so many, and as many of the caller''s own; without regard to rights. For material_search.rank_colors alone.';

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
    from unnest(p_colors) c cross join wanted w
    where c.material_id = any (p_material_ids)
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

create or replace function material_search.choose_colored(
  p_palette jsonb,
  p_material_ids uuid[],
  p_most integer
)
returns uuid[]
language plpgsql
stable
set search_path = ''
as $$
begin
  if cardinality(p_material_ids) <= p_most then
    return p_material_ids;
  end if;
  return array(
    with wanted as materialized (
      select n, (color ->> 'share')::double precision as weight,
        place.place[1] as x, place.place[2] as y, place.place[3] as z
      from jsonb_array_elements(p_palette) with ordinality one (color, n)
      cross join lateral material_search.to_cielab(color ->> 'hex') lab
      cross join lateral material_search.to_place(lab.lightness, lab.a, lab.b) place (place)
    ),
    colored as materialized (
      select c.material_id, c.place[1] as x, c.place[2] as y, c.place[3] as z
      from material_search.colors c where c.material_id = any (p_material_ids)
    )
    select apart.material_id
    from (
      select c.material_id, w.weight * sqrt(min(
        (c.x - w.x) * (c.x - w.x) + (c.y - w.y) * (c.y - w.y) + (c.z - w.z) * (c.z - w.z)
      )) as distance
      from colored c cross join wanted w
      group by c.material_id, w.n, w.weight
    ) apart
    group by apart.material_id
    order by sum(apart.distance), apart.material_id
    limit p_most
  );
end;
$$;

comment on function material_search.choose_colored is
  'Those of these materials, so many, whose colours are about the nearest to a palette''s.';

revoke all on function
  material_search.to_looks, material_search.find_near, material_search.measure_palette,
  material_search.choose_colored
  from public, anon, authenticated, service_role;
