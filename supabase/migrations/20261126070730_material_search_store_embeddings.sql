-- Vectors in and out of a space. Written by the project's own code alone, which has the network.

create or replace function material_search.read_space(p_name text)
returns material_search.embedding_spaces
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_space material_search.embedding_spaces;
begin
  select * into v_space from material_search.embedding_spaces s where s.name = p_name;
  if not found then
    perform material_search.refuse(
      format('there is no embedding space "%s"', left(coalesce(p_name, ''), 100)), 'embedding_space'
    );
  end if;
  return v_space;
end;
$$;

comment on function material_search.read_space is
  'The space of this name; raises invalid_parameter_value where there is none.';

create or replace function material_search.read_searched_space()
returns material_search.embedding_spaces
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select s from material_search.embedding_spaces s where s.is_searched);
end;
$$;

comment on function material_search.read_searched_space is
  'The space that searches compare with; null where there is none.';

create or replace function material_search.check_embedding(p_embedding real[])
returns void
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- pgvector adds up the squares in float4: within these bounds the sum is neither infinite nor 0, with
  -- which no cosine could be told.
  v_most constant real := 1e6;
  v_least constant real := 1e-6;
begin
  if p_embedding is null then
    return;
  end if;
  if array_ndims(p_embedding) is distinct from 1 or cardinality(p_embedding) > 4000 then
    perform material_search.refuse(
      format('must be 1 to 4,000 numbers, got %s', cardinality(p_embedding)), 'query_embedding'
    );
  end if;
  -- NaN is greater than any number, null equals none.
  if not (
    select bool_and(coalesce(number between -v_most and v_most, false))
      and bool_or(abs(number) >= v_least)
    from unnest(p_embedding) number
  ) then
    perform material_search.refuse(
      'must be numbers from -1e6 to 1e6, and not all within 1e-6 of 0', 'query_embedding'
    );
  end if;
end;
$$;

comment on function material_search.check_embedding is
  'Raises invalid_parameter_value for what no cosine can be told of; null is fine.';

create or replace function material_search.check_dimensions(
  p_space material_search.embedding_spaces,
  p_embedding real[]
)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if cardinality(p_embedding) <> p_space.dimensions then
    perform material_search.refuse(
      format(
        'a vector of the space "%s" has %s numbers, got %s',
        p_space.name, p_space.dimensions, cardinality(p_embedding)
      ),
      'query_embedding'
    );
  end if;
end;
$$;

comment on function material_search.check_dimensions is
  'Raises invalid_parameter_value for a vector that is not of this space.';

create or replace function material_search.read_space_of_query(p_name text, p_embedding real[])
returns material_search.embedding_spaces
language plpgsql
stable
set search_path = ''
as $$
declare
  v_space material_search.embedding_spaces := material_search.read_space(p_name);
begin
  perform material_search.check_dimensions(v_space, p_embedding);
  if not v_space.is_searched then
    perform material_search.refuse(
      format(
        'the search does not compare with vectors of the space "%s"%s',
        v_space.name,
        ', but with those of "' || (material_search.read_searched_space()).name || '"'
      ),
      'embedding_space'
    );
  end if;
  perform material_search.require_embeddings();
  return v_space;
end;
$$;

comment on function material_search.read_space_of_query is
  'The space that a query''s vector may be compared in; raises invalid_parameter_value for a vector of another one, feature_not_supported without pgvector.';

create or replace function material_search.read_embeddings(p_material_ids uuid[])
returns table (material_id uuid, embedding real[], space text, model text)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_space material_search.embedding_spaces := material_search.read_searched_space();
begin
  if v_space.id is not null and to_regclass('material_search.embeddings') is not null then
    return query execute
      'select material_id, embedding::real[], $3, $4
       from material_search.embeddings where space_id = $2 and material_id = any ($1)'
      using p_material_ids[1:100], v_space.id, v_space.name, v_space.model;
  end if;
end;
$$;

