-- What a query may as well be spelt: synonyms of several words, such as inox for stainless steel; German words
-- with ae, oe and ue for ä, ö and ü, and the other way round, where german is one of the languages; 1250mm for
-- 1,250 mm, 30x60 for 60x30, PA66 for PA6.6. Documents stay as they are. And a long text is no error where
-- there are several languages.

alter table material_search.synonyms
  drop constraint if exists synonyms_word_check,
  drop constraint if exists synonyms_means_check,
  add constraint synonyms_word_check check (word ~ '^[[:alnum:]]{1,40}( [[:alnum:]]{1,40}){0,3}$'),
  add constraint synonyms_means_check check (means ~ '^[[:alnum:]]{1,40}( [[:alnum:]]{1,40}){0,3}$');

comment on column material_search.synonyms.word is 'One to four words with a blank between them.';
comment on column material_search.synonyms.means is 'The others.';
comment on column material_search.synonym_stems.stem is 'Of a word, or of each word of several.';
comment on column material_search.synonym_stems.means is 'Of its synonym, likewise.';

create or replace function material_search.stem_synonyms()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Of two writers at once the second must see what the first has written.
  lock table material_search.synonym_stems in share row exclusive mode;
  delete from material_search.synonym_stems;
  with stemmed as (
    select s.language::text as language, one.word, one.means, one.place,
      (select string_agg(lexeme, ' ' order by positions[1]) from unnest(to_tsvector(s.language, one.text))) as stems
    from unnest(material_search.to_stemmers((material_search.read_settings()).languages)) s (language)
    cross join (
      select word, means, place, material_search.fold(text) as text
      from material_search.synonyms cross join lateral (values (1, word), (2, means)) each (place, text)
    ) one
  )
  insert into material_search.synonym_stems (language, stem, means)
  select distinct given.language, given.stems, meant.stems
  from stemmed given join stemmed meant using (language, word)
  where given.place <> meant.place and given.stems <> '' and meant.stems <> '';
  return null;
end;
$$;

