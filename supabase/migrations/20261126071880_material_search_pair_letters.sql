-- Scripts without blanks between words: Chinese, Japanese, Thai and Korean texts are searched by pairs of
-- neighbouring letters. And letters and digits that differ by keyboard, not by meaning.

create or replace function material_search.fold(p_text text)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  p_text := material_search.to_plain(p_text);
  if octet_length(p_text) > char_length(p_text) then
    -- Letters apart from their marks, then without the marks: accents, the points of Hebrew and Arabic.
    -- The short i of Cyrillic is a letter of its own.
    p_text := regexp_replace(
      replace(normalize(p_text, NFKD), 'и' || chr(774), 'й'),
      '[\u0300-\u036f\u0591-\u05bd\u0640\u064b-\u0655\u0670\u1ab0-\u1aff\u1dc0-\u1dff\ufe20-\ufe2f]', '', 'g'
    );
    p_text := translate(
      normalize(p_text, NFC),
      'øłđðıħŧŋəςɓɗɛƒƙɔ' || 'ىیکة' || '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९',
      'olddihtneσbdefko' || 'ييكه' || '012345678901234567890123456789'
    );
    p_text := replace(replace(replace(p_text, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe');
    p_text := replace(p_text, 'þ', 'th');
  end if;
  return p_text;
end;
$$;

create or replace function material_search.to_pairs(p_text text)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  -- Each letter between two others ends a pair and begins the next one.
  return regexp_replace(
    p_text,
    '(?<=[\u0e00-\u0e7f\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3])([\u0e00-\u0e7f\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3])(?=[\u0e00-\u0e7f\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3])',
    '\1 \1', 'g'
  );
end;
$$;

comment on function material_search.to_pairs is
  'A folded text whose Chinese, Japanese, Thai and Korean words are pairs of neighbouring letters.';

create or replace function material_search.to_parts(p_folded text)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  if octet_length(p_folded) > char_length(p_folded) then
    p_folded := material_search.to_pairs(p_folded);
  end if;
  -- Else the parser takes a path, a host, a negative number or a word with a hyphen for one.
  if p_folded ~ '[/_~@-]' then
    p_folded := regexp_replace(translate(p_folded, '/_~@', '    '), '([[:alnum:]])-(?=[[:alnum:]])', '\1 ', 'g');
  end if;
  if p_folded ~ '[[:alpha:]][.][[:alpha:]]' then
    -- One letter after a point is an abbreviation: e.g.
    p_folded := regexp_replace(p_folded, '([[:alpha:]])[.](?=[[:alpha:]]{2})', '\1 ', 'g');
  end if;
  return p_folded;
end;
$$;

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

-- Once more as it was before words were read at once, and as quick as since: a word that is too common to
-- count finds nothing where there are others.
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

revoke all on function material_search.to_pairs from public, anon, authenticated, service_role;
grant execute on function material_search.to_pairs to authenticated, service_role;

-- What was indexed before.
select public.material_search_refresh_documents(10000000, true);
