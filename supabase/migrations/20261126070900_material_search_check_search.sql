-- A search as the functions hand it on, and what of it is refused. The functions that users may call are
-- an API: whatever is too large, too many or no number at all is refused before anything is done with it.

do $$
begin
  create type material_search.search as (
    query tsquery,
    query_parts tsquery[],
    query_scales real[],
    picture_query tsquery,
    picture_query_parts tsquery[],
    picture_query_scales real[],
    picture_properties jsonb,
    items text[],
    query_embedding real[],
    similar_ids uuid[],
    similarities real[],
    space_id integer,
    cut_off real,
    color_ids uuid[],
    has_query boolean,
    material_types text[],
    property_filters jsonb,
    confidence_threshold real,
    created_from timestamptz,
    created_to timestamptz,
    weights real[],
    is_narrow boolean
  );
exception
  when duplicate_object then null;
end
$$;

comment on type material_search.search is
  'What is searched for, null for what is not. query_parts, query_scales and items: of material_search.to_text_query. similar_ids, similarities: of material_search.find_similar, the most similar first; space_id, cut_off: where they are not all that are similar. color_ids: materials of the colour that is filtered by. has_query: false for filters alone. weights: of visual, semantic, property and confidence. is_narrow: of a picture only what shares two of its heavy properties.';

create or replace function material_search.refuse(p_problem text, p_field text default null)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- The detail is for the function, which tells its caller the field.
  raise exception '%', concat_ws(' ', p_field, p_problem)
    using errcode = 'invalid_parameter_value',
      detail = case
        when p_field is null then '' else jsonb_build_object(p_field, p_problem)::text
      end;
end;
$$;

comment on function material_search.refuse is
  'Raises invalid_parameter_value; with a field of the request, as { field: problem } in the detail as well.';

create or replace function material_search.check_page(
  p_query_text text,
  p_picture_text text,
  p_similarity_threshold real,
  p_limit integer,
  p_offset integer
)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if octet_length(p_query_text) > 4000 or octet_length(p_picture_text) > 40000 then
    perform material_search.refuse(
      'p_query_text must have at most 4,000 bytes and p_picture_text at most 40,000'
    );
  end if;
  if not coalesce(p_limit between 1 and 100 and p_offset between 0 and 100000, false) then
    perform material_search.refuse('p_limit must be from 1 to 100 and p_offset from 0 to 100000');
  end if;
  if not coalesce(p_similarity_threshold between 0 and 1, true) then
    perform material_search.refuse('p_similarity_threshold must be from 0 to 1');
  end if;
end;
$$;

comment on function material_search.check_page is
  'Raises invalid_parameter_value for a text that is too long or a page that is none.';

create or replace function material_search.check_object(
  p_name text,
  p_value jsonb,
  p_most_keys integer
)
returns void
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_key text;
  v_item jsonb;
begin
  if p_value is null then
    return;
  end if;
  -- The size first: it is known without looking inside.
  if pg_column_size(p_value) > 65536 or jsonb_typeof(p_value) <> 'object' then
    perform material_search.refuse(p_name || ' must be an object of at most 64 KiB');
  end if;
  if (select count(*) from jsonb_each(p_value)) > p_most_keys then
    perform material_search.refuse(format('%s must have at most %s properties', p_name, p_most_keys));
  end if;
  for v_key, v_item in select * from jsonb_each(p_value) loop
    if char_length(v_key) > 64 then
      perform material_search.refuse(p_name || ': the names of properties must have at most 64 characters');
    end if;
    if jsonb_typeof(v_item) = 'array' and (
      jsonb_array_length(v_item) > 50 or exists (
        select from jsonb_array_elements(v_item) item
        where jsonb_typeof(item) in ('array', 'object') or char_length(item #>> '{}') > 200
      )
    ) then
      perform material_search.refuse(
        p_name || ': a list must have at most 50 values of at most 200 characters'
      );
    end if;
    if jsonb_typeof(v_item) not in ('array', 'object') and char_length(v_item #>> '{}') > 200 then
      perform material_search.refuse(p_name || ': a value must have at most 200 characters');
    end if;
  end loop;
end;
$$;

comment on function material_search.check_object is
  'Raises invalid_parameter_value for what is no small object of values and lists of values; null is fine.';

create or replace function material_search.check_filters(p_search material_search.search)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if cardinality(p_search.material_types) > 50
    or array_ndims(p_search.material_types) > 1
    or pg_column_size(p_search.material_types) > 65536
    or exists (select from unnest(p_search.material_types) kind where char_length(kind) > 100)
  then
    perform material_search.refuse('p_material_types must be at most 50 texts of at most 100 characters');
  end if;
  perform material_search.check_object('p_property_filters', p_search.property_filters, 20);
  if exists (
    select from jsonb_each(coalesce(p_search.property_filters, '{}')) filter
    cross join lateral jsonb_each(
      case jsonb_typeof(filter.value) when 'object' then filter.value else '{}' end
    ) bound
    where bound.key not in ('min', 'max') or jsonb_typeof(bound.value) not in ('number', 'null')
      -- Of a few bytes a number may have 131,072 digits as text.
      or char_length(bound.value #>> '{}') > 200
  ) then
    perform material_search.refuse(
      'p_property_filters: a range must be { min, max } in numbers of at most 200 characters'
    );
  end if;
  -- A year has six figures at most, infinity none.
  if not coalesce(isfinite(p_search.created_from), true)
    or not coalesce(isfinite(p_search.created_to), true)
  then
    perform material_search.refuse('p_created_from and p_created_to must be finite');
  end if;
end;
$$;

comment on function material_search.check_filters is
  'Raises invalid_parameter_value for filters that are too many, too long or no filters.';

create or replace function material_search.check_search(p_search material_search.search)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  perform material_search.check_filters(p_search);
  perform material_search.check_object('p_picture_properties', p_search.picture_properties, 20);
  perform material_search.check_embedding(p_search.query_embedding);
  -- NaN is greater than any number.
  if not coalesce(p_search.confidence_threshold between 0 and 1, true)
  then
    perform material_search.refuse('Thresholds must be numbers from 0 to 1');
  end if;
  if p_search.weights is null or cardinality(p_search.weights) <> 4
    or array_ndims(p_search.weights) <> 1
    or (select not bool_and(coalesce(weight between 0 and 1, false)) from unnest(p_search.weights) weight)
    or (select sum(weight) = 0 from unnest(p_search.weights) weight)
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

comment on function material_search.check_search is
  'Raises invalid_parameter_value for a search that is out of bounds in anything.';

revoke all on function
  material_search.refuse, material_search.check_page, material_search.check_object,
  material_search.check_filters, material_search.check_search
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.refuse, material_search.check_page, material_search.check_object,
  material_search.check_filters, material_search.check_embedding, material_search.check_search
  to authenticated, service_role;
