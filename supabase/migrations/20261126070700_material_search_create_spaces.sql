-- Embedding spaces: the networks whose vectors the search keeps, and their vectors. Two vectors are only
-- compared within one space, and one space at a time is searched; another is filled beside it.
--
-- The spaces are there everywhere. The table of vectors is only where pgvector is available, and is
-- reached by dynamic SQL, so that the types and the tests are the same with and without it. Where pgvector
-- comes later, public.material_search_create_space creates the table.

create table if not exists material_search.embedding_spaces (
  id integer generated always as identity primary key,
  name text not null unique check (name ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$'),
  model text not null check (char_length(model) between 1 and 200),
  dimensions integer not null check (dimensions between 1 and 4000),
  metric text not null check (metric in ('cosine', 'euclidean')),
  is_searched boolean not null default false,
  cut_off real check (cut_off between 0 and 1),
  learnt_from integer not null default 0,
  learnt_at timestamptz,
  created_at timestamptz not null default now()
);

comment on table material_search.embedding_spaces is
  'One row a network whose vectors are kept. Written by public.material_search_create_space, _switch_space, _learn_cut_off and _delete_space.';
comment on column material_search.embedding_spaces.id is 'What its vectors name it by.';
comment on column material_search.embedding_spaces.name is 'What requests name it by.';
comment on column material_search.embedding_spaces.model is 'The network that makes its vectors.';
comment on column material_search.embedding_spaces.dimensions is 'Numbers in a vector.';
comment on column material_search.embedding_spaces.metric is
  'cosine: the similarity is the cosine. euclidean: it is 1 / (1 + distance).';
comment on column material_search.embedding_spaces.is_searched is
  'Whether searches compare with it. One at most: vectors of another are refused.';
comment on column material_search.embedding_spaces.cut_off is
  'The similarity from which two pictures have something to do with each other; null, with too few vectors to learn it from, for none.';
comment on column material_search.embedding_spaces.learnt_from is
  'Vectors that the space had when its cut-off was learnt.';
comment on column material_search.embedding_spaces.learnt_at is 'When that was; null for never.';
comment on column material_search.embedding_spaces.created_at is 'When the space was.';

create unique index if not exists embedding_spaces_is_searched_idx
  on material_search.embedding_spaces (is_searched) where is_searched;

alter table material_search.embedding_spaces enable row level security;
drop policy if exists no_access on material_search.embedding_spaces;
create policy no_access on material_search.embedding_spaces using (false);
revoke all on table material_search.embedding_spaces from public, anon, authenticated, service_role;

-- The space of vectors that name none.
insert into material_search.embedding_spaces (name, model, dimensions, metric, is_searched)
select 'clip', 'clip', 512, 'cosine', true
where not exists (select from material_search.embedding_spaces);

create or replace function material_search.read_vector_schema()
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select nspname
    from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
    where extname = 'vector'
  );
end;
$$;

comment on function material_search.read_vector_schema is
  'The schema of pgvector; null without it.';

create or replace function material_search.to_indexed(p_space material_search.embedding_spaces)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_schema text := material_search.read_vector_schema();
begin
  return case
    -- halfvec takes half the size, but no large numbers, and small ones for 0: so vectors get the length 1 first.
    when p_space.metric = 'cosine' and to_regtype(format('%I.halfvec', v_schema)) is not null then
      format('(%1$I.l2_normalize(%2$s)::%1$I.halfvec(%3$s))', v_schema, '%s', p_space.dimensions)
    -- An index takes 2,000 numbers of this type.
    when p_space.dimensions <= 2000 then
      format('(%2$s::%1$I.vector(%3$s))', v_schema, '%s', p_space.dimensions)
  end;
end;
$$;

comment on function material_search.to_indexed is
  'What the index of a space has of a vector, as an expression with %s in place of the vector; null where there can be no index.';

create or replace function material_search.to_operator(p_space material_search.embedding_spaces)
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return format(
    'operator(%I.%s)', material_search.read_vector_schema(),
    case p_space.metric when 'cosine' then '<=>' else '<->' end
  );
