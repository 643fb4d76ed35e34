-- The ranking: which materials a search finds, and their scores. Called by public.search_materials alone.

-- The words of a text, any of which may be found. From lexemes, so nothing of the text is ever syntax.
create or replace function material_search.to_any_query(p_text text)
returns tsquery
language sql
immutable parallel safe
set search_path = ''
as $$
  select string_agg(
    '''' || replace(replace(word.lexeme, '\', '\\'), '''', '''''') || '''', ' | '
  )::tsquery
  from (
    -- Further words of a long text change nothing but the time it takes.
    select lexeme from unnest(to_tsvector('english', p_text)) order by positions[1] limit 64
  ) word;
$$;

comment on function material_search.to_any_query is
  'A query for any of a text''s words; null when it has none that counts.';

-- Words that no material has and a name's word resembles. One that is known is never replaced.
create or replace function material_search.correct_words(p_text text)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_schema text;
  v_word text;
  v_query tsquery;
  v_meant text;
  v_corrections jsonb := '{}';
  v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_user_id text := v_claims ->> 'sub';
  v_is_service boolean := coalesce(v_claims ->> 'role' = 'service_role', false);
begin
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'pg_trgm';
  if v_schema is null then
    return v_corrections;
  end if;
  -- Until the end of the transaction. A SET clause of the function would want a superuser wherever
  -- pg_trgm is not loaded yet. At the default of 0.6 "marbel" is too far from marble.
  perform set_config('pg_trgm.word_similarity_threshold', '0.5', true);
  for v_word in
    select distinct word[1]
    from regexp_matches(lower(p_text), '\m[[:alpha:]]{4,40}\M', 'g') word limit 12
  loop
    v_query := plainto_tsquery('english', v_word);
    continue when numnode(v_query) = 0 or exists (
      select from material_search.documents d
      where d.document @@ v_query
        and (d.visibility = 'public' or d.created_by::text = v_user_id or v_is_service)
    );
    execute format(
      'select word
       from (
         select d.names
         from material_search.documents d
         where d.names operator(%1$I.%%>) $1
           and (d.visibility = ''public'' or d.created_by::text = $2 or $3)
         -- A word that many names resemble is in the first of them already.
         limit 500
       ) similar_, unnest(regexp_split_to_array(similar_.names, ''[^[:alpha:]]+'')) word
       where length(word) >= 4 and %1$I.similarity(word, $1) >= 0.3
       group by word
       order by %1$I.similarity(word, $1) desc, word
       limit 1',
      v_schema
    ) into v_meant using v_word, v_user_id, v_is_service;
    if v_meant is not null then
      v_corrections := v_corrections || jsonb_build_object(v_word, v_meant);
    end if;
  end loop;
  return v_corrections;
end;
$$;

comment on function material_search.correct_words is
  'Misspelt word → the word of a material''s name that it resembles most, among those the caller may see.';

-- Everything the caller may see that at least one strategy finds, with its scores. Security definer,
-- because full-text search behind row level security can use no index; what it returns are numbers for
-- public.search_materials, which reads the materials themselves with the caller's rights.
create or replace function material_search.rank_materials(
  p_query tsquery,
  p_picture_query tsquery,
  p_wanted jsonb,
  p_query_embedding real[],
  p_min_similarity real,
  p_has_query boolean,
  p_kinds text[],
  p_property_filters jsonb,
  p_confidence_threshold real,
  p_created_from timestamptz,
  p_created_to timestamptz,
  p_weights real[]
)
returns table (
  material_id uuid,
  analysis_id uuid,
  visual real,
  semantic real,
  property real,
  confidence real,
  combined real,
  found_by text[]
)
language plpgsql
stable
security definer
set search_path = ''
-- The statement below is planned anew for each search, so that what a search does not ask for is not
-- in the plan and what it asks for comes by an index.
set plan_cache_mode = force_custom_plan
as $$
declare
  v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_user_id text := v_claims ->> 'sub';
  v_is_service boolean := coalesce(v_claims ->> 'role' = 'service_role', false);
  v_kind_terms text[];
  v_terms text[];
  v_other_filters jsonb;
  v_wanted_terms text[];
  v_wanted_weights real[];
  v_words tsquery;
  v_family text := p_wanted ->> 'family';
  v_ids uuid[];
  v_similarities real[];
  v_has_properties boolean :=
    p_kinds is not null or p_property_filters is not null or not p_has_query;
