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

revoke all on function material_search.to_pairs from public, anon, authenticated, service_role;
grant execute on function material_search.to_pairs to authenticated, service_role;

-- What was indexed before.
select public.material_search_refresh_documents(10000000, true);
