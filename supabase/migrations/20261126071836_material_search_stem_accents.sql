-- The words of a text: also the stems of words with accents, which most languages' rules want.

drop function if exists material_search.is_common(text);
drop function if exists material_search.to_name_words(text, text[]);

create or replace function material_search.to_stems(p_plain text, p_stemmer regconfig)
returns tsvector
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  if p_stemmer in ('pg_catalog.english'::regconfig, 'pg_catalog.simple'::regconfig) then
    return '';
  end if;
  return coalesce(
    (
      select string_agg(
        '''' || replace(replace(folded, '\', '\\'), '''', '''''') || ''':' || array_to_string(positions, ','), ' '
      )
      from (
        select material_search.fold(lexeme) as folded, positions
        from unnest(to_tsvector(p_stemmer, material_search.to_parts(p_plain)))
      ) stem
      where folded <> ''
    ),
    ''
  )::tsvector;
end;
$$;

comment on function material_search.to_stems is
  'The words of a plain text, brought to their stems as they are written and folded then; none in a language that knows no accents.';

create or replace function material_search.to_words(p_text text, p_stemmers regconfig[])
returns tsvector
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  v_plain text;
  v_words tsvector;
begin
  if p_text is null or p_text = '' then
    return '';
  end if;
  -- Most texts are plain, and each call of a function more is felt where a catalogue is loaded.
  if octet_length(p_text) = char_length(p_text) then
    p_text := lower(p_text);
  else
    v_plain := material_search.to_plain(p_text);
    p_text := material_search.fold(v_plain);
  end if;
  if p_text ~ '[-/_~@''0-9]|[[:alpha:]][.][[:alpha:]]' or octet_length(p_text) > char_length(p_text) then
    p_text := concat_ws(
      ' ', material_search.to_parts(p_text), material_search.to_joined(p_text),
      material_search.to_split(p_text)
    );
  end if;
  v_words := to_tsvector(p_stemmers[1], p_text);
  for v_place in 2..cardinality(p_stemmers) loop
    -- A stem of two languages is there once, or it would count twice.
    v_words := v_words
      || ts_delete(to_tsvector(p_stemmers[v_place], p_text), tsvector_to_array(v_words));
  end loop;
  if octet_length(v_plain) > char_length(v_plain) then
    for v_place in 1..cardinality(p_stemmers) loop
      v_words := v_words || ts_delete(
        material_search.to_stems(v_plain, p_stemmers[v_place]), tsvector_to_array(v_words)
      );
    end loop;
  end if;
  return v_words;
end;
$$;

create or replace function material_search.to_words_of_name(
  p_name text,
  p_stemmers regconfig[],
  p_is_as_written boolean
)
returns tsvector
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  v_words tsvector := material_search.to_words(p_name, p_stemmers);
begin
  if not p_is_as_written then
    return v_words;
  end if;
  return v_words || ts_delete(
    to_tsvector('pg_catalog.simple', material_search.to_parts(material_search.fold(p_name))),
    tsvector_to_array(v_words)
  );
end;
$$;

comment on function material_search.to_words_of_name is
  'The words of a name, p_is_as_written: as written too.';

create or replace function material_search.find_meant(p_word text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_word text;
begin
  -- What is searched by pairs is not misspelt, but another word.
  if material_search.to_pairs(p_word) <> p_word then
    return null;
  end if;
  foreach v_word in array material_search.find_resembling(p_word) loop
    if material_search.is_found((material_search.to_text_query(v_word)).items[1]) then
      return v_word;
    end if;
  end loop;
  return null;
end;
$$;

create or replace function material_search.correct_words(p_text text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_words text[] := array(
    select distinct word[1]
    from regexp_matches(
      material_search.fold(left(p_text, 4000)), '(?<![-[:alnum:]])[[:alpha:]]{4,40}(?![-[:alnum:]])', 'g'
    ) word
    limit 100
  );
  v_items text[] := '{}';
  v_known integer;
  v_meant text;
  v_corrections jsonb := '{}';
begin
  -- Words too common to count are never wrong.
  select array_agg(counted.word), array_agg(counted.item) into v_words, v_items
  from (
    select one.word, one.item
    from unnest(v_words, material_search.to_items(v_words)) with ordinality one (word, item, place)
    where one.item is not null
    order by one.place limit 12
  ) counted;
  if v_words is null then
    return v_corrections;
  end if;
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
  if p_corrections = '{}' then
    return left(p_text, 4000);
  end if;
  -- A misspelt word is replaced, or it would count as one that was not found.
  p_text := material_search.fold(left(p_text, 4000));
  for v_word, v_meant in select * from jsonb_each_text(p_corrections) limit 12 loop
    p_text := regexp_replace(p_text, '\m' || v_word || '\M', v_meant, 'gi');
  end loop;
  return p_text;
end;
$$;

revoke all on function material_search.to_stems, material_search.to_words_of_name
  from public, anon, authenticated, service_role;
