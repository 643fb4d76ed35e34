-- Pages of a search by colour are of one ranking, however deep: what is near is looked for in steps, and a
-- deeper page took a larger step in place of a smaller one, which measures less. Its materials were others,
-- so that one of a page came again on the next.

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
  v_median real;
begin
  -- What others have decides nothing: more is looked at until enough may be read.
  foreach v_most in array '{500,4000,20000}'::integer[] loop
    -- Of few that are left the nearest may be missing. Else they stay the first.
    if coalesce(cardinality(material_ids), 0) < 100 then
      material_ids := '{}';
      distances := '{}';
    end if;
    select * into v_ranked from material_search.rank_colors(p_search, p_palette, v_most);
    with findable as materialized (
      select one.id, one.distance, one.place
      from unnest(v_ranked.material_ids, v_ranked.distances)
        with ordinality one (id, distance, place)
      join unnest(material_search.to_findable(p_search, v_ranked.material_ids)) findable (id)
        using (id)
    ),
    near as (
      select id, place,
        -- What an earlier step has missed comes behind what it found, and is as far at least.
        greatest(distance, distances[cardinality(distances)]) as distance
      from findable
      where distance <= coalesce(p_tolerance, 'Infinity')
        and not exists (select from unnest(material_ids) earlier where earlier = findable.id)
      order by place limit 2000 - cardinality(material_ids)
    )
    select material_ids || coalesce(array_agg(near.id order by near.place), '{}'),
      distances || coalesce(array_agg(near.distance order by near.place), '{}'),
      (select percentile_disc(0.5) within group (order by distance) from findable)
    into material_ids, distances, v_median
    from near;
    -- Most of what was looked at is too far away: there is no more of what is near.
    is_all := cardinality(material_ids) < 2000 and (v_ranked.is_all or v_median > p_tolerance);
    -- No page is beyond the 2,000, however deep it is asked for.
    exit when is_all or cardinality(material_ids) >= least(greatest(100, p_last), 2000);
  end loop;
  is_all := coalesce(is_all, false);
end;
$$;

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
  -- What counts beside other things is the same for all pages: it decides where these are.
  if p_color is not null then
    select * into v_near
    from material_search.find_colors(
      search, jsonb_build_array(jsonb_build_object('hex', p_color, 'share', 1)),
      coalesce(p_tolerance, 15), case when search.has_query or p_palette is not null then 0 else p_last end
    );
    search.color_ids := v_near.material_ids;
    is_all := v_near.is_all;
  end if;
  -- An embedding says more of what a picture looks like.
  if p_palette is not null and search.query_embedding is null then
    select * into v_near
    from material_search.find_colors(
      search, p_palette, null, case when search.has_query then 0 else p_last end
    );
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
