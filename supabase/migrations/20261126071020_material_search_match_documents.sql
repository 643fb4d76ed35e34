-- What of the documents a search finds, its filters apart: by its words, by what its picture shows, by
-- likeness. A condition in SQL, which material_search.find_first and rank_materials put into theirs.

create or replace function material_search.to_picture_terms(p_picture_properties jsonb)
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
begin
  return array(
    select material_search.to_term(key, p_picture_properties ->> key)
    from unnest('{family,type,finish,texture,pattern}'::text[]) key
    where p_picture_properties ->> key is not null
    union all
    select material_search.to_term('color', color)
    from jsonb_array_elements_text(
      material_search.to_plain_colors(p_picture_properties -> 'colors')
    ) color
  );
end;
$$;

comment on function material_search.to_picture_terms is
  'What a picture shows, as terms of a document.';

create or replace function material_search.to_found(p_search material_search.search)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_has_half text := case
    when p_search.picture_properties is not null
      then format('(%s) >= 0.5', material_search.to_property_score(p_search))
  end;
begin
  return '(' || coalesce(nullif(concat_ws(
    ' or ',
    'd.document @@ ' || quote_literal(p_search.query::text) || '::tsquery',
    case
      -- Any of a picture's words finds most of a catalogue; two of its heavy properties find what is best.
      when p_search.is_narrow then concat_ws(
        ' and ',
        '(' || material_search.to_resembling(p_search.picture_properties) || ')',
        case when p_search.picture_query is null then v_has_half end
      )
      when p_search.picture_properties is null
        then 'd.document @@ ' || quote_literal(p_search.picture_query::text) || '::tsquery'
      -- A search by a picture's properties alone goes by any of them.
      when p_search.picture_query is null then format(
        'd.terms && %L::text[] and %s',
        material_search.to_picture_terms(p_search.picture_properties), v_has_half
      )
      else concat_ws(
        ' or ',
        'd.document @@ ' || quote_literal(p_search.picture_query::text) || '::tsquery',
        'd.terms @> array['
          || quote_literal(material_search.to_term('family', p_search.picture_properties ->> 'family'))
          || '] and ' || v_has_half
      )
    end,
    'd.material_id = any (' || quote_literal(p_search.similar_ids::text) || '::uuid[])',
    -- Filters alone are a search as well.
    case when not p_search.has_query then 'true' end
  ), ''), 'false') || ')';
end;
$$;

comment on function material_search.to_found is
  'The condition on a document d that it is found by a search, its filters apart.';

revoke all on function material_search.to_picture_terms, material_search.to_found
  from public, anon, authenticated, service_role;
