-- A page of what a search finds, and how much it is in all.

create or replace function material_search.count_categories(p_material_ids uuid[])
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
declare
  v_counted jsonb;
begin
  execute format(
    'select coalesce(jsonb_object_agg(counted.category, counted.n), ''{}'')
     from (
       select coalesce(left(named.category, 200), '''') as category, count(*) as n
       from (select %s from public.materials_catalog t where t.id = any ($1)) named
       group by 1 order by n desc, 1 limit 50
     ) counted',
    material_search.to_select_list('public.materials_catalog', '{category}', '{text}')
  ) into v_counted using p_material_ids;
  return v_counted;
end;
$$;

comment on function material_search.count_categories is
  'How many of these materials each category has, the 50 largest, as far as the caller may read them.';

create or replace function material_search.to_found_by(p_visual real, p_semantic real, p_property real)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
begin
  return array_remove(array[
    case when p_visual > 0 then 'visual_similarity' end,
    case when p_semantic > 0 then 'semantic_relevance' end,
    case when p_property >= 0.5 then 'material_properties' end
  ], null);
end;
$$;

comment on function material_search.to_found_by is
  'The strategies that these scores are of.';

create or replace function material_search.rank_rest(
  p_search material_search.search,
  p_head uuid[],
  p_scored bigint,
  p_limit integer,
  p_offset integer
)
returns table (
  material_id uuid,
  created_at timestamptz,
  visual real,
  semantic real,
  property real,
  confidence real,
  combined real,
  place bigint
)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_rest constant uuid[] := array(
    select id
    from unnest(material_search.find_readable(p_search, p_offset + p_limit, null, false))
      with ordinality one (id, place)
    where id <> all (p_head)
    order by one.place
  );
begin
  return query
  select r.*, one.place
  from unnest(v_rest) with ordinality one (id, place)
  join material_search.rank_readable(p_search, (
    select array_agg(id) from unnest(v_rest) with ordinality one (id, place)
    where one.place between p_offset - p_scored + 1 and p_offset - p_scored + p_limit
  )) r on r.material_id = one.id;
end;
$$;

comment on function material_search.rank_rest is
  'Of a page that reaches beyond the materials that are scored (p_head, p_scored of them found): those in the stored order.';

create or replace function material_search.count_strategies(p_visual real[], p_semantic real[], p_property real[])
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_object_agg(counted.strategy, counted.n), '{}')
    from (
      select strategy, count(*) as n
      from unnest(p_visual, p_semantic, p_property) one (visual, semantic, property),
        unnest(material_search.to_found_by(one.visual, one.semantic, one.property)) strategy
      group by strategy
    ) counted
  );
end;
$$;

comment on function material_search.count_strategies is
  'How many of these scores each strategy has found.';

create or replace function material_search.count_found(
  p_search material_search.search,
  p_found uuid[],
  p_scored bigint,
  p_least_score real
)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_is_all constant boolean := cardinality(p_found) <= 2000;
begin
  return jsonb_build_object(
    'total_results', case
      when v_is_all or p_least_score > 0 then p_scored
      else least(cardinality(p_found), case when p_search.is_narrow then 2000 else 10000 end)
    end,
    'total_relation', case
      when p_search.is_narrow or cardinality(p_found) > 10000 or not v_is_all and p_least_score > 0
        then 'gte'
      else 'eq'
    end
  );
end;
$$;

comment on function material_search.count_found is
  'How much a search finds, as far as it is counted; p_scored: how many of those that were scored have p_least_score.';

create or replace function material_search.answer_search(
  p_search material_search.search,
  p_found uuid[],
  p_least_score real,
  p_limit integer,
  p_offset integer,
  p_include_embeddings boolean,
  p_include_analytics boolean
)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_head constant uuid[] := material_search.choose_head(p_search, p_found);
  v_is_all constant boolean := cardinality(p_found) <= 2000;
  v_has_rest constant boolean :=
    not v_is_all and p_least_score = 0 and p_offset + p_limit > cardinality(v_head);
  v_result jsonb;
begin
  with head as materialized (
    select r.*, null::bigint as place from material_search.rank_readable(p_search, v_head) r
    where r.combined >= p_least_score
  ),
  -- The best alone are sorted, and only then numbered.
  best as (
    (
      select * from head h
      order by h.combined desc, h.confidence desc nulls last, h.created_at desc nulls last, h.material_id
      limit p_limit offset p_offset
    )
    union all
    select * from material_search.rank_rest(
      p_search, v_head, (select count(*) from head), p_limit, p_offset
    ) where v_has_rest
  ),
  page as (
    -- The order is by the document's confidence, what is shown by the calibration map of this moment.
    select b.*, shown.confidence as shown_confidence, shown.material, shown.analysis, shown.embedding, shown.model,
      p_offset + row_number() over (
        order by b.place nulls first, b.combined desc, b.confidence desc nulls last,
          b.created_at desc nulls last, b.material_id
      ) as rank
    from best b
    join material_search.read_page((select array_agg(material_id) from best), p_include_embeddings)
      shown using (material_id)
  )
  select material_search.count_found(p_search, p_found, (select count(*) from head), p_least_score)
    || jsonb_build_object(
    'embedding_models', (
      select coalesce(jsonb_agg(distinct p.model), '[]') from page p
      where p.model is not null and (p_search.query_embedding is not null or p_include_embeddings)
    ),
    'results', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'rank', p.rank,
        'found_by', material_search.to_found_by(p.visual, p.semantic, p.property),
        'visual', p.visual, 'semantic', p.semantic, 'property', p.property,
        'combined', p.combined, 'confidence', p.shown_confidence,
        'embedding', p.embedding, 'material', p.material, 'analysis', p.analysis
      ) order by p.rank), '[]')
      from page p
    ),
    'analytics', case when p_include_analytics then jsonb_build_object(
      'by_category', material_search.count_categories(
        case when v_is_all then (select array_agg(material_id) from head) else p_found[1:10000] end
      ),
      'by_strategy', (
        select material_search.count_strategies(array_agg(visual), array_agg(semantic), array_agg(property))
        from head
      ),
      'average_score', (select round(avg(combined)::numeric, 4) from head),
      'with_confidence', (select count(confidence) from head)
    ) end
  ) into v_result;
  return v_result;
end;
$$;

comment on function material_search.answer_search is
  'A page of what a search finds for its caller, best first, and how much it is in all; p_found: of material_search.find_readable, 10,001 of it at most.';

revoke all on function
  material_search.count_categories, material_search.to_found_by, material_search.rank_rest,
  material_search.count_strategies, material_search.count_found, material_search.answer_search
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.count_categories, material_search.to_found_by, material_search.rank_rest,
  material_search.count_strategies, material_search.count_found, material_search.answer_search
  to authenticated, service_role;
