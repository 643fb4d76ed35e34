-- The search as the API has it: reads with the caller's rights what the ranking found, and pages.
--
-- Called by visual-search through PostgREST as public.search_materials, with the caller's own rights
-- (authenticated, or service_role with a project secret).

create or replace function public.search_materials(
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
stable
security invoker
set search_path = ''
as $$
declare
  v_corrections jsonb := case
    when p_query_text is null then '{}'::jsonb
    else material_search.correct_words(p_query_text)
  end;
  v_text text := concat_ws(
    ' ', p_query_text, (select string_agg(value, ' ') from jsonb_each_text(v_corrections))
  );
  v_result jsonb;
begin
  -- A misspelt word is replaced, or it would count as one that was not found.
  select regexp_replace(
    v_text, '\m(' || string_agg(key, '|') || ')\M', '', 'gi'
  ) into v_text from jsonb_each_text(v_corrections) having count(*) > 0;
  v_text := coalesce(v_text, p_query_text);

  with ranked as materialized (
    select * from material_search.rank_materials(
      material_search.to_any_query(v_text),
      material_search.to_any_query(p_picture_text),
      lower(p_picture_properties::text)::jsonb,
      p_query_embedding,
      -- Below it two pictures have nothing to do with each other.
      least(coalesce(p_similarity_threshold, 0.5), 0.5)::real,
      num_nonnulls(p_query_text, p_picture_text, p_picture_properties, p_query_embedding) > 0,
      p_material_types, p_property_filters, p_confidence_threshold,
      p_created_from, p_created_to, p_weights
    )
  ),
  -- Here the caller's rights decide.
  readable as materialized (
    select r.*, material.created_at,
      row_number() over (
        order by r.combined desc, r.confidence desc nulls last, material.created_at desc, r.material_id
      ) as rank
    from ranked r
    join public.materials_catalog material on material.id = r.material_id
    where r.combined >= coalesce(p_similarity_threshold, 0)
  ),
  page as (
    select * from readable r
    where r.rank > p_offset and r.rank <= p_offset + least(p_limit, 100)
  ),
  embedding as (
    select * from material_search.read_embeddings((select array_agg(material_id) from page))
  )
  select jsonb_build_object(
    'total_results', (select count(*) from readable),
    'corrections', v_corrections,
    'embedding_models', (
      select coalesce(jsonb_agg(distinct e.model), '[]')
      from embedding e where p_query_embedding is not null or p_include_embeddings
    ),
    'results', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'rank', p.rank,
        'found_by', p.found_by,
        'visual', p.visual,
        'semantic', p.semantic,
        'property', p.property,
        'combined', p.combined,
        'confidence', p.confidence,
        'embedding', case when p_include_embeddings then to_jsonb(e.embedding) end,
        'material', jsonb_build_object(
          'id', material.id,
          'name', material.name,
          'category', material.category,
          'created_at', material.created_at
        ),
        'analysis', case when analysis.id is not null then jsonb_build_object(
          'material_type', analysis.material_type,
          'surface_texture', analysis.surface_texture,
          'color_description', analysis.color_description,
          'finish_type', analysis.finish_type,
          'pattern_grain', analysis.pattern_grain,
          'reflectivity', analysis.reflectivity,
          'visual_characteristics', analysis.visual_characteristics,
          'structural_properties', analysis.structural_properties,
          'model', analysis.llama_model_version,
          'created_at', analysis.created_at
        ) end
      ) order by p.rank), '[]')
      from page p
      join public.materials_catalog material on material.id = p.material_id
      left join public.material_visual_analysis analysis
        on analysis.id = p.analysis_id and analysis.material_id = p.material_id
      left join embedding e on e.material_id = p.material_id
    ),
    'analytics', case when p_include_analytics then jsonb_build_object(
      'by_category', (
        select coalesce(jsonb_object_agg(counted.category, counted.n), '{}')
        from (
          select material.category::text as category, count(*) as n
          from readable r join public.materials_catalog material on material.id = r.material_id
          group by material.category order by n desc, material.category limit 50
        ) counted
      ),
      'by_strategy', (
        select coalesce(jsonb_object_agg(counted.strategy, counted.n), '{}')
        from (
          select strategy, count(*) as n from readable r, unnest(r.found_by) strategy group by strategy
        ) counted
      ),
      'average_score', (select round(avg(combined)::numeric, 4) from readable),
      'with_confidence', (select count(confidence) from readable)
    ) end
  ) into v_result;
  return v_result;
end;
$$;

comment on function public.search_materials is
  'Searches the materials the caller may read: total_results, a page of results with their scores, corrections of misspelt words. Weights as of material_search.rank_materials.';

grant usage on schema material_search to authenticated, service_role;
revoke execute on all functions in schema material_search from public;
-- What public.search_materials calls on behalf of its caller.
grant execute on function
  material_search.to_any_query, material_search.correct_words,
  material_search.rank_materials, material_search.read_embeddings
  to authenticated, service_role;
revoke execute on function public.search_materials from public, anon;
grant execute on function public.search_materials to authenticated, service_role;
