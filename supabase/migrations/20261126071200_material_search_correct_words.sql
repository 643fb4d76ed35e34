-- Misspelt words: one that finds nothing is replaced by the word of a material's name that it resembles
-- most. All of it by what the caller may read, so that no correction tells a word of a hidden row.

-- Security definer, for the index. Which of the words the caller may be told is for find_meant to say.
create or replace function material_search.find_resembling(p_word text)
returns text[]
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_schema text;
  v_words text[];
begin
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'pg_trgm';
  if v_schema is null or char_length(p_word) > 40 then
    return '{}';
  end if;
  -- Until the end of the transaction. A SET clause of the function would want a superuser wherever
  -- pg_trgm is not loaded yet.
  perform set_config('pg_trgm.similarity_threshold', '0.3', true);
  execute format(
    'select array(
       select word from (
         select v.word from material_search.vocabulary v where v.word operator(%1$I.%%) $1
         union
         select word
         from material_search.documents d, unnest(material_search.to_vocabulary(d.names)) word
         where d.owner = $2 and word operator(%1$I.%%) $1
       ) resembling
       order by %1$I.similarity(word, $1) desc, word
       limit 100
     )',
    v_schema
  ) into v_words using p_word, material_search.read_claims() ->> 'sub';
  return v_words;
end;
$$;

comment on function material_search.find_resembling is
  'Words of names like this one, the most similar first, whoever may read them; none without pg_trgm. For material_search.find_meant alone.';

create or replace function material_search.find_items(p_item text, p_most integer)
returns integer
language plpgsql
stable
set search_path = ''
as $$
declare
  v_search material_search.search;
begin
  v_search.has_query := true;
  v_search.weights := '{0,1,0,0}';
  v_search.items := array[p_item];
  return cardinality(material_search.find_readable(v_search, p_most, 1, ''));
end;
$$;

comment on function material_search.find_items is
  'How many materials that the caller may read have an item, p_most at most.';

create or replace function material_search.find_meant(p_word text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_word text;
begin
  foreach v_word in array material_search.find_resembling(p_word) loop
    if material_search.find_items((material_search.to_text_query(v_word)).items[1], 1) > 0 then
      return v_word;
    end if;
  end loop;
  return null;
end;
$$;

comment on function material_search.find_meant is
  'The word of a name that this one resembles most, of those that find something for the caller; null for none.';

create or replace function material_search.correct_words(p_text text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_word text;
  v_items text[];
  v_meant text;
  v_corrections jsonb := '{}';
begin
  for v_word in
    select distinct word[1]
    from regexp_matches(
      material_search.fold(left(p_text, 4000)), '(?<![-[:alnum:]])[[:alpha:]]{4,40}(?![-[:alnum:]])', 'g'
    ) word
    -- Words too common to count are never wrong.
    where cardinality(tsvector_to_array(to_tsvector('english', word[1]))) > 0
    limit 12
  loop
    v_items := (material_search.to_text_query(v_word)).items;
    continue when cardinality(v_items) = 0 or material_search.find_items(v_items[1], 1) > 0;
    v_meant := material_search.find_meant(v_word);
    if v_meant is not null then
      v_corrections := v_corrections || jsonb_build_object(v_word, v_meant);
    end if;
  end loop;
  return v_corrections;
end;
$$;

comment on function material_search.correct_words is
  'Misspelt word → the word that is meant. One that finds something is never replaced.';

create or replace function material_search.choose_items(p_items text[], p_most integer)
returns text[]
language plpgsql
stable
set search_path = ''
as $$
begin
  if cardinality(p_items) <= p_most then
    return p_items;
  end if;
  return array(
    select item
    from unnest(p_items[1:16]) with ordinality one (item, place)
    cross join lateral (select material_search.find_items(item, 20) as n offset 0) counted
    where n > 0
    -- Long words say more.
    order by n, char_length(split_part(item, chr(31), 1)) desc, place
    limit p_most
  );
end;
$$;

comment on function material_search.choose_items is
  'The items of a long text that say most: what is rare among what the caller may read, before what is common.';

create or replace function material_search.replace_words(p_text text, p_corrections jsonb)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_word text;
  v_meant text;
begin
  -- A misspelt word is replaced, or it would count as one that was not found.
  p_text := material_search.fold(left(p_text, 4000));
  for v_word, v_meant in select * from jsonb_each_text(p_corrections) limit 12 loop
    p_text := regexp_replace(p_text, '\m' || v_word || '\M', v_meant, 'gi');
  end loop;
  return p_text;
end;
$$;

comment on function material_search.replace_words is
  'A text of at most 4,000 characters with its misspelt words replaced, 12 at most. Words are letters alone.';

revoke all on function
  material_search.find_resembling, material_search.find_items, material_search.find_meant,
  material_search.correct_words, material_search.choose_items, material_search.replace_words
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.find_resembling, material_search.find_items, material_search.find_meant,
  material_search.correct_words, material_search.choose_items, material_search.replace_words
  to authenticated, service_role;
