-- Which of what a search finds is scored is told by one look at the documents that have the most of its
-- items, where each number of items took a look of its own.

create or replace function material_search.find_by_items(
  p_search material_search.search,
  p_least_items integer,
  p_most integer,
  out material_ids uuid[], out analysis_ids text[], out items integer[], out is_all boolean
)
language plpgsql
stable
security definer
set search_path = ''
set enable_seqscan = off
set work_mem = '16MB'
as $$
declare
  v_order constant text := 'd.sureness desc, d.created_at desc nulls last, d.material_id';
  v_all constant integer := least(cardinality(p_search.items), 6);
  v_asked constant text := 'd.document @@ ' || material_search.to_item_query(p_search.items, p_least_items, '');
  v_items constant text := (
    select 'case ' || string_agg(
      format('when not d.document @@ %s then %s', material_search.to_item_query(p_search.items, n, ''), n - 1),
      ' ' order by n
    ) || format(' else %s end', v_all)
    from generate_series(greatest(p_least_items, 0) + 1, v_all) n
  );
begin
  execute format(
    'with first as materialized (
       select d.material_id, d.needs_analysis, d.analysis_id, d.created_at,
         coalesce(d.confidence, 0.75::real) as sureness, %1$s as items
       from (
         select * from material_search.documents d where d.owner is null and %2$s
         union all
         select * from material_search.documents d where %3$s and %2$s
       ) d
       order by items desc, sureness desc, created_at desc nulls last, material_id limit %4$s::bigint * 2
     ),
     level as materialized (
       select coalesce((select items from first order by items desc offset %4$s - 1 limit 1), %5$s) as least
     )
     select coalesce(array_agg(d.material_id), ''{}''), %7$s, coalesce(array_agg(d.items), ''{}''),
       count(*) = (select count(*) from first)
     from (
       select d.*, row_number() over (order by %6$s) as place,
         row_number() over (partition by d.items order by %6$s) as place_of_number
       from first d, level where d.items >= level.least order by place
     ) d
     where d.place_of_number <= %4$s',
    coalesce(v_items, v_all::text),
    concat_ws(' and ', v_asked, nullif(material_search.to_filter(p_search), '')),
    material_search.to_own(), p_most, p_least_items, v_order, material_search.to_needed_analyses()
  ) into material_ids, analysis_ids, items, is_all;
end;
$$;

comment on function material_search.find_by_items is
  'Documents with at least p_least_items of a search''s items, in the stored order, and how many of them each has, without regard to rights: all that have more than some number of items, and the first p_most of those that have as many, where these are p_most together. is_all: whether no document with p_least_items is left out. For material_search.read_by_items alone.';

create or replace function material_search.read_by_items(
  p_search material_search.search,
  p_least_items integer,
  p_most integer,
  out material_ids uuid[],
  out items integer[]
)
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
set enable_seqscan = off
as $$
declare
  v_batch integer := p_most;
  v_found record;
begin
  loop
    v_found := material_search.find_by_items(p_search, p_least_items, v_batch);
    execute format(
      'select coalesce(array_agg(r.material_id order by r.place), ''{}''),
         coalesce(array_agg(r.items order by r.place), ''{}'')
       from unnest($1, $2, $3) with ordinality r (material_id, analysis_id, items, place)
       where exists (select from public.materials_catalog material where material.id = r.material_id)
         and %s',
      material_search.to_readable_analysis()
    ) into material_ids, items using v_found.material_ids, v_found.analysis_ids, v_found.items;
    -- Of what is the first for others some may be hidden; and a material may have two documents.
    exit when v_found.is_all
      or v_found.analysis_ids is null and cardinality(material_ids) = cardinality(v_found.material_ids)
      or p_most <= (
        select count(distinct one.id) from unnest(material_ids, items) one (id, items)
        where one.items = (select min(n) from unnest(v_found.items) n)
      );
    v_batch := least(v_batch::bigint * 10, 2147483647);
  end loop;
end;
$$;

comment on function material_search.read_by_items is
  'The documents of material_search.find_by_items that the caller may read: where p_most materials or more have some number of items, as many as tell the first p_most of them.';

create or replace function material_search.leave_out_unknown(p_items text[], p_sample integer[])
returns text[]
language plpgsql
stable
set search_path = ''
as $$
declare
  v_sampled constant integer := coalesce((select bit_or(items) from unnest(p_sample) items), 0);
begin
  return array(
    select item from unnest(p_items) with ordinality one (item, place)
    where v_sampled & (1 << (place::integer - 1)) > 0 or material_search.is_found(item)
    order by place
  );
end;
$$;

comment on function material_search.leave_out_unknown is
  'Those of these items that a material has which the caller may read, or a document of the sample of material_search.find_sample.';

create or replace function material_search.guess_least_items(
  p_search material_search.search,
  p_sample integer[]
)
returns integer
language plpgsql
stable
set search_path = ''
as $$
declare
  v_all constant integer := coalesce(cardinality(p_search.items), 0);
  v_documents constant float8 := (
    select greatest(reltuples, 1000) from pg_catalog.pg_class where oid = 'material_search.documents'::regclass
  );
  v_least integer;
  v_expected float8;
