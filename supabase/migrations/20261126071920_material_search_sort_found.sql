-- The first of a word's documents are told by the stored order alone, where all that have the word are
-- known: without reading them. And some of several words are asked for by the shortest query.

-- With the confidence in it the stored order is read without the documents.
do $$
begin
  if (
    select indnatts from pg_catalog.pg_index
    where indexrelid = to_regclass('material_search.documents_stored_order_idx')
  ) is distinct from 4 then
    drop index if exists material_search.documents_stored_order_idx;
    create index documents_stored_order_idx
      on material_search.documents ((coalesce(confidence, 0.75::real)) desc, created_at desc nulls last, material_id)
      include (confidence) where owner is null;
  end if;
end
$$;

create or replace function material_search.sort_found(
  p_search material_search.search,
  p_found uuid[],
  p_most integer,
  out material_ids uuid[], out is_named boolean
)
language plpgsql
stable
security definer
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_order constant text := 'd.sureness desc, d.created_at desc nulls last, d.material_id';
  v_documents constant float8 := (
    select greatest(reltuples, 1000) from pg_catalog.pg_class where oid = 'material_search.documents'::regclass
  );
begin
  -- What has the only word of a search is found by it. But of a material with two documents it is not known
  -- which was found; and where few are found, their documents cost less than the order until enough are met.
  if cardinality(p_search.items) is distinct from 1 or p_search.query is null or cardinality(p_found) > 10000
    or num_nonnulls(p_search.picture_query, p_search.picture_properties, p_search.similar_ids) > 0
    or not (material_search.read_settings()).owns_analyses
    or cardinality(p_found)::float8 ^ 2 * 8 < v_documents * p_most
  then
    return;
  end if;
  execute format(
    'with found as materialized (
       select * from (
         (
           select * from (
             select d.material_id, d.created_at, coalesce(d.confidence, 0.75::real) as sureness
             from material_search.documents d where d.owner is null
             order by coalesce(d.confidence, 0.75::real) desc, d.created_at desc nulls last, d.material_id offset 0
           ) d
           -- Hashed: as a condition of its own each row would be looked for in the list.
           where (d.material_id in (select unnest($1))) is true limit %2$s
         )
         union all
         select d.material_id, d.created_at, coalesce(d.confidence, 0.75::real)
         from material_search.documents d where %3$s and %4$s
       ) d
       order by %1$s limit %2$s
     )
     select array_agg(d.material_id order by %1$s), count(*) = %2$s and %2$s / 2 <= (
         select count(*) from material_search.documents d
         where d.material_id = any (array(select material_id from found)) and %5$s
       )
     from found d',
    v_order, p_most, material_search.to_own(), material_search.to_condition(p_search, null),
    material_search.to_named(p_search.items, 1)
  ) into material_ids, is_named using p_found;
end;
$$;

comment on function material_search.sort_found is
  'The first of what a search for one word finds, p_found, in the stored order; null where that is not known by it, or costs more than to look. is_named: as of material_search.find_in_order. For material_search.choose_by_items alone.';

create or replace function material_search.to_threshold(p_items text[], p_least integer)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_half integer;
  v_rest integer;
begin
  if not coalesce(p_least between 1 and cardinality(p_items), false) then
    return null;
  end if;
  if p_least = 1 or p_least = cardinality(p_items) then
    return '(' || array_to_string(p_items, case p_least when 1 then ' | ' else ' & ' end) || ')';
  end if;
  -- By halves: an index compares each mention of an item, and these are the fewest.
  v_half := cardinality(p_items) / 2;
  v_rest := cardinality(p_items) - v_half;
  return '(' || (
    select string_agg(
      concat_ws(
        ' & ', material_search.to_threshold(p_items[:v_half], n),
        material_search.to_threshold(p_items[v_half + 1:], p_least - n)
      ),
      ' | '
    )
    from generate_series(greatest(p_least - v_rest, 0), least(p_least, v_half)) n
  ) || ')';
end;
$$;

revoke all on function material_search.sort_found from public, anon, authenticated, service_role;
grant execute on function material_search.sort_found to authenticated, service_role;
