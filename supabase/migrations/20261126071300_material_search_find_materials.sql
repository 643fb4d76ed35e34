-- The search as the API has it: checks, takes a unit, ranks, pages.
--
-- Called by visual-search through PostgREST as public.material_search_find_materials, with the caller's
-- own rights (authenticated, or service_role with a project secret).

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

create or replace function material_search.answer_search(
  p_search material_search.search,
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
  v_result jsonb;
begin
  with readable as materialized (
    select r.* from material_search.find_readable(p_search) r where r.combined >= p_least_score
  ),
  -- The best alone are sorted, and only then numbered.
  best as (
    select * from readable r
    order by r.combined desc, r.confidence desc nulls last, r.created_at desc nulls last, r.material_id
    limit p_limit offset p_offset
  ),
  page as (
    select b.*, shown.material, shown.analysis, shown.embedding, shown.model,
      p_offset + row_number() over (
        order by b.combined desc, b.confidence desc nulls last, b.created_at desc nulls last, b.material_id
      ) as rank
    from best b
    join material_search.read_page((select array_agg(material_id) from best), p_include_embeddings)
      shown using (material_id)
  )
  select jsonb_build_object(
    'total_results', (select count(*) from readable),
    'embedding_models', (
      select coalesce(jsonb_agg(distinct p.model), '[]') from page p
      where p.model is not null and (p_search.query_embedding is not null or p_include_embeddings)
    ),
    'results', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'rank', p.rank,
        'found_by', material_search.to_found_by(p.visual, p.semantic, p.property),
        'visual', p.visual, 'semantic', p.semantic, 'property', p.property,
        'combined', p.combined, 'confidence', p.confidence,
        'embedding', p.embedding, 'material', p.material, 'analysis', p.analysis
      ) order by p.rank), '[]')
      from page p
    ),
    'analytics', case when p_include_analytics then jsonb_build_object(
      'by_category', material_search.count_categories((select array_agg(material_id) from readable)),
      'by_strategy', (
        select coalesce(jsonb_object_agg(counted.strategy, counted.n), '{}')
        from (
          select strategy, count(*) as n
          from readable r,
            unnest(material_search.to_found_by(r.visual, r.semantic, r.property)) strategy
          group by strategy
        ) counted
      ),
      'average_score', (select round(avg(combined)::numeric, 4) from readable),
      'with_confidence', (select count(confidence) from readable)
    ) end
  ) into v_result;
  return v_result;
end;
$$;

comment on function material_search.answer_search is
  'A page of what a search finds for its caller, best first, and how much it is in all.';

create or replace function public.material_search_find_materials(
  p_query_text text default null,
  p_picture_text text default null,
  p_picture_properties jsonb default null,
  p_query_embedding real[] default null,
  p_material_types text[] default null,
  p_property_filters jsonb default null,
  p_confidence_threshold real default null,
  p_similarity_threshold real default null,
  p_created_from timestamptz default null,
  p_created_to timestamptz default null,
  p_weights real[] default '{0.4,0.3,0.2,0.1}',
  p_limit integer default 20,
  p_offset integer default 0,
  p_include_embeddings boolean default false,
  p_include_analytics boolean default false
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_search material_search.search;
  v_corrections jsonb;
  v_answer jsonb;
begin
  perform material_search.check_page(
    p_query_text, p_picture_text, p_similarity_threshold, p_limit, p_offset
  );
  v_search.picture_properties := p_picture_properties;
  v_search.query_embedding := p_query_embedding;
  -- Below it two pictures have nothing to do with each other.
  v_search.min_similarity := least(coalesce(p_similarity_threshold, 0.5), 0.5);
  v_search.has_query :=
    num_nonnulls(p_query_text, p_picture_text, p_picture_properties, p_query_embedding) > 0;
  v_search.material_types := nullif(p_material_types, '{}');
  v_search.property_filters := p_property_filters;
  v_search.confidence_threshold := p_confidence_threshold;
  v_search.created_from := p_created_from;
  v_search.created_to := p_created_to;
  v_search.weights := p_weights;
  perform material_search.check_search(v_search);

  perform semantic_analysis.take_search_unit();
  perform material_search.catch_up();
  v_corrections := material_search.correct_words(p_query_text);
  select * into v_search.query, v_search.query_scale
  from material_search.to_text_query(material_search.replace_words(p_query_text, v_corrections));
  select * into v_search.picture_query, v_search.picture_query_scale
  from material_search.to_text_query(p_picture_text);
  v_search.is_narrow := material_search.to_resembling(p_picture_properties) is not null;
  loop
    v_answer := material_search.answer_search(
      v_search, coalesce(p_similarity_threshold, 0), p_limit, p_offset,
      coalesce(p_include_embeddings, false), coalesce(p_include_analytics, false)
    );
    -- Whatever the page: its neighbours must be of the same ranking.
    exit when not v_search.is_narrow or (v_answer ->> 'total_results')::integer >= 100;
    v_search.is_narrow := false;
  end loop;
  return v_answer || jsonb_build_object(
    'total_relation', case when v_search.is_narrow then 'gte' else 'eq' end,
    'corrections', v_corrections,
    'is_history_kept', (material_search.read_settings()).is_history_kept
  );
end;
$$;

comment on function public.material_search_find_materials is
  'Searches the materials the caller may read: total_results (total_relation gte: of those that resemble a picture, where they are a hundred or more), a page of results with their scores, corrections of misspelt words. Takes a unit of the caller''s searches per minute. Weights: of visual, semantic, property and confidence.';

revoke all on function
  material_search.count_categories, material_search.to_found_by, material_search.answer_search
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.count_categories, material_search.to_found_by, material_search.answer_search
  to authenticated, service_role;
revoke all on function public.material_search_find_materials
  from public, anon, authenticated, service_role;
grant execute on function public.material_search_find_materials to authenticated, service_role;
