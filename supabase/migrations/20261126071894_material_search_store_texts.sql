-- A vector as PostgREST reads it from a column of pgvector's, a text, is stored as it is.

create or replace function material_search.read_vector(p_embedding jsonb)
returns real[]
language plpgsql
immutable
set search_path = ''
as $$
begin
  if jsonb_typeof(p_embedding) = 'string' and p_embedding #>> '{}' ~ '^\[[-+.,0-9eE ]*\]$' then
    p_embedding := (p_embedding #>> '{}')::jsonb;
  end if;
  if jsonb_typeof(p_embedding) is distinct from 'array' then
    return null;
  end if;
  return array(
    select number::real
    from jsonb_array_elements_text(p_embedding) with ordinality item (number, place)
    order by place
  );
end;
$$;

comment on function material_search.read_vector is
  'A vector in JSON: a list of numbers, or pgvector''s text of one; null for anything else.';

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
  v_numbers real[];
begin
  perform material_search.require_embeddings();
  v_space := material_search.read_space(p_space);
  if jsonb_typeof(p_embeddings) is distinct from 'array' or jsonb_array_length(p_embeddings) > 1000 then
    perform material_search.refuse(
      'p_embeddings must be a list of at most 1,000 of { material_id, embedding }'
    );
  end if;
  for v_item in select * from jsonb_array_elements(p_embeddings) loop
    v_numbers := material_search.read_vector(v_item -> 'embedding');
    if v_numbers is null then
      perform material_search.refuse(
        'p_embeddings must be a list of at most 1,000 of { material_id, embedding }'
      );
    end if;
    perform material_search.store_vector(v_space, (v_item ->> 'material_id')::uuid, v_numbers);
  end loop;
  perform material_search.learn_when_grown(v_space);
  return jsonb_array_length(p_embeddings);
end;
$$;

revoke all on function material_search.read_vector from public, anon, authenticated, service_role;
