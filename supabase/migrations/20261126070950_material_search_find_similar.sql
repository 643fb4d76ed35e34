-- The materials whose vectors are nearest to a query's, of those that the caller may find.
--
-- Of a small space all vectors are compared, of a large one the nearest thousand by its index. An index
-- knows neither rights nor filters: where too few of the nearest thousand may be found by the caller, the
-- vectors of all that may are compared instead. So a caller who reads a thousandth of the rows gets as
-- many results as one who reads all of them.

create or replace function material_search.find_nearest(
  p_space material_search.embedding_spaces,
  p_embedding real[],
  p_most_numbers integer,
  out material_ids uuid[],
  out similarities real[],
  out is_complete boolean
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_schema text := material_search.read_vector_schema();
  v_indexed text := material_search.to_indexed(p_space);
  v_similarity text := material_search.to_similarity(p_space, 'e.embedding', format('$1::%I.vector', v_schema));
  v_most constant integer := p_most_numbers / p_space.dimensions;
  v_is_large boolean := false;
begin
  if to_regclass('material_search.embeddings_' || p_space.id || '_idx') is not null then
    execute
      'select count(*) > $2 from (
         select from material_search.embeddings where space_id = $1 limit $2 + 1
       ) present'
      into v_is_large using p_space.id, v_most;
  end if;
  if not v_is_large then
    -- Sorted by the similarity, which is in no index, so that all vectors are compared.
    execute format(
      'select array_agg(material_id), array_agg(similarity)
       from (
         select e.material_id, %s as similarity
         from material_search.embeddings e where e.space_id = $2
         order by similarity desc, e.material_id limit 10000
       ) nearest',
      v_similarity
    ) into material_ids, similarities using p_embedding, p_space.id;
  else
    -- The most that pgvector takes: the index tells at most as many.
    perform set_config('hnsw.ef_search', '1000', true);
    execute format(
      'select array_agg(material_id), array_agg(similarity)
       from (
         select e.material_id, %1$s as similarity
         from material_search.embeddings e where e.space_id = %5$s
         order by %2$s %3$s %4$s limit 1000
       ) nearest',
      v_similarity,
      format(v_indexed, 'e.embedding'),
      material_search.to_operator(p_space),
      format(v_indexed, format('$1::%I.vector', v_schema)),
      p_space.id
    ) into material_ids, similarities using p_embedding;
  end if;
  is_complete := not v_is_large and coalesce(cardinality(material_ids), 0) < 10000;
end;
$$;

comment on function material_search.find_nearest is
  'The nearest vectors of a space, nearest first, without regard to rights: of one with up to so many numbers all that there are, 10,000 at most, else 1,000. For material_search.find_similar alone.';

