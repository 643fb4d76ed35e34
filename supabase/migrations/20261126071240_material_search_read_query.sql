-- What a query asks for, and what it finds before anything is scored.

create or replace function material_search.read_query(
  p_search material_search.search,
  p_query_text text,
  p_picture_text text,
  out search material_search.search,
  out corrections jsonb
)
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_picture_items text[];
begin
  search := p_search;
  corrections := material_search.correct_words(p_query_text);
  select words.query, words.parts, words.scales, words.items
  into search.query, search.query_parts, search.query_scales, search.items
  from material_search.to_text_query(material_search.replace_words(p_query_text, corrections)) words;
  select words.query, words.parts, words.scales, words.items
  into search.picture_query, search.picture_query_parts, search.picture_query_scales, v_picture_items
  from material_search.to_text_query(p_picture_text) words;
  search.is_narrow := material_search.to_resembling(search.picture_properties) is not null;
  if search.is_narrow then
    v_picture_items := (
      material_search.to_text_query(material_search.to_picture_words(search.picture_properties))
    ).items[1:6];
  end if;
  search.items := material_search.choose_items(
    search.items, case when v_picture_items <> '{}' then 3 else 6 end
  );
  search.items := search.items
    || material_search.choose_items(v_picture_items, 6 - cardinality(search.items));
end;
$$;

comment on function material_search.read_query is
  'A search with what its texts and its picture ask for. corrections: misspelt word to the one that is searched for in its place.';

create or replace function material_search.search_embeddings(
  p_search material_search.search,
  p_space material_search.embedding_spaces,
  p_similarity_threshold real,
  p_wanted integer,
  out search material_search.search,
  out told jsonb
)
language plpgsql
stable
set search_path = ''
as $$
begin
  search := p_search;
  if search.query_embedding is null then
    return;
  end if;
  select s.material_ids, s.similarities, s.told
  into search.similar_ids, search.similarities, told
  from material_search.find_similar(p_search, p_space, p_similarity_threshold, p_wanted) s;
  if told ->> 'relation' = 'gte' then
    search.space_id := p_space.id;
    search.cut_off := told ->> 'cut_off';
  end if;
end;
$$;

comment on function material_search.search_embeddings is
  'A search with the materials whose embeddings are near to its own; told: of material_search.find_similar, null without an embedding.';

create or replace function material_search.find_enough(
  p_search material_search.search,
  out search material_search.search,
  out material_ids uuid[]
)
language plpgsql
stable
set search_path = ''
as $$
begin
  search := p_search;
  loop
    -- What resembles a picture is never all of it: its number needn't be exact.
    material_ids := material_search.find_readable(search, case when search.is_narrow then 2001 else 10001 end);
    -- Whatever the page: its neighbours must be of the same ranking.
    exit when not search.is_narrow or cardinality(material_ids) >= 100;
    search.is_narrow := false;
  end loop;
end;
$$;

comment on function material_search.find_enough is
  'What a search finds for its caller, 10,001 materials at most: where fewer than a hundred resemble a picture, whatever has something of it.';

revoke all on function
  material_search.read_query, material_search.search_embeddings, material_search.find_enough
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.read_query, material_search.search_embeddings, material_search.find_enough
  to authenticated, service_role;
