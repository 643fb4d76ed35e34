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
  p_most integer
)
returns uuid[]
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
  v_material_ids uuid[];
begin
  -- What has the only word of a search is found by it. But of a material with two documents it is not known
  -- which was found; and where few are found, their documents cost less than the order until enough are met.
  if cardinality(p_search.items) is distinct from 1 or p_search.query is null or cardinality(p_found) > 10000
    or num_nonnulls(p_search.picture_query, p_search.picture_properties, p_search.similar_ids) > 0
    or not (material_search.read_settings()).owns_analyses
    or cardinality(p_found)::float8 ^ 2 * 8 < v_documents * p_most
  then
    return null;
  end if;
  execute format(
    'select array_agg(d.material_id order by %1$s)
     from (
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
     ) d',
    v_order, p_most, material_search.to_own(), material_search.to_condition(p_search, null)
  ) into v_material_ids using p_found;
  return v_material_ids;
end;
$$;

comment on function material_search.sort_found is
  'The first of what a search for one word finds, p_found, in the stored order; null where that is not known by it, or costs more than to look. For material_search.choose_by_items alone.';

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

create or replace function material_search.is_frequent(
  p_search material_search.search,
  p_condition text,
  p_share float8
)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  v_share float8;
begin
  -- Of one item alone the statistics know more than a sample of 200: few of these have even what 2 % have.
  if p_condition = 'd.document @@ ' || material_search.to_item_query(p_search.items[1:1], 1, '') then
    v_share := (
      select sum(one.share)
      from pg_catalog.pg_stats s
      cross join lateral unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) one (word, share)
      where s.schemaname = 'material_search' and s.tablename = 'documents' and s.attname = 'document'
        -- Its words mean the same: a document has one of them.
        and one.word = any (string_to_array(p_search.items[1], chr(31)))
    );
  end if;
  if v_share is null then
    execute format(
      'select count(*) / 200.0
       from (
         select * from material_search.documents d where d.owner is null
         order by coalesce(d.confidence, 0.75::real) desc, d.created_at desc nulls last, d.material_id limit 200
       ) d
       where %s',
      p_condition
    ) into v_share;
  end if;
  return v_share >= p_share;
end;
$$;

comment on function material_search.is_frequent is
  'Whether at least such a share of documents, 0 to 1, meets a condition on a document d: by the statistics of the table where that is a search''s first item, by a sample where they don''t tell. For material_search.find_in_order alone.';

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
  v_is_common boolean := material_search.is_frequent(p_search, v_met, p_most / v_balance);
  v_public text;
  v_found integer;
begin
  -- What is common is met soon in the stored order; of what is rare all is fetched and sorted. Which it
  -- is decides how it is looked for, never what is found.
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
         select d.material_id, d.needs_analysis, d.analysis_id, d.created_at, d.sureness
         from (%1$s) d order by %2$s limit %3$s
       )
       select coalesce(array_agg(d.material_id), ''{}''), %4$s, (select count(*) from found)
       from (
         select * from (
           select * from found
           union all
           select d.material_id, d.needs_analysis, d.analysis_id, d.created_at, %5$s
           from material_search.documents d where %6$s and %7$s
         ) d
         order by %2$s limit %3$s
       ) d',
      v_public, v_order, p_most, material_search.to_needed_analyses(), v_sureness, material_search.to_own(), v_met
    ) into material_ids, analysis_ids, v_found;
    exit when v_found >= p_most;
  end loop;
end;
$$;

comment on function material_search.find_in_order is
  'The first documents, in the stored order, that have at least p_least_items of a search''s items (null: that the search finds), in their names or anywhere, without regard to rights; as of material_search.find_matching. is_named: null, material_search.are_named tells it. For material_search.read_first alone.';

revoke all on function
  material_search.sort_found, material_search.is_frequent, material_search.find_in_order
  from public, anon, authenticated, service_role;
grant execute on function material_search.sort_found, material_search.find_in_order to authenticated, service_role;
