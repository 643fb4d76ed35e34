-- Which documents a search looks at. A catalogue may have a million that are found: those that are scored
-- are some hundreds, by conditions from the strictest on, each in the stored order: the surest analysis
-- first, then the newest material. So it is the caller's readable rows alone that decide what is scored.
--
-- Security definer, because full-text search behind row level security can use no index. What it returns
-- is ids; which of them the caller may know of is for material_search.find_readable to say.

create or replace function material_search.to_threshold(p_items text[], p_least integer)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  if not coalesce(p_least between 1 and cardinality(p_items), false) then
    return null;
  end if;
  if p_least = 1 or p_least = cardinality(p_items) then
    return '(' || array_to_string(p_items, case p_least when 1 then ' | ' else ' & ' end) || ')';
  end if;
  return format(
    '((%s & %s) | %s)',
    p_items[1], material_search.to_threshold(p_items[2:], p_least - 1),
    material_search.to_threshold(p_items[2:], p_least)
  );
end;
$$;

comment on function material_search.to_threshold is
  'At least so many of some queries, from one to all, as a query; null for fewer or more.';

create or replace function material_search.to_item_query(
  p_items text[],
  p_least integer,
  p_places text
)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return quote_literal(material_search.to_threshold(
    array(
      select '(' || (
        select string_agg(
          '''' || replace(replace(word, '\', '\\'), '''', '''''') || '''' || p_places, ' | '
        )
        from unnest(string_to_array(item, chr(31))) word
      ) || ')'
      from unnest(p_items[1:6]) with ordinality one (item, place)
      order by place
    ),
    p_least
  )) || '::tsquery';
end;
$$;

comment on function material_search.to_item_query is
  'The query for at least so many of some items, of six at most, as a literal; p_places: such as :A for the weights that count, all when empty.';

create or replace function material_search.to_own()
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_claims jsonb := material_search.read_claims();
begin
  -- What belongs to one user is in no index of the others': two looks, not one condition.
  return case
    when v_claims ->> 'role' = 'service_role' then 'd.owner is not null'
    else 'd.owner = ' || coalesce(quote_literal(v_claims ->> 'sub'), 'null')
  end;
end;
$$;

comment on function material_search.to_own is
  'The condition on a document d that it belongs to one user and may be found by the caller.';

