-- What a search asks of a document, as SQL.

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
          format('d.numbers ? %L', material_search.fold(filter.key)),
          'd.numbers -> ' || quote_literal(material_search.fold(filter.key)) || ' >= '
            || quote_literal((filter.value ->> 'min')) || '::jsonb',
          'd.numbers -> ' || quote_literal(material_search.fold(filter.key)) || ' <= '
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
              select material_search.to_term(filter.key, item)
              from jsonb_array_elements_text(filter.value) item where item is not null
            )
          )
          else format(
            'd.terms @> %L::text[]',
            array[material_search.to_term(filter.key, coalesce(filter.value #>> '{}', 'null'))]
          )
        end,
        ' and '
      )
      from jsonb_each(p_search.property_filters) filter where jsonb_typeof(filter.value) <> 'object'
    ),
    (
      select format('d.terms && %L::text[]', array_agg(material_search.to_term('', kind)))
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
          format('case when %L = any (d.terms) then %s else 0 end', wanted.term, wanted.weight),
          ' + '
        ),
        sum(wanted.weight)
      )
      from (
        -- How much each property of the picture says of a material; what is not known of it is left out.
        select material_search.to_term(weight.key, p_search.picture_properties ->> weight.key), weight.weight
        from (values ('family', 3.0), ('type', 2.0), ('finish', 1.0), ('texture', 1.0), ('pattern', 1.0))
          weight (key, weight)
        where p_search.picture_properties ->> weight.key is not null
        union all
        -- "dark brown" and "warm brown" are both brown.
        select material_search.to_term('color', color), 2.0 / count(*) over ()
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
      select key, material_search.to_term(key, p_picture_properties ->> key) as term
      from unnest('{family,type,finish}'::text[]) key
      where p_picture_properties ->> key is not null
      union all
      select 'color', material_search.to_term('color', color)
      from jsonb_array_elements_text(
        material_search.to_plain_colors(p_picture_properties -> 'colors')
      ) color
    )
    select string_agg(resembling.condition, ' or ')
    from (
      select format(
        'd.terms @> %L::text[] and d.terms && %L::text[]',
        array[one.term], array_agg(other.term)
      )
      from heavy one
      join heavy other on one.key = 'family' and other.key <> 'family'
        or one.key = 'type' and other.key in ('finish', 'color')
      group by one.term
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

revoke all on function
  material_search.to_filter, material_search.to_property_score, material_search.to_resembling,
  material_search.to_picture_words
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.to_resembling, material_search.to_plain_colors, material_search.to_picture_words
  to authenticated, service_role;
