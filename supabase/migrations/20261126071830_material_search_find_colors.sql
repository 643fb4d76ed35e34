-- Search by colour: the materials whose palettes are nearest to one that is given.
--
-- In two steps. An index gives the nearest colours in a space where distance is about what is seen; what
-- they are of is measured by CIEDE2000, each of the query's colours against the nearest of the material's,
-- weighed by the query's shares.

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
  v_most integer;
  v_filter text := nullif(material_search.to_filter(p_search), '');
  v_near material_search.colors[];
  v_materials uuid[];
  v_measured integer;
begin
  perform material_search.check_palette(p_palette);
  perform material_search.check_filters(p_search);
  v_most := 100 + least(p_most, 20000) / v_colors;
  is_all := (select count(*) <= v_most from (select from material_search.colors limit v_most + 1) c);
  v_near := array(
    select near
    from jsonb_array_elements(p_palette) color
    cross join lateral material_search.to_cielab(color ->> 'hex') lab
    cross join lateral material_search.to_looks(lab.lightness, lab.a, lab.b) look
    cross join lateral material_search.find_near(look.place, v_most) near
  );
  v_materials := array(select distinct near.material_id from unnest(v_near) near);
  if v_filter is not null then
    execute
      'select array(select distinct d.material_id from material_search.documents d
         where d.material_id = any ($1) and ' || v_filter || ')'
      into v_materials using v_materials;
  end if;
  -- Of a material, all its colours may be near to one of several; to a single one the nearest is.
  if v_colors > 1 then
    -- Eight colours against as many are 64 differences a material: so many of them are measured at most.
    v_measured := least(p_most * 2 / 5, 16000 / v_colors);
    is_all := is_all and cardinality(v_materials) <= v_measured;
    v_materials := material_search.choose_colored(p_palette, v_materials, v_measured);
    v_near := array(
      select c from material_search.colors c where c.material_id = any (v_materials)
    );
  end if;
  select * into material_ids, distances
  from material_search.measure_palette(p_palette, v_near, v_materials);
end;
$$;

comment on function material_search.rank_colors is
  'Materials whose colours are about the nearest to a palette and that the filters leave, and how far they are (CIEDE2000), nearest first; is_all: no colour was left out; without regard to rights. For material_search.find_colors alone.';

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
  -- What others have decides nothing: more is looked at until enough may be read. And the same for all
  -- pages of a depth: neighbours are of the same materials.
  foreach v_most in array case when p_last <= 200 then '{500,4000,20000}' else '{4000,20000}' end::integer[]
  loop
    select * into v_ranked from material_search.rank_colors(p_search, p_palette, v_most);
    with findable as materialized (
      select one.id, one.distance, one.place
      from unnest(v_ranked.material_ids, v_ranked.distances)
        with ordinality one (id, distance, place)
      join unnest(material_search.to_findable(p_search, v_ranked.material_ids)) findable (id)
        using (id)
    ),
    near as (
      select * from findable where distance <= coalesce(p_tolerance, 'Infinity')
      order by place limit 2000
    )
    select coalesce(array_agg(near.id order by near.place), '{}'),
      coalesce(array_agg(near.distance order by near.place), '{}'),
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
  material_search.rank_colors, material_search.find_colors, material_search.search_colors, material_search.check_colors
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.rank_colors, material_search.find_colors, material_search.search_colors,
  material_search.check_colors
  to authenticated, service_role;
