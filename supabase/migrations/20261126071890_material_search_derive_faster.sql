-- Deriving a document costs less: of plain texts, which most are, a term is made where it is needed, for
-- each call of a function is felt where a catalogue is loaded; and the languages are read once.

create or replace function material_search.to_terms(p_properties jsonb, p_more jsonb)
returns text[]
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  -- Numbers also by their first digits, so that a range comes by the index.
  return array(
    select distinct term
    from (
      select case
        -- What material_search.to_term makes of a plain text.
        when octet_length(property.key) = char_length(property.key)
          and octet_length(item.value) = char_length(item.value)
          then lower(left(property.key, 64)) || chr(31) || translate(lower(left(item.value, 200)), '_-', '  ')
        else material_search.to_term(property.key, item.value)
      end as term
      from (select * from jsonb_each(p_properties) union all select * from jsonb_each(p_more)) property,
        lateral jsonb_array_elements_text(
          case jsonb_typeof(property.value)
            when 'array' then property.value
            else jsonb_build_array(property.value)
          end
        ) item
      where item.value is not null and jsonb_typeof(property.value) <> 'object'
      -- Before it is made distinct: a table for the thousands that the planner expects takes most of the time.
      limit 500
    ) one
  ) || array(
    select named.key || chr(31 - digits) || material_search.to_bucket(property.value::numeric, digits)
    from jsonb_each(p_properties) property
    cross join lateral (select material_search.fold(left(property.key, 64)) as key offset 0) named
    cross join generate_series(1, 2) digits
    where jsonb_typeof(property.value) = 'number'
    limit 400
  );
end;
$$;

create or replace function material_search.derive_documents(p_ids uuid[])
returns table (document material_search.documents, notes text[])
language plpgsql
stable
set search_path = ''
as $$
declare
  v_settings record := material_search.read_settings();
  v_stemmers regconfig[] := material_search.to_stemmers(v_settings.languages);
begin
  return query
  select
    row(
      material.id,
      part.needs_analysis,
      case when part.needs_analysis then analysis.id end,
      case when v_settings.owns_catalogue and material.visibility = 'private'
        then coalesce(material.created_by, '') end,
      material.created_at,
      material_search.fold(concat_ws(' ', left(material.name, 300), left(material.category, 100))),
      setweight(material_search.to_words_of_name(concat_ws(' ', left(material.name, 10000), found.properties ->> 'type'), v_stemmers, 'simple' = any (v_settings.languages)), 'A')
        || setweight(material_search.to_words(left(material.category, 10000), v_stemmers), 'B')
        || setweight(material_search.to_words(material_search.to_texts(found.properties), v_stemmers), 'B')
        || setweight(material_search.to_words(left(material.description, 10000), v_stemmers), 'C')
        || setweight(material_search.to_words(case when part.has_analysis then analysis.prose end, v_stemmers), 'D'),
      material_search.to_terms(found.properties, jsonb_build_object(
        '', jsonb_build_array(material.category, found.properties ->> 'type', found.properties ->> 'family'),
        'color', material_search.to_plain_colors(found.properties -> 'colors')
      )),
      material_search.to_numbers(found.properties),
      case when part.has_analysis then analysis.confidence end
    )::material_search.documents,
    array_remove(array[
      case when char_length(material.name) > 10000 then 'name: only its first 10,000 characters are found' end,
      case when char_length(material.description) > 10000
        then 'description: only its first 10,000 characters are found' end,
      case when material.properties = '{"": null}' then 'properties: over 64 KiB, none of them is found' end,
      case when analysis.structural_properties = '{"": null}'
        then 'structural_properties: over 64 KiB, none of them is found' end
    ], null)
  from material_search.read_materials(p_ids) material
  left join material_search.read_analyses(p_ids, case when v_settings.owns_analyses then 20 else 1 end)
    analysis on analysis.material_id = material.id
  cross join lateral (
    select false as needs_analysis, v_settings.owns_analyses as has_analysis
    union all
    select true, true where not v_settings.owns_analyses and analysis.material_id is not null
  ) part
  cross join lateral (
    -- What the analysis says wins.
    select coalesce(material.properties, '{}') || case
      when not part.has_analysis or analysis.material_id is null then '{}'
      else coalesce(analysis.structural_properties, '{}') || jsonb_strip_nulls(jsonb_build_object(
        'type', nullif(left(analysis.material_type, 200), 'unknown'),
        'finish', analysis.finish_type,
        'texture', analysis.surface_texture,
        'pattern', analysis.pattern_grain,
        'reflectivity', analysis.reflectivity,
        'colors', to_jsonb(string_to_array(analysis.color_description, ', '))
      ))
    end as properties
    -- Kept apart, or it would be worked out anew at each mention.
    offset 0
  ) found;
end;
$$;