end;
$$;

comment on function material_search.to_operator is
  'The operator between two vectors of a space that tells their distance.';

create or replace function material_search.to_similarity(
  p_space material_search.embedding_spaces,
  p_one text,
  p_other text
)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_distance text := p_one || ' ' || material_search.to_operator(p_space) || ' ' || p_other;
begin
  return case p_space.metric
    when 'cosine' then format('least(1, 1 - (%s))::real', v_distance)
    else format('(1 / (1 + (%s)))::real', v_distance)
  end;
end;
$$;

comment on function material_search.to_similarity is
  'The similarity of two vectors of a space, as an expression; at most 1, which is that of a vector with itself.';

create or replace function material_search.index_space(p_space material_search.embedding_spaces)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_indexed text := material_search.to_indexed(p_space);
begin
  if v_indexed is null
    or not exists (select from pg_catalog.pg_am where amname = 'hnsw')
  then
    return;
  end if;
  -- The index is made while the space is empty: it costs nothing then, and locks nothing for long.
  execute format(
    'create index if not exists %I on material_search.embeddings using hnsw ((%s) %I.%I) where space_id = %s',
    'embeddings_' || p_space.id || '_idx',
    format(v_indexed, 'embedding'),
    material_search.read_vector_schema(),
    case when v_indexed like '%halfvec%' then 'halfvec' else 'vector' end
      || case p_space.metric when 'cosine' then '_cosine_ops' else '_l2_ops' end,
    p_space.id
  );
end;
$$;

comment on function material_search.index_space is
  'Creates the index of nearest neighbours of a space, where this pgvector has one for so many dimensions.';

create or replace function material_search.prepare_embeddings()
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_schema text;
  v_space material_search.embedding_spaces;
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
  v_schema := material_search.read_vector_schema();
  if v_schema is null or to_regclass('material_search.embeddings') is not null then
    return v_schema is not null;
  end if;
  execute format(
    'create table material_search.embeddings (
      space_id integer not null references material_search.embedding_spaces (id) on delete cascade,
      material_id uuid not null,
      embedding %I.vector not null,
      primary key (space_id, material_id)
    )',
    v_schema
  );
  -- Vectors of up to 8 kB stay in the row, so that reading one needs no look into the TOAST table.
  alter table material_search.embeddings alter column embedding set storage main;
  alter table material_search.embeddings enable row level security;
  -- Under the caller's rights: who sees the material sees its vectors.
  create policy embeddings_read on material_search.embeddings
    for select to authenticated
    using (material_search.is_readable(material_id));
  revoke all on table material_search.embeddings from public, anon, authenticated, service_role;
  grant select on table material_search.embeddings to authenticated, service_role;
  comment on table material_search.embeddings is
    'One vector of a picture for each material and space; written by public.material_search_store_embedding.';
  comment on column material_search.embeddings.space_id is 'The space that it may be compared in.';
  comment on column material_search.embeddings.material_id is 'The material in the picture.';
  comment on column material_search.embeddings.embedding is
    'As many numbers as the space has dimensions, as they were given.';
  for v_space in select * from material_search.embedding_spaces loop
    perform material_search.index_space(v_space);
  end loop;
  return true;
end;
$$;

comment on function material_search.prepare_embeddings is
  'Creates the table of vectors, where pgvector is available; whether it is.';

create or replace function material_search.require_embeddings()
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if to_regclass('material_search.embeddings') is null then
    raise exception 'This database has no pgvector, so there is no visual similarity'
      using errcode = 'feature_not_supported';
  end if;
end;
$$;

comment on function material_search.require_embeddings is
  'Raises feature_not_supported where there is no table of vectors.';

do $$
begin
  perform material_search.prepare_embeddings();
end
$$;

revoke all on function
  material_search.read_vector_schema, material_search.to_indexed, material_search.to_operator,
  material_search.to_similarity, material_search.index_space, material_search.prepare_embeddings,
  material_search.require_embeddings
  from public, anon, authenticated, service_role;
grant execute on function material_search.require_embeddings to authenticated, service_role;
