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
  'Words of names like this one, the most similar first, without regard to rights; none without pg_trgm. For material_search.find_meant alone.';

create or replace function material_search.is_found(p_item text)
returns boolean
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
  return material_search.find_readable(v_search, 1, 1, false) <> '{}';
end;
$$;

comment on function material_search.is_found is
  'Whether a material that the caller may read has an item.';

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
    if material_search.is_found((material_search.to_text_query(v_word)).items[1]) then
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
  -- Words too common to count are never wrong.
  v_words constant text[] := array(
    select distinct word[1]
    from regexp_matches(
      material_search.fold(left(p_text, 4000)), '(?<![-[:alnum:]])[[:alpha:]]{4,40}(?![-[:alnum:]])', 'g'
    ) word
    where not material_search.is_common(word[1])
    limit 12
  );
  v_items text[] := '{}';
  v_known integer;
  v_meant text;
  v_corrections jsonb := '{}';
begin
  if v_words = '{}' then
    return v_corrections;
  end if;
  for v_place in 1..cardinality(v_words) loop
    v_items := v_items || (material_search.to_text_query(v_words[v_place])).items[1];
  end loop;
  -- Most words are known to some of the first materials.
  v_known := (select bit_or(items) from unnest(material_search.read_sample(v_items)) items);
  for v_place in 1..cardinality(v_words) loop
    continue when coalesce(v_known, 0) & (1 << (v_place - 1)) > 0
      or material_search.is_found(v_items[v_place]);
    v_meant := material_search.find_meant(v_words[v_place]);
    if v_meant is not null then
      v_corrections := v_corrections || jsonb_build_object(v_words[v_place], v_meant);
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
declare
  v_sample integer[];
begin
  if cardinality(p_items) <= p_most then
    return p_items;
  end if;
  v_sample := material_search.read_sample(p_items);
  return array(
    select item
    from unnest(p_items[1:30]) with ordinality one (item, place)
    cross join lateral (
      select count(*) as n from unnest(v_sample) items where items & (1 << (place::integer - 1)) > 0
    ) counted
    -- An item that no sampled document has may be in none at all.
    order by n = 0 and not material_search.is_found(item), n, place
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
  material_search.find_resembling, material_search.is_found, material_search.find_meant,
  material_search.correct_words, material_search.choose_items, material_search.replace_words
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.find_resembling, material_search.is_found, material_search.find_meant,
  material_search.correct_words, material_search.choose_items, material_search.replace_words
  to authenticated, service_role;
