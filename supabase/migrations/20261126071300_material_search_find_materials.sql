-- The search as the API has it: checks, takes a unit, ranks, pages.
--
-- Called by visual-search through PostgREST as public.material_search_find_materials, with the caller's
-- own rights (authenticated, or service_role with a project secret).

create or replace function public.material_search_find_materials(
  p_query_text text default null,
  p_picture_text text default null, p_picture_properties jsonb default null,
  p_query_embedding real[] default null,
  p_embedding_space text default 'clip',
  p_material_types text[] default null,
  p_property_filters jsonb default null,
  p_confidence_threshold real default null, p_similarity_threshold real default null,
  p_created_from timestamptz default null, p_created_to timestamptz default null,
  p_palette jsonb default null,
  p_color text default null, p_color_tolerance real default null,
  p_weights real[] default '{0.4,0.3,0.2,0.1}',
  p_limit integer default 20, p_offset integer default 0,
  p_include_embeddings boolean default false, p_include_analytics boolean default false
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set lock_timeout = '1500ms'
-- To compile a statement, or to start workers for it, takes longer than to run it.
set jit = off
set max_parallel_workers_per_gather = 0
as $$
declare
  v_search material_search.search;
  v_space material_search.embedding_spaces;
  v_query record;
  v_colored record;
  v_similar record;
  v_found record;
  v_answer jsonb;
begin
  perform material_search.check_page(p_query_text, p_picture_text, p_similarity_threshold, p_limit, p_offset);
  v_search.picture_properties := p_picture_properties;
  v_search.query_embedding := p_query_embedding;
  v_search.has_query :=
    num_nonnulls(p_query_text, p_picture_text, p_picture_properties, p_query_embedding) > 0;
  v_search.material_types := nullif(p_material_types, '{}');
  v_search.property_filters := p_property_filters;
  v_search.confidence_threshold := p_confidence_threshold;
  v_search.created_from := p_created_from;
  v_search.created_to := p_created_to;
  v_search.weights := p_weights;
  perform material_search.check_search(v_search);
  if p_query_embedding is not null then
    v_space := material_search.read_space_of_query(p_embedding_space, p_query_embedding);
  end if;
  perform material_search.check_colors(p_palette, p_color, p_color_tolerance);

  perform semantic_analysis.take_search_unit();
  perform material_search.catch_up();
  v_query := material_search.read_query(v_search, p_query_text, p_picture_text);
  v_colored := material_search.search_colors(
    v_query.search, p_palette, p_color, p_color_tolerance, p_offset + p_limit
  );
  v_similar := material_search.search_embeddings(
    v_colored.search, v_space, p_similarity_threshold, p_offset + p_limit
  );
  v_found := material_search.find_enough(v_similar.search);
  v_answer := material_search.answer_search(
    v_found.search, v_found.material_ids, coalesce(p_similarity_threshold, 0), p_limit, p_offset,
    coalesce(p_include_embeddings, false), coalesce(p_include_analytics, false)
  );
  return v_answer || jsonb_build_object(
    'total_relation', case
      when v_similar.told ->> 'relation' = 'gte' or not v_colored.is_all then 'gte'
      else v_answer ->> 'total_relation'
    end,
    'similar', v_similar.told,
    'embedding_space', (material_search.read_searched_space()).name,
    'corrections', v_query.corrections,
    'is_history_kept', (material_search.read_settings()).is_history_kept
  );
end;
$$;

comment on function public.material_search_find_materials is
  'Searches the materials the caller may read: total_results (total_relation gte: 10,000 or more, or of those that resemble a picture, where they are a hundred or more), a page of results with their scores, corrections of misspelt words. Takes a unit of the caller''s searches per minute. Weights: of visual, semantic, property and confidence.';

revoke all on function public.material_search_find_materials
  from public, anon, authenticated, service_role;
grant execute on function public.material_search_find_materials to authenticated, service_role;
