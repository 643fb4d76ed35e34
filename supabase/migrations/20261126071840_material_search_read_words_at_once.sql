-- All words of a text that is searched for are read by one statement, where each was read by several: a
-- sentence has a dozen. One too common to count finds nothing where there are others, and counts a little.

create or replace function material_search.to_wanted_words(p_text text)
returns table (stemmer bigint, at smallint, lexeme text, is_asked boolean)
language plpgsql
stable
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_plain text := material_search.to_plain(left(p_text, 10000));
  v_folded text := material_search.fold(v_plain);
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
  -- The same words once more, as of a language of its own: by the stems of what is written with accents.
  select -s.place, at, w.lexeme, true
  from stemmers s
  cross join lateral (
    select lexeme, positions[1] as at from unnest(material_search.to_stems(v_plain, s.language))
    where octet_length(v_plain) > char_length(v_plain)
    order by positions[1] limit 64
  ) w
  union
  select word.stemmer, at, other.lexeme, false
  from word join other on other.stemmer = word.stemmer and given = word.lexeme
  union
  select s.place, at, lexeme, null from common cross join stemmers s
  union
  select s.place, null, lexeme, false
  from stemmers s
  cross join lateral (
    select unnest(tsvector_to_array(to_tsvector(s.language, v_joined))) limit 64
  ) w (lexeme);
end;
$$;

comment on function material_search.to_wanted_words is
  'By language, what a text''s words are found by. at: the word''s place in the text; null for what the text says in one. is_asked: a word of the text itself, not one that stands for it; null for one that is too common to count.';

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
    select stemmer, at, lexeme, is_asked,
      -- Words too common to count find nothing where there are others.
      is_asked is not null or not bool_or(coalesce(is_asked, false)) over () as is_finding,
      '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''' as quoted
    from material_search.to_wanted_words(p_text)
  ),
  part as (
    select stemmer,
      string_agg(distinct quoted, ' | ')::tsquery as query,
      string_agg(distinct quoted, ' | ') filter (where is_finding) as finding,
      -- ts_rank divides by all words of the query: the scale brings that back to those that were asked for.
      count(distinct lexeme)::real
        / coalesce(
          -- A word too common to count is a quarter of one that counts.
          nullif(count(*) filter (where is_asked), 0) + 0.25 * count(*) filter (where is_asked is null),
          count(distinct lexeme)
        ) as scale
    from wanted
    group by stemmer
  ),
  item as (
    select at, string_agg(distinct lexeme, chr(31)) as words
    from (
      select at, lexeme from wanted where at is not null and is_finding
      -- The words joined into one stand for each of them: a document with the joined word has every item.
      union
      select place.at, joined.lexeme
      from (select distinct at from wanted where at is not null and is_finding) place
      cross join (select lexeme from wanted where at is null) joined
    ) found
    group by at
  )
  select array_agg(part.query order by stemmer), array_agg(part.scale order by stemmer),
    (select coalesce(array_agg(item.words order by at), '{}') from item),
    string_agg(part.finding, ' | ')::tsquery
  into parts, scales, items, query
  from part;
end;
$$;

comment on function material_search.to_text_query is
  'A query for any of a text''s words, from lexemes, so that nothing of the text is ever syntax; null when it has none. parts: of its words in each language. scales: by how much the share of those that are found is more than ts_rank tells. items: the words in their order that find something, each with those that stand for it, separated by the unit separator.';

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

revoke all on function material_search.to_items from public, anon, authenticated, service_role;
grant execute on function material_search.to_items to authenticated, service_role;
