-- Of a search that finds many times what is counted, only so much is asked of the index as is expected to be
-- enough: an index of terms tells all that has some before a first document is read.

create or replace function material_search.count_expected(p_condition text)
returns float8
language plpgsql
-- What is explained is not run, yet no other function may.
volatile
set search_path = ''
as $$
declare
  v_plan jsonb;
begin
  execute 'explain (format json) select from material_search.documents d where d.owner is null and ' || p_condition
    into v_plan;
  return v_plan #>> '{0,Plan,Plan Rows}';
end;
$$;

comment on function material_search.count_expected is
  'How many public documents d meet a condition, by the statistics of their table.';

create or replace function material_search.to_enough(p_search material_search.search, p_most integer)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  -- The statistics know nothing of what goes together.
  v_enough constant float8 := 1.5 * p_most;
  v_part material_search.search := p_search;
  v_range material_search.search;
  v_key text;
  v_filter jsonb;
  v_condition text;
  v_expected float8;
  v_terms text[];
  v_asked text[];
  v_other text[] := '{}';
begin
  if v_enough > (
    select reltuples from pg_catalog.pg_class where oid = 'material_search.documents'::regclass
  ) then
    return null;
  end if;
  if p_search.is_narrow and p_search.picture_query is not null then
    v_part.picture_properties := p_search.picture_properties - 'family';
    v_condition := material_search.to_condition(v_part, null);
    -- A scan of the table meets enough of more before an index has told all of them.
    return case
      when material_search.count_expected(v_condition) between v_enough and 10 * p_most then v_condition
    end;
  end if;
  select key, value into v_key, v_filter
  from jsonb_each(p_search.property_filters) where jsonb_typeof(value) = 'object' limit 1;
  if v_key is null then
    return null;
  end if;
  v_part.property_filters := p_search.property_filters - v_key;
  v_range.property_filters := jsonb_build_object(v_key, v_filter);
  -- By halves of what the range comes to in the index, down to little more than enough. Of several conditions
  -- the index goes by the first.
  v_condition := '::text[] and ' || material_search.to_condition(v_part, null);
  v_asked := material_search.to_number_terms(
    v_key, coalesce((v_filter ->> 'min')::numeric, -1e12), coalesce((v_filter ->> 'max')::numeric, 1e12)
  );
  while v_asked <> '{}' loop
    v_expected := material_search.count_expected('d.terms && ' || quote_literal(v_asked::text) || v_condition);
    if v_expected >= v_enough then
      v_terms := v_asked;
      exit when v_expected < 2.5 * p_most or cardinality(v_terms) = 1;
      v_asked := v_terms[:cardinality(v_terms) / 2];
      v_other := v_terms[cardinality(v_terms) / 2 + 1:];
    else
      v_asked := v_other;
      v_other := '{}';
    end if;
  end loop;
  return 'd.terms && ' || quote_literal(v_terms::text) || v_condition
    || ' and ' || material_search.to_exact_filter(v_range);
end;
$$;

comment on function material_search.to_enough is
  'The condition on a document d of a part of what a search finds that is expected to hold p_most public documents, and costs less than all of it; null where none is known.';

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
set cpu_index_tuple_cost = 0.005
as $$
declare
  -- With words those with the most of them come first, and with likeness what is alike.
  v_is_ordered constant boolean :=
    coalesce(p_search.items, '{}') = '{}' and p_search.similar_ids is null;
  v_found constant text := format(
    'from material_search.documents d where %%s and %s limit %s',
    replace(material_search.to_condition(p_search, null), '%', '%%'), p_most
  );
  v_public constant text := format(v_found, 'd.owner is null');
  v_own constant text := format(v_found, material_search.to_own());
  v_owns_analyses constant boolean := (material_search.read_settings()).owns_analyses;
  v_part constant text := case when v_owns_analyses then material_search.to_enough(p_search, p_most) end;
begin
  if v_part is not null then
    execute 'select array(
       select d.material_id from material_search.documents d where d.owner is null and ' || v_part || ' limit $1
     )' into material_ids using p_most;
    if cardinality(material_ids) = p_most then
      return;
    end if;
  end if;
  -- Of what resembles a picture few are asked for. To collect all of it from an index costs more than it is
  -- taken for: of a million documents 60 to 90 ms, where a scan of the table has met enough in 25.
  if p_search.is_narrow then
    perform set_config('cpu_index_tuple_cost', '0.02', true);
  end if;
  if v_owns_analyses and not v_is_ordered then
    execute format('select array(select d.material_id %s) || array(select d.material_id %s)', v_public, v_own)
      into material_ids;
    return;
  end if;
  execute format(
    'with found as %5$s (
       (select d.material_id, d.needs_analysis, d.analysis_id, d.created_at, d.confidence %1$s)
       union all
       (select d.material_id, d.needs_analysis, d.analysis_id, d.created_at, d.confidence %2$s)
     )
     select coalesce(array_agg(d.material_id), ''{}''), %3$s, %4$s from found d',
    v_public, v_own, material_search.to_needed_analyses(),
    case
      when v_is_ordered then format(
        'case when count(*) between 2001 and %s then array(
           select material_id from found
           order by coalesce(confidence, 0.75::real) desc, created_at desc nulls last, material_id limit 200
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
  'So many of the documents that a search finds, and as many of the caller''s own, without regard to rights, in no order: their materials, and the analyses they need (of material_search.to_needed_analyses). first_ids: of a search by filters alone that finds 2,001 or more and less than p_most, the first 200 in the stored order, as many as are chosen of others. For material_search.read_found alone.';

revoke all on function
  material_search.count_expected, material_search.to_enough, material_search.find_matching
  from public, anon, authenticated, service_role;
grant execute on function material_search.find_matching to authenticated, service_role;
