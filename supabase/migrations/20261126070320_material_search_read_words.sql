-- The words of texts, in the languages that an operator has set: those by which a document is found, and
-- those that a search asks for.

create or replace function material_search.to_stemmers(p_languages text[])
returns regconfig[]
language plpgsql
stable
set search_path = ''
as $$
begin
  return array(
    select ('pg_catalog.' || quote_ident(language))::regconfig
    from unnest(p_languages) with ordinality one (language, place)
    where language <> 'simple' or p_languages = '{simple}'
    order by place
  );
end;
$$;

comment on function material_search.to_stemmers is
  'The configurations that bring words to their stems; simple where there is no other.';

create or replace function material_search.to_words(p_text text, p_stemmers regconfig[])
returns tsvector
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  v_words tsvector;
begin
  if p_text is null or p_text = '' then
    return '';
  end if;
  -- Most texts are plain, and each call of a function more is felt where a catalogue is loaded.
  p_text := case
    when octet_length(p_text) = char_length(p_text) then lower(p_text)
    else material_search.fold(p_text)
  end;
  if p_text ~ '[-/_0-9]' then
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
  return v_words;
end;
$$;

comment on function material_search.to_words is
  'The words by which a text is found, in each language, with its compounds in parts and in one.';

-- Of a document's name also the words that are too common to count, or "It" would never be found.
create or replace function material_search.to_name_words(p_name text, p_languages text[])
returns tsvector
language plpgsql
stable
set search_path = ''
as $$
declare
  v_words tsvector := material_search.to_words(p_name, material_search.to_stemmers(p_languages));
begin
  if not 'simple' = any (p_languages) then
    return v_words;
  end if;
  return v_words || ts_delete(
    to_tsvector('simple', material_search.to_parts(material_search.fold(p_name))),
    tsvector_to_array(v_words)
  );
end;
$$;

comment on function material_search.to_name_words is
  'The words of a name, as written too where simple is one of the languages.';

create or replace function material_search.is_common(p_word text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
    select from unnest(material_search.to_stemmers((material_search.read_settings()).languages)) stemmer
    where to_tsvector(stemmer, p_word) = ''
  );
end;
$$;

comment on function material_search.is_common is
  'Whether a word is too common to count in one of the languages.';

create or replace function material_search.to_wanted_words(p_text text)
returns table (stemmer bigint, at smallint, lexeme text, is_asked boolean)
language plpgsql
stable
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_folded text := material_search.fold(left(p_text, 10000));
  v_parts text := material_search.to_parts(v_folded);
  v_joined text := material_search.to_joined(v_folded);
begin
  return query
  with stemmers as materialized (
    select language, place
    from unnest(material_search.to_stemmers((material_search.read_settings()).languages))
      with ordinality one (language, place)
  ),
  -- Further words of a long text change nothing but the time it takes.
  word as materialized (
    select s.place as stemmer, at, w.lexeme
    from stemmers s
    cross join lateral (
      select lexeme, positions[1] as at from unnest(to_tsvector(s.language, v_parts))
      order by positions[1] limit 64
    ) w
  ),
  other as materialized (
    select s.place as stemmer, given, lexeme
    from stemmers s
    cross join material_search.synonyms
    cross join lateral (
      values (synonyms.word, synonyms.means), (synonyms.means, synonyms.word)
    ) pair (word, means)
    cross join lateral unnest(tsvector_to_array(to_tsvector(s.language, pair.word))) given
    cross join lateral unnest(tsvector_to_array(to_tsvector(s.language, pair.means))) lexeme
    where given in (select word.lexeme from word)
    limit 64
  ),
  -- In a text of one or two words that count, those that are too common to count are searched for as well.
  common as materialized (
    select lexeme, positions[1] as at from unnest(to_tsvector('simple', v_parts))
    where (select count(*) from word where stemmer = 1) <= 2
      and not exists (select from word where word.at = positions[1])
    limit 8
  )
  select stemmer, at, lexeme, true from word
  union
  select word.stemmer, at, other.lexeme, false
  from word join other on other.stemmer = word.stemmer and given = word.lexeme
  union
  select s.place, at, lexeme, false from common cross join stemmers s
  union
  select s.place, null, lexeme, false
  from stemmers s
  cross join lateral (
    select unnest(tsvector_to_array(to_tsvector(s.language, v_joined))) limit 64
  ) w (lexeme);
end;
$$;

comment on function material_search.to_wanted_words is
  'By language, what a text''s words are found by. at: the word''s place in the text; null for what the text says in one. is_asked: a word of the text itself, not one that stands for it.';

create or replace function material_search.to_text_query(
  p_text text,
  out query tsquery,
  out parts tsquery[],
  out scales real[],
  out items text[]
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  with wanted as materialized (
    select stemmer, at, lexeme, is_asked from material_search.to_wanted_words(p_text)
  ),
  part as (
    select stemmer,
      string_agg(
        distinct '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', ' | '
      )::tsquery as query,
      -- ts_rank divides by all words of the query: the scale brings that back to those that were asked for.
      count(distinct lexeme)::real
        / coalesce(nullif(count(*) filter (where is_asked), 0), count(distinct lexeme)) as scale
    from wanted
    group by stemmer
  ),
  item as (
    select at, string_agg(distinct lexeme, chr(31)) as words
    from (
      select at, lexeme from wanted where at is not null
      -- The words joined into one stand for each of them: a document with the joined word has every item.
      union
      select place.at, joined.lexeme
      from (select distinct at from wanted where at is not null) place
      cross join (select lexeme from wanted where at is null) joined
    ) found
    group by at
  )
  select array_agg(part.query order by stemmer), array_agg(part.scale order by stemmer),
    (select coalesce(array_agg(item.words order by at), '{}') from item)
  into parts, scales, items
  from part;
  query := array_to_string(parts, ' | ')::tsquery;
end;
$$;

comment on function material_search.to_text_query is
  'A query for any of a text''s words, from lexemes, so that nothing of the text is ever syntax; null when it has none. parts: of its words in each language. scales: by how much the share of those that are found is more than ts_rank tells. items: the words in their order, each with those that stand for it, separated by the unit separator.';

revoke all on function
  material_search.to_stemmers, material_search.to_words, material_search.to_name_words,
  material_search.is_common, material_search.to_wanted_words, material_search.to_text_query
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.to_stemmers, material_search.is_common, material_search.to_text_query
  to authenticated, service_role;
