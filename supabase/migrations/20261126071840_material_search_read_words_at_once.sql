-- All words of a text are read by one statement, where each was read by several: a sentence has a dozen.

drop function if exists material_search.is_common(text);

create or replace function material_search.to_items(p_words text[])
returns text[]
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_stemmers constant regconfig[] := material_search.to_stemmers((material_search.read_settings()).languages);
begin
  return array(
    with asked as materialized (
      select one.place, s.place as stemmer, lexeme
      from unnest(p_words) with ordinality one (word, place)
      cross join unnest(v_stemmers) with ordinality s (language, place)
      cross join lateral unnest(tsvector_to_array(to_tsvector(s.language, one.word))) lexeme
    ),
    -- By themselves, or the synonyms would be stemmed for each word anew.
    other as materialized (
      select s.place as stemmer, given, meant
      from unnest(v_stemmers) with ordinality s (language, place)
      cross join material_search.synonyms
      cross join lateral (
        values (synonyms.word, synonyms.means), (synonyms.means, synonyms.word)
      ) pair (word, means)
      cross join lateral unnest(tsvector_to_array(to_tsvector(s.language, pair.word))) given
      cross join lateral unnest(tsvector_to_array(to_tsvector(s.language, pair.means))) meant
    ),
    item as (
      select place, string_agg(distinct lexeme, chr(31)) as words
      from (
        select place, stemmer, lexeme from asked
        union all
        select asked.place, asked.stemmer, other.meant
        from asked join other on other.stemmer = asked.stemmer and other.given = asked.lexeme
      ) found
      group by place
      having count(distinct stemmer) = cardinality(v_stemmers)
    )
    select item.words
    from unnest(p_words) with ordinality one (word, place) left join item on item.place = one.place
    order by one.place
  );
end;
$$;

comment on function material_search.to_items is
  'The items of single words, of letters alone and folded, as material_search.to_text_query makes them; null for a word that is too common to count in one of the languages.';

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
  items := '{}';
  if p_text is null or p_text = '' then
    return;
  end if;
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

revoke all on function material_search.to_items from public, anon, authenticated, service_role;
grant execute on function material_search.to_items to authenticated, service_role;
