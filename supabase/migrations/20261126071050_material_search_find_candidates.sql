-- Which documents a search looks at. A catalogue may have a million that are found: those that are scored
-- are some hundreds, by conditions from the strictest on, each in the stored order: the surest analysis
-- first, then the newest material. So it is the caller's readable rows alone that decide what is scored.
--
-- Security definer, because full-text search behind row level security can use no index. What it returns
-- is ids; which of them the caller may know of is for material_search.find_readable to say.

create or replace function material_search.to_item_query(
  p_items text[],
  p_least integer,
  p_places text
)
returns tsquery
language plpgsql
immutable
set search_path = ''
as $$
begin
  return (
    with item as (
      select place, '(' || (
        select string_agg(
          '''' || replace(replace(word, '\', '\\'), '''', '''''') || '''' || p_places, ' | '
        )
        from unnest(string_to_array(item, chr(31))) word
      ) || ')' as alternatives
      from unnest(p_items[1:6]) with ordinality one (item, place)
    )
    select string_agg(
      '(' || (
        select string_agg(alternatives, ' & ') from item where chosen & (1 << (place::integer - 1)) > 0
      ) || ')', ' | '
    )::tsquery
    from generate_series(1, (1 << least(cardinality(p_items), 6)) - 1) chosen
    where bit_count(chosen::bit(6)) = p_least
  );
end;
$$;

comment on function material_search.to_item_query is
  'The query for at least so many of some items, six at most; places: such as :AB for the weights that count, all when empty.';

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
  p_least_items integer,
  p_places text
)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return concat_ws(
    ' and ',
    'd.document @@ ' || quote_literal(
      material_search.to_item_query(p_search.items, p_least_items, p_places)::text
    ) || '::tsquery',
    case when p_least_items is null or p_search.is_narrow then material_search.to_found(p_search) end,
    nullif(material_search.to_filter(p_search), '')
  );
end;
$$;

comment on function material_search.to_condition is
  'The condition on a document d that it has at least so many of a search''s items in these places; null for all that the search finds.';

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
-- Of what is common, enough are soon met anywhere.
set enable_seqscan = on
as $$
begin
  execute format(
    'select coalesce(array_agg(d.material_id), ''{}''), %4$s
     from (
       (select * from material_search.documents d where d.owner is null and %1$s limit %3$s)
       union all
       (select * from material_search.documents d where %2$s and %1$s limit %3$s)
       limit %3$s
     ) d',
    material_search.to_condition(p_search, null, null), material_search.to_own(), p_most,
    material_search.to_needed_analyses()
  ) into material_ids, analysis_ids;
end;
$$;

comment on function material_search.find_all is
  'So many of the documents that a search finds, whoever may read them, in no order: their materials, and the analyses they need (of material_search.to_needed_analyses). For material_search.find_readable alone.';

create or replace function material_search.find_first(
  p_search material_search.search,
  p_least_items integer,
  p_places text,
  p_most integer,
  out material_ids uuid[],
  out analysis_ids text[]
)
language plpgsql
stable
security definer
set search_path = ''
-- What the planner takes for common may be rare: it is to read an index, wherever there is one.
set enable_seqscan = off
as $$
begin
  -- What is common is met soon in the stored order; of what is rare all is fetched and sorted. Which it
  -- is, the first 500 documents tell; that decides how it is looked for, never what is found.
  execute format(
    'with probe as materialized (
       select count(*) as n
       from (select * from material_search.documents d where d.owner is null order by %3$s limit 500) d
       where %1$s
     ),
     near as materialized (
       select d.*
       from (
         select d.*, %5$s as sureness from material_search.documents d
         where d.owner is null order by %3$s
         limit (select case when n >= %4$s / 40.0 then least(%4$s * 33, 10000) else 0 end from probe)
       ) d
       where %1$s
       order by d.sureness desc, d.created_at desc nulls last, d.material_id
       limit %4$s
     ),
     found as (
       (select * from near where (select count(*) from near) = %4$s)
       union all
       (
         select * from (
           select d.*, %5$s as sureness from material_search.documents d
           where d.owner is null and %1$s
           offset 0
         ) d
         where (select count(*) from near) < %4$s
         order by d.sureness desc, d.created_at desc nulls last, d.material_id
         limit %4$s
       )
       union all
       (select d.*, %5$s from material_search.documents d where %2$s and %1$s)
     )
     select coalesce(array_agg(d.material_id), ''{}''), %6$s
     from (
       select * from found d order by d.sureness desc, d.created_at desc nulls last, d.material_id
       limit %4$s
     ) d',
    material_search.to_condition(p_search, p_least_items, p_places), material_search.to_own(),
    'coalesce(d.confidence, 0.75::real) desc, d.created_at desc nulls last, d.material_id',
    p_most, 'coalesce(d.confidence, 0.75::real)', material_search.to_needed_analyses()
  ) into material_ids, analysis_ids;
end;
$$;

comment on function material_search.find_first is
  'The first documents, in the stored order, that have at least p_least_items of a search''s items in these places (null: that the search finds), whoever may read them; as of material_search.find_all. For material_search.find_readable alone.';

revoke all on function
  material_search.to_item_query, material_search.to_own, material_search.to_condition,
  material_search.to_needed_analyses, material_search.find_all, material_search.find_first
  from public, anon, authenticated, service_role;
grant execute on function material_search.find_all, material_search.find_first
  to authenticated, service_role;
