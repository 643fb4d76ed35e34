-- The search's entrance by way of material_search.find_and_choose, which tells what is scored as well.

drop function if exists material_search.answer_search(
  material_search.search, uuid[], real, integer, integer, boolean, boolean
);

create or replace function material_search.is_found(p_item text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  v_search material_search.search;
begin
  v_search.has_query := true;
  v_search.weights := '{0,1,0,0}';
  v_search.items := array[p_item];
  return (material_search.read_first(v_search, 1, 1, false)).material_ids <> '{}';
end;
$$;

comment on function material_search.is_found is
  'Whether a material that the caller may read has an item.';

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
    from unnest((material_search.read_first(p_search, p_offset + p_limit, null, false)).material_ids)
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

create or replace function material_search.answer_page(
  p_search material_search.search,
  p_found uuid[],
  p_head uuid[],
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
  v_is_all constant boolean := cardinality(p_found) <= 2000;
  v_has_rest constant boolean :=
    not v_is_all and p_least_score = 0 and p_offset + p_limit > cardinality(p_head);
  v_result jsonb;
begin
  with head as materialized (
    select r.*, null::bigint as place from material_search.rank_readable(p_search, p_head) r
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
      p_search, p_head, (select count(*) from head), p_limit, p_offset
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

comment on function material_search.answer_page is
  'A page of what a search finds for its caller, best first, and how much it is in all; p_found, p_head: of material_search.find_and_choose.';

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
  v_found := material_search.find_and_choose(v_similar.search);
  v_answer := material_search.answer_page(
    v_found.search, v_found.material_ids, v_found.head, coalesce(p_similarity_threshold, 0), p_limit, p_offset,
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

revoke all on function material_search.answer_page from public, anon, authenticated, service_role;
grant execute on function material_search.answer_page to authenticated, service_role;