create or replace function material_search.to_german(p_plain text)
returns text[]
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  return array_remove(array[
    case when p_plain ~ '[aou]e' then
      material_search.fold(replace(replace(replace(p_plain, 'ae', 'a'), 'oe', 'o'), 'ue', 'u'))
    end,
    case when p_plain ~ '[äöü]' then
      material_search.fold(replace(replace(replace(p_plain, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'))
    end
  ], null);
end;
$$;

comment on function material_search.to_german is
  'A plain text, folded, as if its ae, oe and ue were umlauts, and with its umlauts as ae, oe and ue; none where it has none.';

create or replace function material_search.to_asked(p_folded text)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  if p_folded ~ '[0-9]' then
    -- What is typed as 12,5 mm is one number: found as 12.5, not by its 12 or its 5.
    p_folded := regexp_replace(
      p_folded, '(?<![[:digit:]][.,])\m([[:digit:]]{1,4}),([[:digit:]]{1,2})(?![.,]?[[:digit:]])', '\1.\2', 'g'
    );
    -- Of 1,250 mm the number alone is kept in one piece.
    p_folded := regexp_replace(p_folded, '(?<![.,])\m([[:digit:]]{4,10})([[:alpha:]]{1,2})\M', '\1 \2', 'g');
  end if;
  return material_search.to_parts(p_folded);
end;
$$;

comment on function material_search.to_asked is
  'The parts of a folded text that is searched for.';

create or replace function material_search.to_asked_in_one(p_folded text)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  v_joined text := material_search.to_joined(p_folded);
begin
  -- A tile of 30x60 is one of 60x30.
  if v_joined ~ '[0-9]x[0-9]' then
    v_joined := v_joined || ' ' || regexp_replace(v_joined, '\m([[:digit:]]+)x([[:digit:]]+)\M', '\2x\1', 'g');
  end if;
  -- Polyamides are written PA66 and PA6.6.
  if p_folded ~ '\mpa ?[0-9]' then
    v_joined := concat_ws(
      ' ', v_joined,
      (
        select string_agg(concat('pa', part[1], case when part[2] = '' then '.' end, part[3]), ' ')
        from regexp_matches(p_folded, '\mpa ?([[:digit:]])(\.?)([[:digit:]]{1,2})(?![[:alnum:].])', 'g') part
      )
    );
  end if;
  return v_joined;
end;
$$;

comment on function material_search.to_asked_in_one is
  'The compounds of a folded text that is searched for, of material_search.to_joined, and what is the same written in another way.';

create or replace function material_search.to_phrase_words(p_asked text)
returns table (stemmer bigint, at smallint, lexeme text, is_asked boolean)
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
  with text as materialized (
    select s.language::text as language, s.place + 1000 as stemmer, w.places, w.words
    from unnest(material_search.to_stemmers((material_search.read_settings()).languages))
      with ordinality s (language, place)
    cross join lateral (
      select array_agg(positions[1] order by positions[1]) as places,
        array_agg(lexeme order by positions[1]) as words
      from unnest(to_tsvector(s.language, p_asked))
    ) w
  ),
  phrase as materialized (
    select t.stemmer, t.places[first:first + more] as places, string_to_array(other.means, ' ') as means,
      row_number() over (partition by t.stemmer, first order by more desc, other.means) as nth
    from text t
    cross join generate_series(1, least(cardinality(t.words), 64)) first
    cross join generate_series(0, least(cardinality(t.words) - first, 3)) more
    join material_search.synonym_stems other
      on other.language = t.language and other.stem = array_to_string(t.words[first:first + more], ' ')
    where more > 0 or other.means like '% %'
  )
  -- Of what means the same the first is asked for, and the others stand for it.
  select p.stemmer, p.places[1], lexeme, p.nth = 1
  from phrase p cross join unnest(p.means) lexeme
  union
  select p.stemmer, place, lexeme, false
  from phrase p cross join unnest(p.places[2:]) place cross join unnest(p.means) lexeme
  union
  select t.stemmer, one.place, one.word, true
  from text t cross join unnest(t.places[:64], t.words[:64]) one (place, word)
  where exists (select from phrase p where p.stemmer = t.stemmer)
    and not exists (
      select from phrase p where p.stemmer = t.stemmer and (one.place = any (p.places) or one.word = any (p.means))
    );
end;
$$;

comment on function material_search.to_phrase_words is
  'The words of a text as of a language of its own (material_search.to_wanted_words), with the synonyms of several words in the place of what they mean, and the other way round; none of a text that has no such.';

create or replace function material_search.to_wanted_words(p_text text)
returns table (stemmer bigint, at smallint, lexeme text, is_asked boolean)
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_plain text := material_search.to_plain(left(p_text, 10000));
  v_folded text := material_search.fold(v_plain);
  v_parts text := material_search.to_asked(v_folded);
  v_joined text := material_search.to_asked_in_one(v_folded);
begin
  return query
  with stemmers as materialized (
    select language, place
    from unnest(material_search.to_stemmers((material_search.read_settings()).languages))
      with ordinality one (language, place)
  ),
  -- Further words of a long text change nothing but the time it takes.
  word as materialized (
    select s.language, s.place as stemmer, at, w.lexeme
    from stemmers s
    cross join lateral (
      select lexeme, positions[1] as at from unnest(to_tsvector(s.language, v_parts))
      order by positions[1] limit 64
    ) w
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
  select s.place, w.at, w.lexeme, false
  from stemmers s
  cross join unnest(material_search.to_german(v_plain)) spelt
  cross join lateral (
    select lexeme, positions[1] as at from unnest(to_tsvector(s.language, material_search.to_asked(spelt)))
    order by positions[1] limit 64
  ) w
  where s.language = 'pg_catalog.german'::regconfig
  union
  (
    select word.stemmer, word.at, other.means, false
    from word
    join material_search.synonym_stems other on other.language = word.language::text and other.stem = word.lexeme
    where other.means not like '% %'
    limit 64
  )
  union
  select p.stemmer, p.at, p.lexeme, p.is_asked
  from material_search.to_phrase_words(v_parts) p
  where exists (select from material_search.synonym_stems other where other.means like '% %')
  union
  select s.place, at, lexeme, null from common cross join stemmers s
  union
  select s.place, null, lexeme, false
  from stemmers s
  cross join lateral (
    select unnest(tsvector_to_array(to_tsvector(s.language, v_joined))) limit 64
  ) w (lexeme)
  -- So many words a search may have, in all languages together.
  order by at limit 150;
end;
$$;

create or replace function material_search.to_items(p_words text[])
returns text[]
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
  v_stemmers constant regconfig[] := material_search.to_stemmers((material_search.read_settings()).languages);
begin
  return array(
    with asked as materialized (
      select one.place, s.language, lexeme
      from unnest(p_words) with ordinality one (word, place)
      cross join unnest(v_stemmers) s (language)
      cross join lateral unnest(
        case when s.language = 'pg_catalog.german'::regconfig then material_search.to_german(one.word) end || one.word
      ) spelt
      cross join lateral unnest(tsvector_to_array(to_tsvector(s.language, spelt))) lexeme
    ),
    item as (
      select place, string_agg(distinct lexeme, chr(31)) as words
      from (
        select place, language, lexeme from asked
        union all
        select asked.place, asked.language, meant
        from asked
        join material_search.synonym_stems other
          on other.language = asked.language::text and other.stem = asked.lexeme
        cross join lateral unnest(string_to_array(other.means, ' ')) meant
      ) found
      group by place
      having count(distinct language) = cardinality(v_stemmers)
    )
    select item.words
    from unnest(p_words) with ordinality one (word, place) left join item on item.place = one.place
    order by one.place
  );
end;
$$;

-- Polyethylene, as in English and as in ISO 1043.
insert into material_search.synonyms (word, means) values ('hdpe', 'pehd'), ('ldpe', 'peld')
on conflict do nothing;

update material_search.settings set languages = languages;

revoke all on function
  material_search.to_german, material_search.to_asked, material_search.to_asked_in_one,
  material_search.to_phrase_words
  from public, anon, authenticated, service_role;
