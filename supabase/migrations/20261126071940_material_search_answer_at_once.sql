-- What each search pays, however little it finds: what isn't asked for is neither checked nor part of the
-- statement that scores, and a page is read by one statement, with the columns that it shows.

create or replace function material_search.check_search(p_search material_search.search)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if num_nonnulls(
    p_search.material_types, p_search.property_filters, p_search.created_from, p_search.created_to
  ) > 0 then
    perform material_search.check_filters(p_search);
  end if;
  if p_search.picture_properties is not null then
    perform material_search.check_object('p_picture_properties', p_search.picture_properties, 20);
  end if;
  if p_search.query_embedding is not null then
    perform material_search.check_embedding(p_search.query_embedding);
  end if;
  -- NaN is greater than any number.
  if not coalesce(p_search.confidence_threshold between 0 and 1, true)
  then
    perform material_search.refuse('Thresholds must be numbers from 0 to 1');
  end if;
  -- By their places, as the ranking reads them; a condition without a query of its own is told at once.
  if p_search.weights is null or cardinality(p_search.weights) <> 4
    or array_ndims(p_search.weights) <> 1
    or not coalesce(
      p_search.weights[1] between 0 and 1 and p_search.weights[2] between 0 and 1
        and p_search.weights[3] between 0 and 1 and p_search.weights[4] between 0 and 1,
      false
    )
    or greatest(
      p_search.weights[1], p_search.weights[2], p_search.weights[3], p_search.weights[4]
    ) = 0
  then
    perform material_search.refuse('p_weights must be four numbers from 0 to 1, not all of them 0');
  end if;
  if numnode(p_search.query) > 300 or numnode(p_search.picture_query) > 300 then
    perform material_search.refuse('A query must have at most 150 words');
  end if;
  if cardinality(p_search.items) > 6 or pg_column_size(p_search.items) > 8192 then
    perform material_search.refuse('A search must have at most 6 items');
  end if;
end;
$$;

create or replace function material_search.rank_materials(
  p_search material_search.search,
  p_material_ids uuid[]
)
returns table (
  material_id uuid,
  needs_analysis boolean,
  analysis_id text,
  created_at timestamptz,
  visual real,
  semantic real,
  property real,
  confidence real,
  combined real
)
rows 20
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_asked material_search.search := p_search;
  v_similarity text := 'null::real';
  v_is_similar text := '';
  v_join text := '';
