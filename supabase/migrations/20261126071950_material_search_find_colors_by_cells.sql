-- Colours that are near come from an index whose pages hardly overlap, in one statement for all that are
-- wanted, as a list.

do $$
begin
  create type material_search.color_list as (
    material_ids uuid[],
    shares double precision[],
    lightness double precision[],
    a double precision[],
    b double precision[]
  );
exception
  when duplicate_object then null;
end
$$;

comment on type material_search.color_list is
  'Colours (CIELAB), one at each place of the arrays. material_ids: whose they are, null for those of a query. shares: of the picture; of a query they come to 1.';

create or replace function material_search.to_cell(p_place double precision[])
returns double precision
language plpgsql
immutable
set search_path = ''
as $$
begin
  return floor(p_place[1] / 4) * 10000 + floor(p_place[2] / 4) * 100 + floor(p_place[3] / 4);
end;
$$;

comment on function material_search.to_cell is
  'The cell of 4 by 4 by 4 that a place (of material_search.to_place) lies in, as a number that is near for neighbours.';

-- Pages that cube divides by itself overlap: of a million materials 270 to 550 of them were read for 600
-- colours, by the cell first 25 to 95.
do $$
declare
  v_schema text := (
    select nspname from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
    where extname = 'cube'
  );
begin
  if v_schema is not null then
    drop index if exists material_search.colors_place_idx;
    execute format(
      'create index colors_place_idx on material_search.colors
       using gist (%1$I.cube(material_search.to_cell(place)), %1$I.cube(place)) where owner is null',
      v_schema
    );
  end if;
end
$$;

create or replace function material_search.to_color_list(p_palette jsonb)
returns material_search.color_list
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_list material_search.color_list;
begin
  select array_agg(one.share / one.shares order by one.n), array_agg(lab.lightness order by one.n),
    array_agg(lab.a order by one.n), array_agg(lab.b order by one.n)
  into v_list.shares, v_list.lightness, v_list.a, v_list.b
  from (
    select n, color ->> 'hex' as hex, (color ->> 'share')::double precision as share,
      sum((color ->> 'share')::double precision) over () as shares
    from jsonb_array_elements(p_palette) with ordinality color (color, n)
  ) one
  cross join lateral material_search.to_cielab(one.hex) lab;
  return v_list;
end;
$$;

comment on function material_search.to_color_list is 'The colours of a palette, in its order.';

create or replace function material_search.find_near_colors(
  p_wanted material_search.color_list,
  p_most integer
)
returns material_search.color_list
language plpgsql
stable
security definer
set search_path = ''
-- The planner can't tell how many colours lie near, so it might read them all.
set enable_seqscan = off
as $$
declare
  v_schema constant text := (
    select nspname::text from pg_catalog.pg_extension
    join pg_catalog.pg_namespace n on n.oid = extnamespace
    where extname = 'cube' and to_regclass('material_search.colors_place_idx') is not null
  );
  v_order constant text := case
    when v_schema is null then
      '(d.place[1] - look.place[1]) ^ 2 + (d.place[2] - look.place[2]) ^ 2 + (d.place[3] - look.place[3]) ^ 2'
    else format('%1$I.cube(d.place) operator(%1$I.<->) %1$I.cube(look.place)', v_schema)
  end;
  v_near material_search.color_list;
begin
  -- What belongs to one user is in no index of the others': two looks, not one condition.
  execute format(
    'select array_agg(near.material_id), array_agg(near.share::double precision),
       array_agg(near.lightness), array_agg(near.a), array_agg(near.b)
     from unnest($1, $2, $3) wanted (lightness, a, b)
     cross join lateral material_search.to_looks(wanted.lightness, wanted.a, wanted.b) look
     cross join lateral (
       (select d.* from material_search.colors d where d.owner is null order by %1$s limit $4)
       union all
       (select d.* from material_search.colors d where %2$s order by %1$s limit $4)
     ) near',
    v_order, material_search.to_own()
  ) into v_near using p_wanted.lightness, p_wanted.a, p_wanted.b, p_most;
  return v_near;
end;
$$;

comment on function material_search.find_near_colors is
  'For each of these colours those about the nearest, so many, and as many of the caller''s own; without regard to rights. For material_search.rank_colors alone.';

revoke all on function
  material_search.to_cell, material_search.to_color_list, material_search.find_near_colors
  from public, anon, authenticated, service_role;