comment on function material_search.read_embeddings is
  'The vectors of these materials in the space that is searched, of 100 at most, as far as there are any and the caller may read the materials.';

create or replace function material_search.forget_embeddings(p_material_ids uuid[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if p_material_ids <> '{}' and to_regclass('material_search.embeddings') is not null then
    -- The key begins with the space: naming the few spaces makes its index usable.
    execute
      'delete from material_search.embeddings
       where space_id in (select id from material_search.embedding_spaces)
         and material_id = any ($1)'
      using p_material_ids;
  end if;
end;
$$;

comment on function material_search.forget_embeddings is
  'Deletes the vectors of materials that are gone, of all spaces.';

create or replace function material_search.store_vector(
  p_space material_search.embedding_spaces,
  p_material_id uuid,
  p_embedding real[]
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if p_embedding is null then
    perform material_search.refuse('must be numbers', 'query_embedding');
  end if;
  perform material_search.check_embedding(p_embedding);
  perform material_search.check_dimensions(p_space, p_embedding);
  if not exists (select from public.materials_catalog where id = p_material_id) then
    raise exception 'There is no material "%"', p_material_id using errcode = 'foreign_key_violation';
  end if;
  execute
    'insert into material_search.embeddings (space_id, material_id, embedding) values ($1, $2, $3)
     on conflict (space_id, material_id) do update set embedding = excluded.embedding'
    using p_space.id, p_material_id, p_embedding;
end;
$$;

comment on function material_search.store_vector is
  'Stores the vector of a material in a space, in place of the one that it has there.';

create or replace function public.material_search_store_embedding(
  p_material_id uuid,
  p_embedding real[],
  p_space text default 'clip'
)
returns void
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_space material_search.embedding_spaces;
begin
  perform material_search.require_embeddings();
  v_space := material_search.read_space(p_space);
  perform material_search.store_vector(v_space, p_material_id, p_embedding);
  perform material_search.learn_when_grown(v_space);
end;
$$;

comment on function public.material_search_store_embedding is
  'Stores the vector of a material''s picture in a space. For service_role only.';

create or replace function public.material_search_store_embeddings(
  p_space text,
  p_embeddings jsonb
)
returns integer
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_space material_search.embedding_spaces;
  v_item jsonb;
begin
  perform material_search.require_embeddings();
  v_space := material_search.read_space(p_space);
  if jsonb_typeof(p_embeddings) is distinct from 'array' or jsonb_array_length(p_embeddings) > 1000
    or exists (
      select from jsonb_array_elements(p_embeddings) item
      where jsonb_typeof(item -> 'embedding') is distinct from 'array'
    )
  then
    perform material_search.refuse(
      'p_embeddings must be a list of at most 1,000 of { material_id, embedding }'
    );
  end if;
  for v_item in select * from jsonb_array_elements(p_embeddings) loop
    perform material_search.store_vector(
      v_space,
      (v_item ->> 'material_id')::uuid,
      array(
        select number::real
        from jsonb_array_elements_text(v_item -> 'embedding') with ordinality item (number, place)
        order by place
      )
    );
  end loop;
  perform material_search.learn_when_grown(v_space);
  return jsonb_array_length(p_embeddings);
end;
$$;

comment on function public.material_search_store_embeddings is
  'Stores vectors in a space, all or, where one is refused, none: up to 1,000 of { material_id, embedding }. Returns how many. For service_role only.';

revoke all on function
  material_search.read_space, material_search.read_searched_space,
  material_search.read_space_of_query, material_search.check_embedding, material_search.check_dimensions,
  material_search.read_embeddings, material_search.forget_embeddings, material_search.store_vector
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.read_space, material_search.read_searched_space,
  material_search.read_space_of_query, material_search.check_dimensions,
  material_search.read_embeddings
  to authenticated, service_role;
revoke all on function
  public.material_search_store_embedding, public.material_search_store_embeddings
  from public, anon, authenticated, service_role;
grant execute on function
  public.material_search_store_embedding, public.material_search_store_embeddings
  to service_role;
