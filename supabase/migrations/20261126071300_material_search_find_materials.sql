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
  v_result jsonb;
  v_rest uuid[];
begin
  if not v_is_all and p_least_score = 0 and p_offset + p_limit > cardinality(v_head) then
    v_rest := array(
      select id
      from unnest(material_search.find_readable(p_search, p_offset + p_limit, null, false))
        with ordinality one (id, place)
      where id <> all (v_head)
      order by place
    );
  end if;
  with head as materialized (
    select r.*, null::bigint as place from material_search.rank_readable(p_search, v_head) r
    where r.combined >= p_least_score
  ),
  rest as (
    select r.*, one.place
    from unnest(v_rest) with ordinality one (id, place)
    join material_search.rank_readable(p_search, (
      select array_agg(id)
      from unnest(v_rest) with ordinality one (id, place), (select count(*) as n from head) head
      where one.place between p_offset - head.n + 1 and p_offset - head.n + p_limit
    )) r on r.material_id = one.id
  ),
  -- The best alone are sorted, and only then numbered.
  best as (
    (
      select * from head h
      order by h.combined desc, h.confidence desc nulls last, h.created_at desc nulls last, h.material_id
      limit p_limit offset p_offset
    )
    union all
    select * from rest
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
  select jsonb_build_object(
    'total_results', case
      when v_is_all or p_least_score > 0 then (select count(*) from head)
      else least(cardinality(p_found), case when p_search.is_narrow then 2000 else 10000 end)
    end,
    'total_relation', case
      when p_search.is_narrow or cardinality(p_found) > 10000 or not v_is_all and p_least_score > 0
        then 'gte'
      else 'eq'
    end,
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
        select coalesce(jsonb_object_agg(counted.strategy, counted.n), '{}')
        from (
          select strategy, count(*) as n
          from head h,
            unnest(material_search.to_found_by(h.visual, h.semantic, h.property)) strategy
          group by strategy
        ) counted
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

create or replace function public.material_search_find_materials(
  p_query_text text default null,
  p_picture_text text default null,
  p_picture_properties jsonb default null,
  p_query_embedding real[] default null,
  p_embedding_space text default 'clip',
  p_material_types text[] default null,
  p_property_filters jsonb default null,
  p_confidence_threshold real default null,
  p_similarity_threshold real default null,
  p_created_from timestamptz default null,
  p_created_to timestamptz default null,
  p_palette jsonb default null,
  p_color text default null,
  p_color_tolerance real default null,
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
-- To compile a statement, or to start workers for it, takes longer than to run it.
set jit = off
set max_parallel_workers_per_gather = 0
as $$
declare
  v_search material_search.search;
  v_corrections jsonb;
  v_picture_items text[];
  v_space material_search.embedding_spaces;
  v_similar jsonb;
  v_found uuid[];
  v_answer jsonb;
  v_colored record;
begin
  perform material_search.check_page(
    p_query_text, p_picture_text, p_similarity_threshold, p_limit, p_offset
  );
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
  v_corrections := material_search.correct_words(p_query_text);
  select words.query, words.parts, words.scales, words.items
  into v_search.query, v_search.query_parts, v_search.query_scales, v_search.items
  from material_search.to_text_query(material_search.replace_words(p_query_text, v_corrections)) words;
  select words.query, words.parts, words.scales, words.items
  into v_search.picture_query, v_search.picture_query_parts, v_search.picture_query_scales,
    v_picture_items
  from material_search.to_text_query(p_picture_text) words;
  v_search.is_narrow := material_search.to_resembling(p_picture_properties) is not null;
  if v_search.is_narrow then
    v_picture_items := (
      material_search.to_text_query(material_search.to_picture_words(p_picture_properties))
    ).items[1:6];
  end if;
  v_search.items := material_search.choose_items(
    v_search.items, case when v_picture_items <> '{}' then 3 else 6 end
  );
  v_search.items := v_search.items
    || material_search.choose_items(v_picture_items, 6 - cardinality(v_search.items));
  select * into v_colored
  from material_search.search_colors(
    v_search, p_palette, p_color, p_color_tolerance, p_offset + p_limit
  );
  v_search := v_colored.search;
  if p_query_embedding is not null then
    select s.material_ids, s.similarities, s.told
    into v_search.similar_ids, v_search.similarities, v_similar
    from material_search.find_similar(v_search, v_space, p_similarity_threshold, p_offset + p_limit) s;
    if v_similar ->> 'relation' = 'gte' then
      v_search.space_id := v_space.id;
      v_search.cut_off := v_similar ->> 'cut_off';
    end if;
  end if;
  loop
    -- What resembles a picture is never all of it: its number needn't be exact.
    v_found := material_search.find_readable(v_search, case when v_search.is_narrow then 2001 else 10001 end);
    -- Whatever the page: its neighbours must be of the same ranking.
    exit when not v_search.is_narrow or cardinality(v_found) >= 100;
    v_search.is_narrow := false;
  end loop;
  v_answer := material_search.answer_search(
    v_search, v_found, coalesce(p_similarity_threshold, 0), p_limit, p_offset,
    coalesce(p_include_embeddings, false), coalesce(p_include_analytics, false)
  );
  return v_answer || jsonb_build_object(
    'total_relation', case
      when v_similar ->> 'relation' = 'gte' or not v_colored.is_all then 'gte'
      else v_answer ->> 'total_relation'
    end,
    'similar', v_similar,
    'embedding_space', (material_search.read_searched_space()).name,
    'corrections', v_corrections,
    'is_history_kept', (material_search.read_settings()).is_history_kept
  );
end;
$$;

comment on function public.material_search_find_materials is
  'Searches the materials the caller may read: total_results (total_relation gte: 10,000 or more, or of those that resemble a picture, where they are a hundred or more), a page of results with their scores, corrections of misspelt words. Takes a unit of the caller''s searches per minute. Weights: of visual, semantic, property and confidence.';

revoke all on function
  material_search.count_categories, material_search.to_found_by, material_search.answer_search
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.count_categories, material_search.to_found_by, material_search.answer_search
  to authenticated, service_role;
revoke all on function public.material_search_find_materials
  from public, anon, authenticated, service_role;
grant execute on function public.material_search_find_materials to authenticated, service_role;
