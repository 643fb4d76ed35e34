-- Search by colour: the materials whose palettes are nearest to one that is given.
--
-- In two steps. An index gives the nearest colours in a space where distance is about what is seen; of the
-- materials they are of, all colours are measured by CIEDE2000, each of the query's against the nearest of
-- the material's, weighed by the query's shares.

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
returns table (material_id uuid)
language plpgsql
stable
security definer
set search_path = ''
-- The planner knows nothing of how near is near.
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
    '(select d.material_id from material_search.colors d where d.owner is null
      order by %1$s limit $2)
     union all
     (select d.material_id from material_search.colors d where %2$s order by %1$s limit $2)',
    v_order, material_search.to_own()
  ) using p_place, p_most;
end;
$$;

comment on function material_search.find_near is
  'The materials of the colours nearest to a place, so many, and as many of the caller''s own; whoever may read them. For material_search.rank_colors alone.';

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
  v_most integer;
  v_filter text := nullif(material_search.to_filter(p_search), '');
  v_candidates uuid[];
begin
  perform material_search.check_palette(p_palette);
  perform material_search.check_filters(p_search);
  v_most := 100 + least(p_most, 20000) / jsonb_array_length(p_palette);
  is_all := (select count(*) <= v_most from (select from material_search.colors limit v_most + 1) c);
  v_candidates := array(
    select distinct near.material_id
    from jsonb_array_elements(p_palette) color
    cross join lateral material_search.to_cielab(color ->> 'hex') lab
    cross join lateral material_search.to_looks(lab.lightness, lab.a, lab.b) look
    cross join lateral material_search.find_near(look.place, v_most) near
  );
  if v_filter is not null then
    execute
      'select array(select distinct d.material_id from material_search.documents d
         where d.material_id = any ($1) and ' || v_filter || ')'
      into v_candidates using v_candidates;
  end if;
  with wanted as (
    select n, lab.lightness, lab.a, lab.b,
      (color ->> 'share')::double precision
        / sum((color ->> 'share')::double precision) over () as weight
    from jsonb_array_elements(p_palette) with ordinality one (color, n)
    cross join lateral material_search.to_cielab(color ->> 'hex') lab
  ),
  pair as materialized (
    select c.material_id, w.n, w.weight, c.share,
      w.lightness as l1, w.a as a1, w.b as b1, c.lightness as l2, c.a as a2, c.b as b2
    from material_search.colors c cross join wanted w
    where c.material_id = any (v_candidates)
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

comment on function material_search.rank_colors is
  'Materials whose colours are about the nearest to a palette and that the filters leave, and how far they are (CIEDE2000), nearest first; is_all: no colour was left out; whoever may read them. For material_search.find_colors alone.';

create or replace function material_search.find_colors(
  p_search material_search.search,
  p_palette jsonb,
  p_tolerance real,
  p_last integer,
  out material_ids uuid[],
  out distances real[],
  out is_all boolean
)
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
declare
  v_most integer;
  v_ranked record;
begin
  -- What others have decides nothing: more is looked at until enough may be read. And the same for all
  -- pages of a depth: neighbours are of the same candidates.
  foreach v_most in array case when p_last <= 200 then '{500,4000,20000}' else '{4000,20000}' end::integer[]
  loop
    select * into v_ranked from material_search.rank_colors(p_search, p_palette, v_most);
    select coalesce(array_agg(near.id order by near.place), '{}'),
      coalesce(array_agg(near.distance order by near.place), '{}')
    into material_ids, distances
    from (
      select one.id, one.distance, one.place
      from unnest(v_ranked.material_ids, v_ranked.distances)
        with ordinality one (id, distance, place)
      where one.distance <= coalesce(p_tolerance, 'Infinity')
        and exists (select from public.materials_catalog material where material.id = one.id)
      order by one.place
      limit 2000
    ) near;
    -- Most of what was looked at is too far away: there is no more of what is near.
    is_all := cardinality(material_ids) < 2000 and (
      v_ranked.is_all
      or v_ranked.distances[1 + cardinality(v_ranked.distances) / 2] > p_tolerance
    );
    exit when is_all or cardinality(material_ids) >= 200;
  end loop;
  is_all := coalesce(is_all, false);
end;
$$;

comment on function material_search.find_colors is
  'The materials nearest to a palette that the caller may read and the filters leave, 2,000 at most, and how far they are (CIEDE2000, at most p_tolerance), nearest first; p_last: of the results, the last that is wanted; is_all: there are no more.';

create or replace function material_search.search_colors(
  p_search material_search.search,
  p_palette jsonb,
  p_color text,
  p_tolerance real,
  p_last integer,
  out search material_search.search,
  out is_all boolean
)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_near record;
begin
  search := p_search;
  is_all := true;
  if p_color is not null then
    select * into v_near
    from material_search.find_colors(
      search, jsonb_build_array(jsonb_build_object('hex', p_color, 'share', 1)),
      coalesce(p_tolerance, 15), p_last
    );
    search.color_ids := v_near.material_ids;
    is_all := v_near.is_all;
  end if;
  -- An embedding says more of what a picture looks like.
  if p_palette is not null and search.query_embedding is null then
    select * into v_near from material_search.find_colors(search, p_palette, null, p_last);
    search.has_query := true;
    is_all := is_all and v_near.is_all;
  elsif p_color is null or search.has_query then
    return;
  end if;
  search.similar_ids := v_near.material_ids;
  -- 100 is from black to white.
  search.similarities := array(
    select greatest(0, 1 - distance / 100)::real
    from unnest(v_near.distances) with ordinality one (distance, n) order by n
  );
end;
$$;

comment on function material_search.search_colors is
  'A search with what its colours find: color_ids for a colour that is a filter, similar_ids for a palette, and for a colour where there is nothing else to search by; is_all: no more than that is near.';

create or replace function material_search.check_colors(
  p_palette jsonb,
  p_color text,
  p_tolerance real
)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  perform material_search.check_palette(p_palette);
  if p_color is not null then
    perform material_search.to_cielab(p_color);
  end if;
  -- NaN is greater than any number.
  if not coalesce(p_tolerance between 0 and 100, true) then
    perform material_search.refuse('p_color_tolerance must be from 0 to 100');
  end if;
end;
$$;

comment on function material_search.check_colors is
  'Raises invalid_parameter_value for what is no palette, no colour or no tolerance; null is fine.';

revoke all on function
  material_search.to_looks, material_search.find_near, material_search.rank_colors,
  material_search.find_colors, material_search.search_colors, material_search.check_colors
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.rank_colors, material_search.find_colors, material_search.search_colors,
  material_search.check_colors
  to authenticated, service_role;
