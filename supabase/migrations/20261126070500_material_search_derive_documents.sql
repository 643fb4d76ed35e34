-- From the rows of the catalogue to the documents. Whatever a row holds is bounded here, so that no index
-- refuses it.

create or replace function material_search.to_bucket(p_number numeric, p_digits integer)
returns integer
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  v_size constant float8 := least(abs(p_number), 1e12);
  v_exponent integer;
begin
  if v_size < 1e-6 then
    return 0;
  end if;
  v_exponent := floor(log(v_size));
  return sign(p_number) * (
    (v_exponent + 6) * 9 * 10 ^ (p_digits - 1)
      + trunc(v_size / 10::float8 ^ (v_exponent - p_digits + 1)) - 10 ^ (p_digits - 1) + 1
  );
end;
$$;

comment on function material_search.to_bucket is
  'Which of the numbers of so many digits (1 or 2) a number begins with, counted through from the smallest: never less for a greater number. From 1e-6 to 1e12; what is beyond is in the outermost.';

create or replace function material_search.to_number_terms(p_key text, p_from numeric, p_to numeric)
returns text[]
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  v_digits integer := 2;
begin
  -- A wide range goes by first digits alone, so that it is some hundred buckets at most.
  if material_search.to_bucket(p_to, 2) - material_search.to_bucket(p_from, 2) > 60 then
    v_digits := 1;
  end if;
  return array(
    select material_search.fold(left(p_key, 64)) || chr(31 - v_digits) || bucket
    from generate_series(
      material_search.to_bucket(p_from, v_digits), material_search.to_bucket(p_to, v_digits)
    ) bucket
  );
end;
$$;

comment on function material_search.to_number_terms is
  'The terms of which a document has one if its number lies in this range; others may have one too.';

create or replace function material_search.to_terms(p_properties jsonb, p_more jsonb)
returns text[]
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  -- Numbers also by their first digits, so that a range comes by the index.
  return array(
    select distinct material_search.to_term(property.key, item.value)
    from (select * from jsonb_each(p_properties) union all select * from jsonb_each(p_more)) property,
      lateral jsonb_array_elements_text(
        case jsonb_typeof(property.value)
          when 'array' then property.value
          else jsonb_build_array(property.value)
        end
      ) item
    where item.value is not null and jsonb_typeof(property.value) <> 'object'
    limit 500
  ) || array(
    select material_search.fold(left(property.key, 64)) || chr(31 - digits)
      || material_search.to_bucket(property.value::numeric, digits)
    from jsonb_each(p_properties) property, generate_series(1, 2) digits
    where jsonb_typeof(property.value) = 'number'
    limit 400
  );
end;
$$;

comment on function material_search.to_terms is
  'The terms of flat properties, and of more of the same keys: one for each value, one for each item of a list, 500 at most; and two for each number, of 200 numbers at most.';

create or replace function material_search.to_texts(p_properties jsonb)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  return (
    select string_agg(text #>> '{}', ' ')
    from jsonb_path_query(p_properties, 'strict $.** ? (@.type() == "string")') text
  );
end;
$$;

comment on function material_search.to_texts is
  'All texts in properties, as one.';

create or replace function material_search.to_plain_colors(p_colors jsonb)
returns jsonb
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  return to_jsonb(array(
    -- The colour of "dark brown" by itself.
    select distinct regexp_replace(left(color, 200), '^.*[ -]', '')
    from jsonb_array_elements_text(
      case jsonb_typeof(p_colors) when 'array' then p_colors else '[]' end
    ) color
    limit 50
  ));
end;
$$;

comment on function material_search.to_plain_colors is
  'The colours of a list, without what is said before them; 50 at most.';

create or replace function material_search.to_numbers(p_properties jsonb)
returns jsonb
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_object_agg(number.key, number.value), '{}')
    from (
      select material_search.fold(left(property.key, 64)) as key, property.value
      from jsonb_each(p_properties) property
      where jsonb_typeof(property.value) = 'number'
      -- The aggregate takes a time that grows with the square of their number.
      limit 200
    ) number
  );
end;
$$;

comment on function material_search.to_numbers is
  'The properties that are numbers, keys folded; 200 at most.';

create or replace function material_search.to_vocabulary(p_names text)
returns text[]
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  return array(
    select distinct word from regexp_split_to_table(p_names, '[^[:alpha:]]+') word
    where length(word) between 4 and 40
  );
end;
$$;

comment on function material_search.to_vocabulary is
  'The words of folded names that a misspelt one may have meant.';

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
      setweight(material_search.to_name_words(concat_ws(' ', left(material.name, 10000), found.properties ->> 'type'), v_settings.languages), 'A')
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

comment on function material_search.derive_documents is
  'The documents of these materials, each with what of it could not be taken; none for a material that is gone.';

revoke all on function
  material_search.to_bucket, material_search.to_number_terms, material_search.to_terms,
  material_search.to_texts, material_search.to_plain_colors, material_search.to_numbers,
  material_search.to_vocabulary, material_search.derive_documents
  from public, anon, authenticated, service_role;
