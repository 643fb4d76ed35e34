-- What a search looks at is looked at once: the conditions that are there for an index, such as the terms
-- of ranges, are not asked of each row that is read in the stored order or scored, and a statement is
-- planned for the one way in which it reads.

drop function if exists material_search.find_all(material_search.search, integer);
drop function if exists material_search.find_first(material_search.search, integer, boolean, integer);

create or replace function material_search.to_exact_filter(p_search material_search.search)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- As literals, so that each filter comes by an index and none is a function called for each row. What
  -- is told soonest of a row comes first.
  return concat_ws(
    ' and ',
    'd.material_id = any (' || quote_literal(p_search.color_ids::text) || '::uuid[])',
    'd.confidence >= ' || quote_literal(p_search.confidence_threshold) || '::real',
    'd.created_at >= ' || quote_literal(p_search.created_from) || '::timestamptz',
    'd.created_at <= ' || quote_literal(p_search.created_to) || '::timestamptz',
    (
      select string_agg(
        concat_ws(
          ' and ',
          -- jsonb compares two numbers as such; a key that is missing is neither more nor less.
          case when num_nonnulls(filter.value ->> 'min', filter.value ->> 'max') = 0
            then format('d.numbers ? %L', material_search.fold(filter.key)) end,
          'd.numbers -> ' || quote_literal(material_search.fold(filter.key)) || ' >= '
            || quote_literal((filter.value ->> 'min')) || '::jsonb',
          'd.numbers -> ' || quote_literal(material_search.fold(filter.key)) || ' <= '
            || quote_literal((filter.value ->> 'max')) || '::jsonb'
        ),
        ' and '
      )
      from jsonb_each(p_search.property_filters) filter where jsonb_typeof(filter.value) = 'object'
    ),
    (
      select string_agg(
        case jsonb_typeof(filter.value)
          when 'array' then format(
            'd.terms && %L::text[]',
            array(
              select material_search.to_term(filter.key, item)
              from jsonb_array_elements_text(filter.value) item where item is not null
            )
          )
          else format(
            'd.terms @> %L::text[]',
            array[material_search.to_term(filter.key, coalesce(filter.value #>> '{}', 'null'))]
          )
        end,
        ' and '
      )
      from jsonb_each(p_search.property_filters) filter where jsonb_typeof(filter.value) <> 'object'
    ),
    (
      select format('d.terms && %L::text[]', array_agg(material_search.to_term('', kind)))
      from unnest(p_search.material_types) kind having count(*) > 0
    )
  );
end;
$$;

comment on function material_search.to_exact_filter is
  'The condition on a document d that the filters of a search come to; empty without one.';

create or replace function material_search.to_filter(p_search material_search.search)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return concat_ws(
    ' and ',
    nullif(material_search.to_exact_filter(p_search), ''),
    (
      select string_agg(
        format(
          'd.terms && %L::text[]',
          material_search.to_number_terms(
            filter.key,
            coalesce((filter.value ->> 'min')::numeric, -1e12),
            coalesce((filter.value ->> 'max')::numeric, 1e12)
          )
        ),
        ' and '
      )
      from jsonb_each(p_search.property_filters) filter where jsonb_typeof(filter.value) = 'object'
    )
  );
end;
$$;

comment on function material_search.to_filter is
  'The condition of material_search.to_exact_filter, and with it what ranges come to by the index of terms.';

create or replace function material_search.to_named(p_items text[], p_least integer)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case
    when p_items <> '{}' then 'd.document @@ ' || material_search.to_item_query(p_items, coalesce(p_least, 1), ':A')
    else 'false'
  end;
end;
$$;

comment on function material_search.to_named is
  'The condition on a document d that it has at least so many of some items in its names.';

create or replace function material_search.find_matching(
  p_search material_search.search,
  p_most integer,
  out material_ids uuid[],
  out analysis_ids text[],
  out first_ids uuid[]
)
language plpgsql
stable
security definer
set search_path = ''
-- A scan of the table soon meets enough documents that have something common.
set enable_seqscan = on
-- What is searched is in memory, where a page costs no more than a row.
set seq_page_cost = 0.1
set random_page_cost = 0.1
-- In an order that is of no use a table is read slower than in its own.
set enable_indexscan = off
-- What an index finds of a million documents: in less it is kept by pages, and each of their rows is asked again.
set work_mem = '16MB'
as $$
declare
  -- With words those with the most of them come first, and with likeness what is alike.
  v_is_ordered constant boolean :=
    coalesce(p_search.items, '{}') = '{}' and p_search.similar_ids is null;
begin
  execute format(
    'with found as %7$s (
       select * from (
         (
           select d.material_id, d.needs_analysis, d.analysis_id, %5$s
           from material_search.documents d where d.owner is null and %1$s limit %3$s
         )
         union all
         (
           select d.material_id, d.needs_analysis, d.analysis_id, %5$s
           from material_search.documents d where %2$s and %1$s limit %3$s
         )
       ) d limit %3$s
     )
     select coalesce(array_agg(d.material_id), ''{}''), %4$s, %6$s from found d',
    material_search.to_condition(p_search, null), material_search.to_own(), p_most,
    material_search.to_needed_analyses(),
    case when v_is_ordered then 'd.created_at, d.confidence' else 'null' end,
    case
      when v_is_ordered then format(
        'case when count(*) between 2001 and %s then array(
           select material_id from found
           order by coalesce(confidence, 0.75::real) desc, created_at desc nulls last, material_id limit 400
         ) end',
        p_most - 1
      )
      else 'null'
    end,
    case when v_is_ordered then 'materialized' else 'not materialized' end
  ) into material_ids, analysis_ids, first_ids;
end;
$$;

comment on function material_search.find_matching is
  'So many of the documents that a search finds, without regard to rights, in no order: their materials, and the analyses they need (of material_search.to_needed_analyses). first_ids: of a search by filters alone that finds 2,001 or more and less than p_most, the first 400 in the stored order. For material_search.read_found alone.';

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

revoke all on function
  material_search.to_exact_filter, material_search.to_named, material_search.find_matching, material_search.find_in_order
  from public, anon, authenticated, service_role;
grant execute on function material_search.find_matching, material_search.find_in_order to authenticated, service_role;
