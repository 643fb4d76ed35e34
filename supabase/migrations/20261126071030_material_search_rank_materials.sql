-- The scores of documents that were found.
--
-- Security definer, because no role may read the documents. What it returns is ids and numbers; which of
-- them the caller may know of is for material_search.find_readable to say.

create or replace function material_search.to_share(p_parts tsquery[], p_scales real[])
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- ts_rank gives a word that is found at least its weight / (pi^2 / 6), and divides by the number of
  -- words. So this is the share of the words that were found, in [0, 1], each by the weight of the place
  -- it was found in: 1 when all of them are in the name or the type.
  return coalesce(
    (
      select 'greatest(' || string_agg(
        format(
          'least(1, ts_rank(''{0.3, 0.5, 0.8, 1}'', d.document, %L::tsquery) * 1.644935 * %s)', part, scale
        ), ', '
      ) || ')'
      from unnest(p_parts, p_scales) one (part, scale) where part is not null
    ),
    '0'
  );
end;
$$;

comment on function material_search.to_share is
  'How much of a text, of its words in the language that does best, a document d has, in [0, 1], as an expression.';

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
begin
  perform material_search.check_search(p_search);
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
  return query execute format(
    'with scored as (
       select d.material_id, d.needs_analysis, d.created_at, d.confidence,
         case when d.needs_analysis then coalesce(d.analysis_id, '''') end as analysis_id,
         case when $3 is not null then greatest(coalesce(similar_.similarity, 0), 0) end::real as visual,
         case when num_nonnulls($1, $2) > 0 then (%3$s + %4$s) / num_nonnulls($1, $2) end::real as semantic,
         %1$s as property
       from material_search.documents d
       left join unnest($3, $4) similar_ (id, similarity) on similar_.id = d.material_id
       where d.material_id = any ($6) and %2$s
     )
     select s.material_id, s.needs_analysis, s.analysis_id, s.created_at, s.visual, s.semantic,
       s.property, s.confidence,
       (
         (
           $5[1] * coalesce(s.visual, 0) + $5[2] * coalesce(s.semantic, 0)
             + $5[3] * coalesce(s.property, 0) + $5[4] * coalesce(s.confidence, 0)
         )
         -- A material without a confidence has none to be weighed: neither the best nor the worst.
         / nullif($5[1] + $5[2] + $5[3] + case when s.confidence is null then 0 else $5[4] end, 0)
       )::real
     from scored s',
    material_search.to_property_score(p_search),
    concat_ws(' and ', material_search.to_found(p_search), nullif(material_search.to_filter(p_search), '')),
    material_search.to_share(p_search.query_parts, p_search.query_scales),
    material_search.to_share(p_search.picture_query_parts, p_search.picture_query_scales)
  )
  using p_search.query, p_search.picture_query, p_search.similar_ids, p_search.similarities,
    p_search.weights, p_material_ids;
end;
$$;

comment on function material_search.rank_materials is
  'Scores of these materials'' documents, as far as a search finds them, without regard to rights. For material_search.rank_readable alone.';

revoke all on function material_search.to_share, material_search.rank_materials
  from public, anon, authenticated, service_role;
grant execute on function material_search.rank_materials to authenticated, service_role;