begin
  select array_agg(material_search.to_term('', kind)) into v_kind_terms from unnest(p_kinds) kind;
  -- One value each: together one look into the index. Lists and ranges are compared row by row.
  select
    array_agg(material_search.to_term(key, value #>> '{}'))
      filter (where jsonb_typeof(value) not in ('array', 'object')),
    jsonb_object_agg(key, value) filter (where jsonb_typeof(value) in ('array', 'object'))
  into v_terms, v_other_filters
  from jsonb_each(p_property_filters);
  -- How much each property of the picture says of a material; what is not known of it is left out.
  select array_agg(wanted.term), array_agg(wanted.weight)
  into v_wanted_terms, v_wanted_weights
  from (
    select material_search.to_term(weight.key, p_wanted ->> weight.key), weight.weight
    from (values ('family', 3), ('type', 2), ('finish', 1), ('texture', 1), ('pattern', 1))
      weight (key, weight)
    where p_wanted ->> weight.key is not null
    union all
    -- "dark brown" and "warm brown" are both brown.
    select material_search.to_term('color', color), 2.0 / count(*) over ()
    from (
      select distinct regexp_replace(color, '^.*[ -]', '') as color
      from jsonb_array_elements_text(p_wanted -> 'colors') color
    ) plain
  ) wanted (term, weight);
  if p_query_embedding is not null then
    select * into v_ids, v_similarities
    from material_search.find_similar(p_query_embedding, p_min_similarity);
    v_ids := coalesce(v_ids, '{}');
  end if;
  v_words := case
    when p_query is null then p_picture_query
    when p_picture_query is null then p_query
    else p_query || p_picture_query
  end;

  return query
  with candidate as (
    select d.*
    from material_search.documents d
    where (d.visibility = 'public' or d.created_by::text = v_user_id or v_is_service)
      and (v_kind_terms is null or d.terms && v_kind_terms)
      and (v_terms is null or d.terms @> v_terms)
      and (v_other_filters is null or material_search.has_properties(d.terms, d.properties, v_other_filters))
      and (p_confidence_threshold is null or d.confidence >= p_confidence_threshold)
      and (p_created_from is null or d.created_at >= p_created_from)
      and (p_created_to is null or d.created_at <= p_created_to)
      and (
        (v_words is not null and d.document @@ v_words)
        or (v_family is not null and d.properties ->> 'family' = v_family)
        or (v_ids is not null and d.material_id = any (v_ids))
        -- Filters alone are a search as well.
        or not p_has_query
      )
  ),
  scored as (
    select
      d.material_id, d.analysis_id, d.confidence,
      case when v_ids is not null then greatest(coalesce(similar_.similarity, 0), 0) end as visual,
      -- ts_rank gives a word that is found at least its weight / (pi^2 / 6), and divides by the number
      -- of words. So this is the share of the words that were found, in [0, 1], each by the weight of
      -- the place it was found in: 1 when all of them are in the name or the type.
      case when v_words is not null then (
        least(1, coalesce(ts_rank('{0.3, 0.5, 0.8, 1}', d.document, p_query), 0) * 1.644935)
          + least(1, coalesce(ts_rank('{0.3, 0.5, 0.8, 1}', d.document, p_picture_query), 0) * 1.644935)
      ) / num_nonnulls(p_query, p_picture_query) end::real as semantic,
      case
        when v_wanted_terms is not null then (
          select coalesce(sum(wanted.weight) filter (where wanted.term = any (d.terms)), 0)
            / sum(wanted.weight)
          from unnest(v_wanted_terms, v_wanted_weights) wanted (term, weight)
        )
        when v_has_properties then 1
      end::real as property
    from candidate d
    left join unnest(v_ids, v_similarities) similar_ (id, similarity) on similar_.id = d.material_id
  ),
  named as (
    select
      s.*,
      array_remove(array[
        case when s.visual > 0 then 'visual_similarity' end,
        case when s.semantic > 0 then 'semantic_relevance' end,
        -- Half of what the picture shows, or all that the filters ask for.
        case when s.property >= 0.5 then 'material_properties' end
      ], null) as found_by
    from scored s
  )
  select
    n.material_id, n.analysis_id, n.visual, n.semantic, n.property, n.confidence,
    (
      (
        p_weights[1] * coalesce(n.visual, 0) + p_weights[2] * coalesce(n.semantic, 0)
          + p_weights[3] * coalesce(n.property, 0) + p_weights[4] * coalesce(n.confidence, 0)
      )
      -- A material without a confidence has none to be weighed: neither the best nor the worst.
      / nullif(
        p_weights[1] + p_weights[2] + p_weights[3]
          + case when n.confidence is null then 0 else p_weights[4] end,
        0
      )
    )::real,
    n.found_by
  from named n
  where n.found_by <> '{}';
end;
$$;

comment on function material_search.rank_materials is
  'Scores of every material that a strategy finds. p_weights: of visual, semantic, property and confidence, 0 for a term that does not apply.';

create or replace function material_search.has_properties(
  p_terms text[],
  p_properties jsonb,
  p_filters jsonb
)
returns boolean
language sql
immutable parallel safe
set search_path = ''
as $$
  select coalesce(bool_and(
    case jsonb_typeof(filter.value)
      when 'array' then p_terms && array(
        select material_search.to_term(filter.key, wanted)
        from jsonb_array_elements_text(filter.value) wanted
      )
      else case when jsonb_typeof(p_properties -> lower(filter.key)) = 'number' then
        (p_properties ->> lower(filter.key))::numeric between
          coalesce((filter.value ->> 'min')::numeric, '-infinity')
          and coalesce((filter.value ->> 'max')::numeric, 'infinity')
      else false end
    end
  ), true)
  from jsonb_each(p_filters) filter;
$$;

comment on function material_search.has_properties is
  'Whether all filters hold: one of a list''s values, or a number in a range { min, max }.';
