-- Embeddings of pictures, for visual similarity: only where pgvector is available. The functions are
-- there everywhere and reach the table by dynamic SQL, so that the types and the tests are the same
-- with and without it. Where pgvector comes later, run this file once more.
--
-- Exact, without an index of neighbours: the number of results is then right, and a hundred thousand
-- comparisons of 512 numbers take a fraction of a second.

do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'vector') then
    create schema if not exists extensions;
    create extension if not exists vector with schema extensions;
  end if;
exception
  when insufficient_privilege then
    raise notice 'pgvector could not be created: there is no visual similarity';
end
$$;

do $$
declare
  v_schema text;
begin
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'vector';
  if v_schema is null then
    return;
  end if;
  execute format(
    'create table if not exists material_search.material_embeddings (
      material_id uuid primary key references public.materials_catalog (id) on delete cascade,
      embedding %I.vector(512) not null,
      model text not null
    )',
    v_schema
  );
  alter table material_search.material_embeddings enable row level security;
  revoke all on table material_search.material_embeddings
    from public, anon, authenticated, service_role;
  comment on table material_search.material_embeddings is
    'One embedding of a picture for each material that has one; written by public.store_material_embedding.';
  comment on column material_search.material_embeddings.material_id is 'The material in the picture.';
  comment on column material_search.material_embeddings.embedding is '512 numbers.';
  comment on column material_search.material_embeddings.model is
    'What made it. Embeddings of different models can''t be compared.';
  -- What an application had stored before.
  if exists (
    select from information_schema.columns
    where table_schema = 'public' and table_name = 'material_visual_analysis'
      and column_name = 'clip_embedding'
  ) then
    execute
      'insert into material_search.material_embeddings (material_id, embedding, model)
       select distinct on (material_id) material_id, clip_embedding, ''clip''
       from public.material_visual_analysis where clip_embedding is not null
       order by material_id, created_at desc
       on conflict (material_id) do nothing';
  end if;
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
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'vector';
  execute format(
    'select array_agg(material_id), array_agg(similarity)
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
  'The materials whose embedding has at least this cosine similarity, and it; in two arrays of one order.';

create or replace function material_search.read_embeddings(p_material_ids uuid[])
returns table (material_id uuid, embedding real[], model text)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if to_regclass('material_search.material_embeddings') is not null then
    return query execute
      'select material_id, embedding::real[], model
       from material_search.material_embeddings where material_id = any ($1)'
      using p_material_ids;
  end if;
end;
$$;

comment on function material_search.read_embeddings is
  'The embeddings of these materials, as far as there are any. Only for materials the caller has read.';

create or replace function public.store_material_embedding(
  p_material_id uuid,
  p_embedding real[],
  p_model text
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform material_search.require_embeddings();
  execute
    'insert into material_search.material_embeddings (material_id, embedding, model)
     values ($1, $2, $3)
     on conflict (material_id) do update set embedding = excluded.embedding, model = excluded.model'
    using p_material_id, p_embedding, p_model;
end;
$$;

comment on function public.store_material_embedding is
  'Stores the embedding (512 numbers) of a material''s picture. For service_role only.';

revoke execute on all functions in schema material_search from public;
revoke execute on function public.store_material_embedding from public, anon, authenticated;
grant execute on function public.store_material_embedding to service_role;
