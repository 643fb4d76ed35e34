-- Of the documents that are read in the stored order, each is asked only what decides: the terms of ranges
-- are there for the index. And a picture that is found whole a hundred times needs no parts.

create or replace function material_search.find_in_order(
  p_search material_search.search,
  p_least_items integer,
  p_in_names boolean,
  p_most integer,
  out material_ids uuid[], out analysis_ids text[], out is_named boolean
)
language plpgsql
stable
security definer
set search_path = ''
-- The planner may take for common what is rare, and then a scan of the table is slow: an index is read.
set enable_seqscan = off
set work_mem = '16MB'
as $$
declare
  v_order constant text := 'd.sureness desc, d.created_at desc nulls last, d.material_id';
  v_sureness constant text := 'coalesce(d.confidence, 0.75::real) as sureness';
  v_asked constant text := coalesce(
    'd.document @@ '
      || material_search.to_item_query(p_search.items, p_least_items, case when p_in_names then ':A' else '' end),
    material_search.to_found(p_search)
  );
  -- Of a row it is asked only what decides.
  v_met constant text := concat_ws(' and ', v_asked, nullif(material_search.to_exact_filter(p_search), ''));
  v_indexed constant text := concat_ws(
    ' and ',
    case when not p_in_names then v_asked
      else 'ts_filter(d.document, ''{a}'') @@ ' || material_search.to_item_query(p_search.items, p_least_items, '') end,
    nullif(material_search.to_filter(p_search), '')
  );
  -- Up to so many documents that match, all are fetched; from there on the stored order costs less.
  v_balance constant float8 := sqrt(p_most::float8 * (
    select greatest(reltuples, 1000) from pg_catalog.pg_class where oid = 'material_search.documents'::regclass
  ));
  v_ordered constant text :=
    'select *, ' || v_sureness || ' from material_search.documents d where d.owner is null
     order by coalesce(d.confidence, 0.75::real) desc, d.created_at desc nulls last, d.material_id limit ';
  v_is_common boolean;
  v_public text;
  v_found integer;
begin
  -- What is common is met soon in the stored order; of what is rare all is fetched and sorted. Which it
  -- is decides how it is looked for, never what is found.
  execute format('select count(*) >= %s from (%s 200) d where %s', 200 * p_most / v_balance, v_ordered, v_met)
    into v_is_common;
  foreach v_is_common in array case when v_is_common then '{true,false}' else '{false}' end::boolean[] loop
    v_public := case
      when v_is_common then format('select * from (%s %s) d where %s', v_ordered, ceil(2 * v_balance), v_met)
      -- Kept apart, or all documents would be read in the stored order until enough are met.
      else format(
        'select * from (select *, %s from material_search.documents d where d.owner is null and %s offset 0) d',
        v_sureness, v_indexed
      )
    end;
    execute format(
      'with found as materialized (
         select d.material_id, d.needs_analysis, d.analysis_id, d.created_at, d.sureness, d.document
         from (%1$s) d order by %2$s limit %3$s
       )
       select coalesce(array_agg(d.material_id), ''{}''), %4$s, count(*) filter (where %8$s) >= %3$s / 2,
         (select count(*) from found)
       from (
         select * from (
           select * from found
           union all
           select d.material_id, d.needs_analysis, d.analysis_id, d.created_at, %5$s, d.document
           from material_search.documents d where %6$s and %7$s
         ) d
         order by %2$s limit %3$s
       ) d',
      v_public, v_order, p_most, material_search.to_needed_analyses(), v_sureness, material_search.to_own(), v_met,
      material_search.to_named(p_search.items, p_least_items)
    ) into material_ids, analysis_ids, is_named, v_found;
    exit when v_found >= p_most;
  end loop;
end;
$$;

comment on function material_search.find_in_order is
  'The first documents, in the stored order, that have at least p_least_items of a search''s items (null: that the search finds), in their names or anywhere, without regard to rights; as of material_search.find_matching. is_named: whether p_most are found, half of them by the words of their names. For material_search.read_first alone.';

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
  v_enough constant integer := 200;
  v_rare_from integer := coalesce(cardinality(p_search.items), 0) + 1;
  v_common_to integer := 0;
  v_least integer;
  v_is_named boolean := false;
  v_more record;
  v_rare uuid[] := '{}';
  v_head uuid[] := '{}';
begin
  if cardinality(p_found) <= 2000 then
    return p_found;
  end if;
  if p_first is not null then
    return p_first;
  end if;
  -- Those with the most items are few, and all taken; those with one less are more than enough. Where
  -- that changes is looked for from a guess, upwards or downwards.
  v_least := case
    -- What one picture shows goes together in others, and so do two words.
    when v_rare_from <= 3 or p_search.is_narrow then v_rare_from - 1
    -- One more than any in the sample has: of too many items few documents are read, of too few many.
    else (
      select max(bit_count(items::bit(6))) + 1
      from unnest(material_search.read_sample(p_search.items)) items
    )
  end;
  while v_common_to + 1 < v_rare_from loop
    v_least := least(greatest(coalesce(v_least, 1), v_common_to + 1), v_rare_from - 1);
    v_more := material_search.read_first(p_search, v_enough, v_least, false);
    if cardinality(v_more.material_ids) = v_enough then
      v_common_to := v_least;
      v_head := v_more.material_ids;
      v_is_named := v_more.is_named;
      v_least := v_least + 1;
    else
      v_rare_from := v_least;
      v_rare := v_more.material_ids;
      v_least := v_least - 1;
      -- What has fewer of a picture's properties is not before these.
      exit when p_search.is_narrow and cardinality(v_rare) >= 100;
    end if;
  end loop;
  -- Of documents with few of the picture's properties, those are taken that the search itself finds.
  if v_common_to = 0 or p_search.is_narrow and v_common_to < 3 then
    v_more := material_search.read_first(p_search, v_enough, null, false);
    v_head := v_head || v_more.material_ids;
  -- Of more documents than can be scored, those with the words in their names are taken as well.
  elsif not p_search.is_narrow and not v_is_named then
    v_more := material_search.read_first(p_search, v_enough, v_common_to, true);
    v_head := v_head || v_more.material_ids;
  end if;
  v_head := v_rare || v_head;
  if p_search.similar_ids is not null then
    v_head := v_head || array(
      select id from public.materials_catalog where id = any (p_search.similar_ids[1:1000])
    );
  end if;
  return array(select distinct unnest(v_head));
end;
$$;

comment on function material_search.choose_scored is
  'The materials to be scored of those that a search finds: all, where there are at most 2,000; else some hundreds that have the most of its items. The others follow in the stored order. p_first: of material_search.read_found.';