create or replace function material_search.to_needed_analyses()
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return case
    when (material_search.read_settings()).owns_analyses then 'null::text[]'
    else 'array_agg(case when d.needs_analysis then coalesce(d.analysis_id, '''') end)'
  end;
end;
$$;

comment on function material_search.to_needed_analyses is
  'The ids of the analyses that documents d need, null for one that needs none, as an aggregate; null in all where no document needs one.';

create or replace function material_search.to_condition(
  p_search material_search.search,
  p_item_condition text
)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return concat_ws(
    ' and ',
    coalesce(p_item_condition, material_search.to_found(p_search)),
    nullif(material_search.to_filter(p_search), '')
  );
end;
$$;

comment on function material_search.to_condition is
  'The condition on a document d that it is found by a search, or by a condition on the search''s items instead of its words.';

create or replace function material_search.find_all(
  p_search material_search.search,
  p_most integer,
  out material_ids uuid[],
  out analysis_ids text[]
)
language plpgsql
stable
security definer
set search_path = ''
-- A scan of the table soon meets enough documents that have something common.
set enable_seqscan = on
as $$
begin
  execute format(
    'select coalesce(array_agg(d.material_id), ''{}''), %4$s
     from (
       (
         select d.material_id, d.needs_analysis, d.analysis_id
         from material_search.documents d where d.owner is null and %1$s limit %3$s
       )
       union all
       (
         select d.material_id, d.needs_analysis, d.analysis_id
         from material_search.documents d where %2$s and %1$s limit %3$s
       )
       limit %3$s
     ) d',
    material_search.to_condition(p_search, null), material_search.to_own(), p_most,
    material_search.to_needed_analyses()
  ) into material_ids, analysis_ids;
end;
$$;

comment on function material_search.find_all is
  'So many of the documents that a search finds, without regard to rights, in no order: their materials, and the analyses they need (of material_search.to_needed_analyses). For material_search.find_readable alone.';

create or replace function material_search.find_sample(
  p_items text[],
  out material_ids uuid[],
  out analysis_ids text[],
  out items integer[]
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  execute format(
    'select coalesce(array_agg(d.material_id), ''{}''), %s, coalesce(array_agg(%s), ''{}'')
     from (
       select * from material_search.documents d where d.owner is null
       order by coalesce(d.confidence, 0.75::real) desc, d.created_at desc nulls last, d.material_id
       limit 300
     ) d',
    material_search.to_needed_analyses(),
    (
      select coalesce(string_agg(
        format(
          '((d.document @@ %s)::integer << %s)', material_search.to_item_query(array[item], 1, ''), place - 1
        ), ' | '
      ), '0')
      from unnest(p_items[1:30]) with ordinality one (item, place)
    )
  ) into material_ids, analysis_ids, items;
end;
$$;

comment on function material_search.find_sample is
  'The first 300 documents in the stored order, without regard to rights, and which of these items each has, 30 at most, as bits. For material_search.count_items alone.';

create or replace function material_search.find_first(
  p_search material_search.search,
  p_least_items integer,
  p_in_names boolean,
  p_most integer,
  out material_ids uuid[], out analysis_ids text[]
)
language plpgsql
stable
security definer
set search_path = ''
-- The planner may take for common what is rare, and then a scan of the table is slow: an index is read.
set enable_seqscan = off
as $$
declare
  v_met constant text := material_search.to_condition(
    p_search,
    'd.document @@ '
      || material_search.to_item_query(p_search.items, p_least_items, case when p_in_names then ':A' else '' end)
  );
  v_indexed constant text := case
    when p_in_names then material_search.to_condition(
      p_search,
      'ts_filter(d.document, ''{a}'') @@ ' || material_search.to_item_query(p_search.items, p_least_items, '')
    )
    else v_met
  end;
  -- Up to so many documents that match, all are fetched; from there on the stored order costs less.
  v_balance constant float8 := sqrt(p_most::float8 * (
    select greatest(reltuples, 1000) from pg_catalog.pg_class where oid = 'material_search.documents'::regclass
  ));
begin
  -- What is common is met soon in the stored order; of what is rare all is fetched and sorted. Which it
  -- is, the first 500 documents tell; that decides how it is looked for, never what is found.
  execute format(
    'with probe as materialized (
       select count(*) as n
       from (
         select * from material_search.documents d where d.owner is null
         order by %3$s desc, d.created_at desc nulls last, d.material_id limit 500
       ) d
       where %1$s
     ),
     near as materialized (
       select d.*
       from (
         select d.*, %3$s as sureness from material_search.documents d where d.owner is null
         order by %3$s desc, d.created_at desc nulls last, d.material_id
         limit (select case when n >= %7$s then %8$s else 0 end from probe)
       ) d
       where %1$s
       order by d.sureness desc, d.created_at desc nulls last, d.material_id limit %4$s
     ),
     found as (
       (select * from near where (select count(*) from near) = %4$s) union all
       (
         select * from (
           select d.*, %3$s as sureness from material_search.documents d
           where d.owner is null and %6$s offset 0
         ) d
         where (select count(*) from near) < %4$s
         order by d.sureness desc, d.created_at desc nulls last, d.material_id limit %4$s
       )
       union all
       (
         select d.*, %3$s as sureness from material_search.documents d where %2$s and %1$s
         order by sureness desc, d.created_at desc nulls last, d.material_id limit %4$s
       )
     )
     select coalesce(array_agg(d.material_id), ''{}''), %5$s
     from (
       select * from found d order by d.sureness desc, d.created_at desc nulls last, d.material_id limit %4$s
     ) d',
    v_met, material_search.to_own(), 'coalesce(d.confidence, 0.75::real)', p_most,
    material_search.to_needed_analyses(), v_indexed, 500 * p_most / v_balance, ceil(2 * v_balance)
  ) into material_ids, analysis_ids;
end;
$$;

comment on function material_search.find_first is
  'The first documents, in the stored order, that have at least p_least_items of a search''s items (null: that the search finds), in their names or anywhere, without regard to rights; as of material_search.find_all. For material_search.find_readable alone.';

revoke all on function
  material_search.to_threshold, material_search.to_item_query, material_search.to_own, material_search.to_condition,
  material_search.to_needed_analyses, material_search.find_all, material_search.find_sample,
  material_search.find_first
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.find_all, material_search.find_sample, material_search.find_first
  to authenticated, service_role;
