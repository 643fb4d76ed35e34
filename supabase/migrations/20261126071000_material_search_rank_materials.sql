-- The ranking: what a search asks of a document, as SQL, and the scores of documents that were found.
--
-- Security definer, because no role may read the documents. What it returns is ids and numbers;
-- which of them the caller may know of is for material_search.find_readable to say.

create or replace function material_search.to_filter(p_search material_search.search)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- As literals, so that each filter comes by an index and none is a function called for each row. What
  -- is told soonest of a row comes first.
  return concat_ws(
    ' and ',
    'd.material_id = any (' || quote_literal(p_search.color_ids::text) || '::uuid[])',
    'd.confidence >= ' || quote_literal(p_search.confidence_threshold) || '::real',
    'd.created_at >= ' || quote_literal(p_search.created_from) || '::timestamptz',
    'd.created_at <= ' || quote_literal(p_search.created_to) || '::timestamptz',
    (
      select string_agg(
        concat_ws(
          ' and ',
          -- jsonb compares two numbers as such.
          format('d.numbers ? %L', lower(filter.key)),
          'd.numbers -> ' || quote_literal(lower(filter.key)) || ' >= '
            || quote_literal((filter.value ->> 'min')) || '::jsonb',
          'd.numbers -> ' || quote_literal(lower(filter.key)) || ' <= '
            || quote_literal((filter.value ->> 'max')) || '::jsonb'
        ),
        ' and '
      )
      from jsonb_each(p_search.property_filters) filter where jsonb_typeof(filter.value) = 'object'
    ),
    (
      select string_agg(
        case jsonb_typeof(filter.value)
          when 'array' then format(
            'd.terms && %L::text[]',
            array(
              select lower(filter.key || chr(31) || item)
              from jsonb_array_elements_text(filter.value) item where item is not null
            )
          )
          else format(
            'd.terms @> %L::text[]',
            array[lower(filter.key || chr(31) || coalesce(filter.value #>> '{}', 'null'))]
          )
        end,
        ' and '
      )
      from jsonb_each(p_search.property_filters) filter where jsonb_typeof(filter.value) <> 'object'
    ),
    (
      select format('d.terms && %L::text[]', array_agg(lower(chr(31) || kind)))
      from unnest(p_search.material_types) kind having count(*) > 0
    ),
    (
      select string_agg(
        format(
          'd.terms && %L::text[]',
          material_search.to_number_terms(
            filter.key,
            coalesce((filter.value ->> 'min')::numeric, -1e12),
            coalesce((filter.value ->> 'max')::numeric, 1e12)
          )
        ),
        ' and '
      )
      from jsonb_each(p_search.property_filters) filter where jsonb_typeof(filter.value) = 'object'
    )
  );
end;
$$;

comment on function material_search.to_filter is
  'The condition on a document d that the filters of a search come to; empty without one.';

create or replace function material_search.to_property_score(p_search material_search.search)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return coalesce(
    (
      select format(
        '((%s) / %s)::real',
        string_agg(
          format('case when %L = any (d.terms) then %s else 0 end', lower(wanted.term), wanted.weight),
          ' + '
        ),
        sum(wanted.weight)
      )
      from (
        -- How much each property of the picture says of a material; what is not known of it is left out.
        select weight.key || chr(31) || (p_search.picture_properties ->> weight.key), weight.weight
        from (values ('family', 3.0), ('type', 2.0), ('finish', 1.0), ('texture', 1.0), ('pattern', 1.0))
          weight (key, weight)
        where p_search.picture_properties ->> weight.key is not null
        union all
        -- "dark brown" and "warm brown" are both brown.
        select 'color' || chr(31) || color, 2.0 / count(*) over ()
        from jsonb_array_elements_text(
          material_search.to_plain_colors(p_search.picture_properties -> 'colors')
        ) color
      ) wanted (term, weight)
      having count(*) > 0
    ),
    -- Filters are held by all that is found.
    case
      when p_search.material_types is not null or p_search.property_filters is not null
        or not p_search.has_query
      then '1::real'
      else 'null::real'
    end
  );
end;
$$;

comment on function material_search.to_property_score is
  'How much of a picture''s properties a document d has, in [0, 1], as an expression.';

create or replace function material_search.to_resembling(p_picture_properties jsonb)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return (
    with heavy as (
      select key, chr(31) || lower(p_picture_properties ->> key) as value
      from unnest('{family,type,finish}'::text[]) key
      where p_picture_properties ->> key is not null
      union all
      select 'color', chr(31) || lower(color)
      from jsonb_array_elements_text(
        material_search.to_plain_colors(p_picture_properties -> 'colors')
      ) color
    )
    select string_agg(resembling.condition, ' or ')
    from (
      select format(
        'd.terms @> %L::text[] and d.terms && %L::text[]',
        array[one.key || one.value], array_agg(other.key || other.value)
      )
      from heavy one
      join heavy other on one.key = 'family' and other.key <> 'family'
        or one.key = 'type' and other.key in ('finish', 'color')
      group by one.key, one.value
    ) resembling (condition)
  );
end;
$$;

comment on function material_search.to_resembling is
  'The condition on a document d that it shares the family and another property of a picture, or its type and finish or a colour; null where a picture has no two of them.';

create or replace function material_search.to_picture_words(p_picture_properties jsonb)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return concat_ws(
    ' ',
    p_picture_properties ->> 'family',
    p_picture_properties ->> 'type',
    p_picture_properties ->> 'finish',
    (
      select string_agg(color, ' ')
      from jsonb_array_elements_text(
        material_search.to_plain_colors(p_picture_properties -> 'colors')
      ) color
    ),
    p_picture_properties ->> 'texture',
    p_picture_properties ->> 'pattern'
  );
end;
$$;

comment on function material_search.to_picture_words is
  'What a picture shows, as words, those that say most of a material first.';

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
         -- ts_rank gives a word that is found at least its weight / (pi^2 / 6), and divides by the
         -- number of words. So this is the share of the words that were found, in [0, 1], each by the
         -- weight of the place it was found in: 1 when all of them are in the name or the type.
         case when num_nonnulls($1, $2) > 0 then (
           least(1, coalesce(ts_rank(''{0.3, 0.5, 0.8, 1}'', d.document, $1), 0) * 1.644935 * $6)
             + least(1, coalesce(ts_rank(''{0.3, 0.5, 0.8, 1}'', d.document, $2), 0) * 1.644935 * $7)
         ) / num_nonnulls($1, $2) end::real as semantic,
         %1$s as property
       from material_search.documents d
       left join unnest($3, $4) similar_ (id, similarity) on similar_.id = d.material_id
       where d.material_id = any ($8) and %2$s
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
    concat_ws(' and ', material_search.to_found(p_search), nullif(material_search.to_filter(p_search), ''))
  )
  using p_search.query, p_search.picture_query, p_search.similar_ids, p_search.similarities,
    p_search.weights, coalesce(p_search.query_scale, 1), coalesce(p_search.picture_query_scale, 1),
    p_material_ids;
end;
$$;

comment on function material_search.rank_materials is
  'Scores of these materials'' documents, as far as a search finds them, whoever may read them. For material_search.rank_readable alone.';

revoke all on function
  material_search.to_filter, material_search.to_property_score, material_search.to_resembling,
  material_search.to_picture_words, material_search.rank_materials
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.to_resembling, material_search.to_plain_colors, material_search.to_picture_words,
  material_search.rank_materials
  to authenticated, service_role;