create or replace function material_search.compare_embeddings(
  p_space material_search.embedding_spaces,
  p_embedding real[],
  p_least real,
  p_material_ids uuid[],
  out material_ids uuid[],
  out similarities real[]
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  execute format(
    'select coalesce(array_agg(material_id), ''{}''), coalesce(array_agg(similarity), ''{}'')
     from (
       select e.material_id, %s as similarity
       from material_search.embeddings e where e.space_id = $2 and e.material_id = any ($3)
       order by similarity desc, e.material_id limit 10000
     ) nearest
     where similarity >= $4',
    material_search.to_similarity(
      p_space, 'e.embedding', format('$1::%I.vector', material_search.read_vector_schema())
    )
  ) into material_ids, similarities using p_embedding, p_space.id, p_material_ids, p_least;
end;
$$;

comment on function material_search.compare_embeddings is
  'Those of these materials whose vectors in a space are at least so similar, nearest first, 10,000 at most, without regard to rights. For material_search.find_similar and rank_materials alone.';

create or replace function material_search.filter_materials(
  p_search material_search.search,
  p_material_ids uuid[]
)
returns table (material_id uuid, analysis_id text)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  -- A material may have two documents. Private ones are in an index of their own.
  return query execute format(
    'select d.material_id, %2$s from material_search.documents d where d.owner is null and %1$s
     union
     select d.material_id, %2$s from material_search.documents d where d.owner is not null and %1$s',
    concat_ws(
      ' and ',
      nullif(material_search.to_filter(p_search), ''),
      case when p_material_ids is not null then 'd.material_id = any ($1)' end
    ),
    'case when d.needs_analysis then coalesce(d.analysis_id, '''') end'
  ) using p_material_ids;
end;
$$;

comment on function material_search.filter_materials is
  'Of these materials, or for null of all, those that the filters of a search leave, without regard to rights, and the analysis that each document needs, null for none. For material_search.to_findable alone.';

create or replace function material_search.to_findable(
  p_search material_search.search,
  p_material_ids uuid[]
)
returns uuid[]
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
declare
  v_has_filters constant boolean := num_nonnulls(
    p_search.material_types, p_search.property_filters, p_search.confidence_threshold,
    p_search.created_from, p_search.created_to
  ) > 0;
  v_ids uuid[] := p_material_ids;
begin
  if v_has_filters then
    -- A filter that an analysis meets tells of it: the caller must be able to read that as well.
    execute format(
      'select array(
         select distinct r.material_id from material_search.filter_materials($1, $2) r where %s
       )',
      material_search.to_readable_analysis()
    ) into v_ids using p_search, p_material_ids;
  end if;
  if v_ids is null then
    return array(select material.id::uuid from public.materials_catalog material);
  end if;
  return array(
    select material.id::uuid from public.materials_catalog material where material.id = any (v_ids)
  );
end;
$$;

comment on function material_search.to_findable is
  'Of these materials, or for null of all, those that the caller may read and the filters of a search leave, by analyses that the caller may read.';

create or replace function material_search.find_similar(
  p_search material_search.search,
  p_space material_search.embedding_spaces,
  p_similarity_threshold real,
  p_wanted integer,
  p_most_numbers integer default 5000000,
  out material_ids uuid[],
  out similarities real[],
  out told jsonb
)
language plpgsql
stable
set search_path = ''
as $$
declare
  -- A lower threshold of the caller's finds more; least passes over null.
  v_cut_off constant real := least(p_similarity_threshold, coalesce(p_space.cut_off, 0));
  v_is_complete boolean;
  v_findable uuid[];
  v_compared integer;
  v_under integer;
begin
  select * into material_ids, similarities, v_is_complete
  from material_search.find_nearest(p_space, p_search.query_embedding, p_most_numbers);
  v_findable := material_search.to_findable(p_search, coalesce(material_ids, '{}'));
  -- Where the last of the nearest is under the cut-off, all that lie beyond it are as well.
  v_is_complete := v_is_complete or coalesce(similarities[cardinality(similarities)] < v_cut_off, true);
  if not v_is_complete and cardinality(v_findable) < least(p_wanted, 100) then
    v_findable := material_search.to_findable(p_search, null);
    select * into material_ids, similarities
    from material_search.compare_embeddings(p_space, p_search.query_embedding, -1, v_findable);
    v_is_complete := true;
  end if;
  select count(*), count(*) filter (where near.similarity < v_cut_off),
    coalesce(array_agg(near.id) filter (where near.similarity >= v_cut_off), '{}'),
    coalesce(array_agg(near.similarity) filter (where near.similarity >= v_cut_off), '{}')
  into v_compared, v_under, material_ids, similarities
  from unnest(material_ids, similarities) near (id, similarity)
  join unnest(v_findable) findable (id) on findable.id = near.id;
  told := jsonb_build_object(
    'space', p_space.name,
    'model', p_space.model,
    'cut_off', v_cut_off,
    'compared', v_compared,
    'under_cut_off', v_under,
    'relation', case when v_is_complete then 'eq' else 'gte' end
  );
end;
$$;

comment on function material_search.find_similar is
  'The materials of the caller''s whose vectors are nearest to the query''s and not under the cut-off of the space, their similarities in the same order, and what is told of it. p_most_numbers: up to which all of a space are compared.';

revoke all on function
  material_search.find_nearest, material_search.compare_embeddings, material_search.filter_materials,
  material_search.to_findable, material_search.find_similar
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.find_nearest, material_search.compare_embeddings, material_search.filter_materials,
  material_search.to_findable, material_search.find_similar
  to authenticated, service_role;