begin
  perform material_search.check_search(p_search);
  -- What is alike comes by the join, and what is scored has the colour already: lists of some hundred ids
  -- in a condition more would be compared one by one.
  v_asked.similar_ids := null;
  v_asked.color_ids := null;
  -- The index of a large space tells the nearest alone: what its words have found may be similar as well.
  if p_search.space_id is not null then
    select compared.material_ids, compared.similarities
    into p_search.similar_ids, p_search.similarities
    from material_search.embedding_spaces space,
      material_search.compare_embeddings(
        space, p_search.query_embedding, p_search.cut_off, p_material_ids
      ) compared
    where space.id = p_search.space_id;
  end if;
  if p_search.similar_ids is not null then
    v_similarity := 'greatest(coalesce(similar_.similarity, 0), 0)';
    v_is_similar := 'similar_.id is not null or ';
    v_join := 'left join unnest($3, $4) similar_ (id, similarity) on similar_.id = d.material_id';
  end if;
  return query execute format(
    'with scored as (
       select d.material_id, d.needs_analysis, d.created_at, d.confidence,
         case when d.needs_analysis then coalesce(d.analysis_id, '''') end as analysis_id,
         %6$s as visual, %1$s as property,
         case when num_nonnulls($1, $2) > 0 then (%3$s + %4$s) / num_nonnulls($1, $2) end::real as semantic
       from material_search.documents d %7$s
       -- As a query of its own, so that nothing is estimated of each of the ids.
       where d.material_id = any ((select $6)::uuid[]) and (%2$s) %5$s
     )
     select s.material_id, s.needs_analysis, s.analysis_id, s.created_at, s.visual, s.semantic,
       s.property, s.confidence,
       coalesce(
         (
           $5[1] * coalesce(s.visual, 0) + $5[2] * coalesce(s.semantic, 0)
             + $5[3] * coalesce(s.property, 0) + $5[4] * coalesce(s.confidence, 0)
         )
         -- A material without a confidence has none to be weighed: not the worst, where anything else is.
         / nullif($5[1] + $5[2] + $5[3] + case when s.confidence is null then 0 else $5[4] end, 0), 0
       )::real
     from scored s',
    material_search.to_property_score(p_search),
    v_is_similar || material_search.to_found(v_asked),
    material_search.to_share(p_search.query_parts, p_search.query_scales),
    material_search.to_share(p_search.picture_query_parts, p_search.picture_query_scales),
    ' and ' || nullif(material_search.to_exact_filter(v_asked), ''),
    v_similarity, v_join
  )
  using p_search.query, p_search.picture_query, p_search.similar_ids, p_search.similarities,
    p_search.weights, p_material_ids;
end;
$$;

drop function if exists material_search.read_page(uuid[], boolean);

create or replace function material_search.read_results(p_material_ids uuid[])
returns table (
  material_id uuid,
  material jsonb,
  analysis jsonb,
  confidence real
)
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
declare
  v_shown text := 'null::jsonb, null::real';
  v_join text := '';
begin
  if has_column_privilege('public.material_visual_analysis', 'material_id', 'select') then
    v_shown :=
      'case when a.material_id is not null then jsonb_build_object(
         ''material_type'', left(a.material_type, 10000),
         ''surface_texture'', left(a.surface_texture, 10000),
         ''color_description'', left(a.color_description, 10000),
         ''finish_type'', left(a.finish_type, 10000),
         ''pattern_grain'', left(a.pattern_grain, 10000),
         ''reflectivity'', left(a.reflectivity, 10000),
         ''visual_characteristics'', left(a.visual_characteristics, 10000),
         ''structural_properties'', a.structural_properties - ''{"",confidence_detail}''::text[],
         ''model'', left(a.llama_model_version, 1000),
         ''created_at'', a.created_at
       ) end,
       case when a.structural_properties ? ''confidence_detail'' then
         semantic_analysis.show_confidence(
           coalesce(a.analysis_confidence, a.llama_confidence_score),
           a.structural_properties -> ''confidence_detail'',
           a.llama_analysis_prompt_hash
         )
       else coalesce(a.analysis_confidence, a.llama_confidence_score) end';
    -- The analyses that material_search.read_analyses tells, without the prose of older ones.
    v_join := format(
      'left join (
         select distinct on (one.material_id) one.*
         from (
           select t.material_id::uuid as material_id, %s
           from public.material_visual_analysis t where t.material_id = any ($1)
         ) one
         where coalesce(one.processing_status, ''completed'') = ''completed''
         order by one.material_id, one.created_at desc nulls last, one.id
       ) a on a.material_id = m.id',
      material_search.to_select_list(
        'public.material_visual_analysis',
        '{id,material_type,surface_texture,color_description,finish_type,pattern_grain,reflectivity,visual_characteristics,structural_properties,analysis_confidence,llama_confidence_score,llama_model_version,llama_analysis_prompt_hash,processing_status,created_at}',
        '{text,text,text,text,text,text,text,text,json,share,share,text,text,text,time}'
      )
    );
  end if;
  return query execute format(
    'select m.id,
       jsonb_build_object(
         ''id'', m.id,
         ''name'', coalesce(left(m.name, 10000), ''''),
         ''category'', coalesce(left(m.category, 10000), ''''),
         ''created_at'', m.created_at
       ),
       %s
     from (select t.id::uuid as id, %s from public.materials_catalog t where t.id = any ($1)) m %s',
    v_shown,
    material_search.to_select_list(
      'public.materials_catalog', '{name,category,created_at}', '{text,text,time}'
    ),
    v_join
  ) using p_material_ids[1:100];
end;
$$;

comment on function material_search.read_results is
  'What a result shows of these materials, of 100 at most, as far as the caller may read it.';

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
  v_has_embeddings constant boolean := p_include_embeddings or p_search.query_embedding is not null;
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
    ) where not v_is_all and p_least_score = 0 and p_offset + p_limit > (select count(*) from head)
  ),
  page as (
    -- The order is by the document's confidence, what is shown by the calibration map of this moment.
    select b.*, shown.confidence as shown_confidence, shown.material, shown.analysis, stored.embedding, stored.model,
      p_offset + row_number() over (
        order by b.place nulls first, b.combined desc, b.confidence desc nulls last,
          b.created_at desc nulls last, b.material_id
      ) as rank
    from best b
    join material_search.read_results((select array_agg(material_id) from best)) shown using (material_id)
    left join (
      select * from material_search.read_embeddings((select array_agg(material_id) from best)) where v_has_embeddings
    ) stored using (material_id)
  )
  select material_search.count_found(p_search, p_found, (select count(*) from head), p_least_score)
    || jsonb_build_object(
    'embedding_models', (select coalesce(jsonb_agg(distinct p.model), '[]') from page p where p.model is not null),
    'results', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'rank', p.rank,
        'found_by', material_search.to_found_by(p.visual, p.semantic, p.property),
        'visual', p.visual, 'semantic', p.semantic, 'property', p.property,
        'combined', p.combined, 'confidence', p.shown_confidence,
        'embedding', case when p_include_embeddings then p.embedding end, 'material', p.material, 'analysis', p.analysis
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

revoke all on function material_search.read_results from public, anon, authenticated, service_role;
grant execute on function material_search.read_results to authenticated, service_role;
