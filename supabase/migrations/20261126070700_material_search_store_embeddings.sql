-- Embeddings of pictures, for visual similarity: only where pgvector is available. The functions are
-- there everywhere and reach the table by dynamic SQL, so that the types and the tests are the same
-- with and without it. Where pgvector comes later, run this file once more.
--
-- Exact, without an index of neighbours: the number of results is then right, and a hundred thousand
-- comparisons of 512 numbers take a fraction of a second.

do $$
declare
  v_schema text;
begin
  begin
    if exists (select from pg_catalog.pg_available_extensions where name = 'vector')
      and not exists (select from pg_catalog.pg_extension where extname = 'vector')
    then
      create schema if not exists extensions;
      create extension vector with schema extensions;
    end if;
  exception
    when others then
      raise notice 'pgvector could not be created (%): there is no visual similarity', sqlerrm;
  end;
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'vector';
  if v_schema is null then
    return;
  end if;
  execute format(
    'create table if not exists material_search.material_embeddings (
      material_id uuid primary key,
      embedding %I.vector(512) not null,
      model text not null
    )',
    v_schema
  );
  alter table material_search.material_embeddings enable row level security;
  -- Under the caller's rights: who sees the material sees its embedding.
  drop policy if exists material_embeddings_read on material_search.material_embeddings;
  create policy material_embeddings_read on material_search.material_embeddings
    for select to authenticated
    using (material_search.is_readable(material_id));
  revoke all on table material_search.material_embeddings
    from public, anon, authenticated, service_role;
  grant select on table material_search.material_embeddings to authenticated, service_role;
  comment on table material_search.material_embeddings is
    'One embedding of a picture for each material that has one; written by public.material_search_store_embedding.';
  comment on column material_search.material_embeddings.material_id is 'The material in the picture.';
  comment on column material_search.material_embeddings.embedding is '512 numbers.';
  comment on column material_search.material_embeddings.model is
    'What made it. Embeddings of different models can''t be compared.';
  begin
    -- What an application had stored before.
    if exists (
      select from pg_catalog.pg_attribute a
      where a.attrelid = 'public.material_visual_analysis'::regclass
        and a.attname = 'clip_embedding' and not a.attisdropped
        and a.atttypid = to_regtype(format('%I.vector', v_schema))
    ) then
      execute format(
        'insert into material_search.material_embeddings (material_id, embedding, model)
         select distinct on (t.material_id) t.material_id, t.clip_embedding, ''clip''
         from public.material_visual_analysis t
         where %1$I.vector_dims(t.clip_embedding) = 512
           and exists (select from public.materials_catalog m where m.id = t.material_id)
         order by t.material_id
         on conflict (material_id) do nothing',
        v_schema
      );
    end if;
  exception
    when others then
      raise notice 'The embeddings in material_visual_analysis could not be taken over: %', sqlerrm;
  end;
end
$$;

create or replace function material_search.require_embeddings()
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if to_regclass('material_search.material_embeddings') is null then
    raise exception 'This database has no pgvector, so there is no visual similarity'
      using errcode = 'feature_not_supported';
  end if;
end;
$$;

comment on function material_search.require_embeddings is
  'Raises feature_not_supported where there is no table of embeddings.';

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
  if cardinality(p_embedding) <> 512 or array_ndims(p_embedding) <> 1 then
    raise exception 'An embedding must be 512 numbers, got %', cardinality(p_embedding)
      using errcode = 'invalid_parameter_value';
  end if;
  -- NaN is greater than any number, null equals none.
  if not (
    select bool_and(coalesce(number between -v_most and v_most, false))
      and bool_or(abs(number) >= v_least)
    from unnest(p_embedding) number
  ) then
    raise exception 'The numbers of an embedding must be from -1e6 to 1e6, and not all within 1e-6 of 0'
      using errcode = 'invalid_parameter_value';
  end if;
end;
$$;

comment on function material_search.check_embedding is
  'Raises invalid_parameter_value for what no cosine can be told of; null is fine.';

create or replace function material_search.find_similar(
  p_embedding real[],
  p_min_similarity real,
  out material_ids uuid[],
  out similarities real[]
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_schema text;
begin
  perform material_search.require_embeddings();
  perform material_search.check_embedding(p_embedding);
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'vector';
  execute format(
    'select coalesce(array_agg(material_id order by similarity desc, material_id), ''{}''),
       coalesce(array_agg(similarity order by similarity desc, material_id), ''{}'')
     from (
       select material_id, (1 - (embedding operator(%1$I.<=>) $1::%1$I.vector(512)))::real as similarity
       from material_search.material_embeddings
     ) compared
     where similarity >= $2',
    v_schema
  )
  into material_ids, similarities
  using p_embedding, p_min_similarity;
end;
$$;

comment on function material_search.find_similar is
  'The materials whose embedding has at least this cosine similarity, and it; in two arrays, the most similar first.';

create or replace function material_search.read_embeddings(p_material_ids uuid[])
returns table (material_id uuid, embedding real[], model text)
language plpgsql
stable
set search_path = ''
as $$
begin
  if to_regclass('material_search.material_embeddings') is not null then
    return query execute
      'select material_id, embedding::real[], model
       from material_search.material_embeddings where material_id = any ($1)'
      using p_material_ids[1:100];
  end if;
end;
$$;

comment on function material_search.read_embeddings is
  'The embeddings of these materials, of 100 at most, as far as there are any and the caller may read the materials.';

create or replace function material_search.forget_embeddings(p_material_ids uuid[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if p_material_ids <> '{}' and to_regclass('material_search.material_embeddings') is not null then
    execute 'delete from material_search.material_embeddings where material_id = any ($1)'
      using p_material_ids;
  end if;
end;
$$;

comment on function material_search.forget_embeddings is
  'Deletes the embeddings of materials that are gone.';

create or replace function public.material_search_store_embedding(
  p_material_id uuid,
  p_embedding real[],
  p_model text
)
returns void
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
begin
  perform material_search.require_embeddings();
  perform material_search.check_embedding(p_embedding);
  if coalesce(char_length(p_model) not between 1 and 200, true) then
    raise exception 'p_model must be a name of 1 to 200 characters'
      using errcode = 'invalid_parameter_value';
  end if;
  if not exists (select from public.materials_catalog where id = p_material_id) then
    raise exception 'There is no material "%"', p_material_id using errcode = 'foreign_key_violation';
  end if;
  execute
    'insert into material_search.material_embeddings (material_id, embedding, model)
     values ($1, $2, $3)
     on conflict (material_id) do update set embedding = excluded.embedding, model = excluded.model'
    using p_material_id, p_embedding, p_model;
end;
$$;

comment on function public.material_search_store_embedding is
  'Stores the embedding (512 numbers) of a material''s picture. For service_role only.';

revoke all on function
  material_search.require_embeddings, material_search.check_embedding, material_search.find_similar,
  material_search.read_embeddings, material_search.forget_embeddings
  from public, anon, authenticated, service_role;
grant execute on function material_search.find_similar, material_search.read_embeddings
  to authenticated, service_role;
revoke all on function public.material_search_store_embedding
  from public, anon, authenticated, service_role;
grant execute on function public.material_search_store_embedding to service_role;