begin
  if v_all <= 2 then
    return v_all + 1;
  end if;
  select counted.least, counted.expected into v_least, v_expected
  from (
    select n as least, v_documents * sum(count(*)) over (order by n desc) / sum(count(*)) over () as expected
    from unnest(p_sample) items, bit_count(items::bit(6)) n
    group by n
  ) counted
  -- What one picture shows goes together in others.
  where counted.least >= case when p_search.is_narrow then v_all - 1 else 1 end
    and (p_search.is_narrow or counted.expected >= 200)
  order by case when p_search.is_narrow then counted.least else -counted.least end limit 1;
  v_least := case when p_search.is_narrow then v_all - 1 else greatest(v_least, 1) end;
  -- To read more than about 3,000 costs more than to look once more.
  return v_least + (coalesce(v_expected, 0) + v_documents / 300 > 3000)::integer;
end;
$$;

comment on function material_search.guess_least_items is
  'From which number of a search''s items on documents are looked at together: one that some hundreds have, by the sample of material_search.find_sample. More than it has where each number is looked for by itself.';

create or replace function material_search.choose_by_items(
  p_search material_search.search,
  p_found uuid[],
  out rare uuid[], out common uuid[], out least_items integer
)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_enough constant integer := 200;
  v_sample integer[];
  v_all integer;
  v_least integer;
  v_counted record;
begin
  if cardinality(p_search.items) > 2 then
    -- Also of others' documents: it decides how the caller's are looked for, never which.
    v_sample := (material_search.find_sample(p_search.items)).items;
    -- What nothing has changes no order, but makes each query longer.
    p_search.items := material_search.leave_out_unknown(p_search.items, v_sample);
  end if;
  v_all := coalesce(cardinality(p_search.items), 0);
  v_least := material_search.guess_least_items(p_search, v_sample);
  if v_least <= v_all then
    v_counted := material_search.read_by_items(p_search, v_least, v_enough);
  end if;
  rare := '{}';
  least_items := v_all;
  -- Those with the most items are few, and all taken; those with one less are more than enough.
  while least_items > 0 loop
    if least_items >= v_least then
      common := array(
        select one.id
        from unnest(v_counted.material_ids, v_counted.items) with ordinality one (id, items, place)
        where one.items >= least_items
        group by one.id order by min(one.place) limit v_enough
      );
    else
      common := coalesce(
        material_search.sort_found(p_search, p_found, v_enough),
        (material_search.read_first(p_search, v_enough, least_items, false)).material_ids
      );
    end if;
    exit when cardinality(common) = v_enough;
    rare := common;
    common := '{}';
    least_items := least_items - 1;
    -- What has fewer of a picture's properties is not before these.
    if p_search.is_narrow and cardinality(rare) >= 100 then
      least_items := 0;
    end if;
  end loop;
end;
$$;

comment on function material_search.choose_by_items is
  'The materials that the caller may read with the most of a search''s items. common: the first 200 in the stored order that have at least least_items of them, 0 where that are fewer; rare: all that have more. p_found: of material_search.read_found.';

create or replace function material_search.are_named(
  p_items text[],
  p_least_items integer,
  p_material_ids uuid[]
)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_named bigint;
begin
  -- By what of its name every reader of a material sees: an analysis may be hidden.
  execute format(
    'select count(*) from material_search.documents d where d.material_id = any ($1) and not d.needs_analysis and %s',
    material_search.to_named(p_items[1:6], p_least_items)
  ) into v_named using p_material_ids[1:200];
  return v_named >= 100;
end;
$$;

comment on function material_search.are_named is
  'Whether a hundred or more of these materials, of 200 at most, have at least so many of some items in their names. For material_search.choose_scored alone.';

create or replace function material_search.choose_scored(
  p_search material_search.search,
  p_found uuid[],
  p_first uuid[]
)
returns uuid[]
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
set enable_seqscan = off
as $$
declare
  v_chosen record;
  v_head uuid[];
begin
  if cardinality(p_found) <= 2000 then
    return p_found;
  end if;
  if p_first is not null then
    return p_first;
  end if;
  v_chosen := material_search.choose_by_items(p_search, p_found);
  v_head := v_chosen.rare || v_chosen.common;
  -- Of documents with few of the picture's properties, those are taken that the search itself finds.
  if v_chosen.least_items = 0 or p_search.is_narrow and v_chosen.least_items < 3 then
    v_head := v_head || (material_search.read_first(p_search, 200, null, false)).material_ids;
  -- Of more documents than can be scored, those with the words in their names are taken as well.
  elsif not p_search.is_narrow
    and not material_search.are_named(p_search.items, v_chosen.least_items, v_chosen.common)
  then
    v_head := v_head || (material_search.read_first(p_search, 200, v_chosen.least_items, true)).material_ids;
  end if;
  if p_search.similar_ids is not null then
    v_head := v_head || array(
      select id from public.materials_catalog where id = any (p_search.similar_ids[1:1000])
    );
  end if;
  return array(select distinct unnest(v_head));
end;
$$;

revoke all on function
  material_search.find_by_items, material_search.read_by_items, material_search.leave_out_unknown,
  material_search.guess_least_items, material_search.choose_by_items, material_search.are_named
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.find_by_items, material_search.read_by_items, material_search.leave_out_unknown,
  material_search.guess_least_items, material_search.choose_by_items, material_search.are_named
  to authenticated, service_role;
