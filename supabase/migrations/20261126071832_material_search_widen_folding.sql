-- What material_search.fold and the functions beside it did not know yet: marks and signs that are not
-- seen or are no letters, letters and digits that only look like others, or differ by keyboard; compounds
-- of more than two parts, abbreviations with points (P.V.C. is PVC), mixed numbers (the compatible form of
-- 1½ is 11⁄2); and scripts without blanks between words, Chinese, Japanese, Thai and Korean, which are
-- searched by pairs of neighbouring letters.

create or replace function material_search.to_plain(p_text text)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  if p_text is null then
    return '';
  end if;
  -- ASCII needs no more.
  if octet_length(p_text) > char_length(p_text) then
    -- The compatible form of a trade mark's sign is two letters of the word before it, that of a fraction
    -- begins with digits of the number before it.
    p_text := regexp_replace(translate(p_text, '™℠©®', '    '), '([0-9])([¼-¾⅐-⅞])', '\1 \2', 'g');
    p_text := regexp_replace(
      normalize(p_text, NFKC),
      '[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\u20d0-\u20f0\ufe00-\ufe0f\ufeff]',
      '', 'g'
    );
    p_text := regexp_replace(p_text, '([[:alnum:]])[‐‒–—−](?=[[:alnum:]])', '\1-', 'g');
    -- µm is typed as um; the sign of a diameter as the letter that looks like it.
    p_text := replace(translate(p_text, '’‘ʼʻ′×⌀∅⁄', '''''''''''xøø/'), 'μm', 'um');
  end if;
  return lower(p_text);
end;
$$;

comment on function material_search.to_plain is
  'A text without differences of width and case, of signs that mean the same, and of what is not seen; accents stay. Empty for null.';

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

comment on function material_search.to_parts is
  'A folded text with its compounds taken apart at hyphens, slashes, underscores and points between letters.';

create or replace function material_search.to_chains(p_folded text)
returns text[]
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  -- 60 x 60 x 2, 42 crmo 4; s 235 jr; en aw 6060. Longer words are no parts of a norm or a measure.
  return array(
    select translate(part[1], ' -', '')
    from regexp_matches(
      p_folded,
      '\m('
        '[[:digit:]]{1,5}(?: x [[:digit:]]{1,5}){1,3}'
        '|[[:digit:]]{1,5}[ -][[:alpha:]]{2,4}[ -][[:digit:]]{1,5}'
        '|[[:alpha:]]{1,4}[ -][[:digit:]]{1,5}[ -][[:alpha:]]{1,4}(?:[ -][[:digit:]]{1,5})?'
        '|[[:alpha:]]{1,3}[ -][[:alpha:]]{1,3}[ -][[:digit:]]{2,6}'
      ')\M', 'g'
    ) part limit 50
  ) || array(
    -- A decimal comma is a point.
    select part[1] || '.' || part[2]
    from regexp_matches(
      p_folded, '(?<![[:digit:]][.,])\m([[:digit:]]{1,4}),([[:digit:]]{1,3})(?![.,]?[[:digit:]])', 'g'
    ) part limit 50
  );
end;
$$;

comment on function material_search.to_chains is
  'What of a folded text is letters and numbers in turn, in one word each; and numbers with a decimal comma, with a point.';

create or replace function material_search.to_joined(p_folded text)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  v_joined text[] := '{}';
begin
  if p_folded like '%-%' or p_folded like '%''%' then
    v_joined := array(
      select concat_ws(' ', part[1] || coalesce(part[2], part[4]), part[1] || part[2] || part[3])
      from regexp_matches(
        p_folded,
        '\m([[:alpha:]][[:alnum:]]*)(?:-([[:alnum:]]+)(?:-([[:alnum:]]+))?|''([[:alnum:]]{2,}))\M', 'g'
      ) part limit 100
    );
  end if;
  if p_folded ~ '\m[[:alpha:]][.][[:alpha:]]\M' then
    v_joined := v_joined || array(
      select replace(part[1], '.', '')
      from regexp_matches(p_folded, '\m([[:alpha:]](?:[.][[:alpha:]]){1,9})\M', 'g') part limit 50
    );
  end if;
  if p_folded ~ '[0-9]' then
    v_joined := v_joined || array(
      select part[1] || part[2]
      from regexp_matches(
        p_folded, '\m([[:alpha:]]{1,10})(?:[ /-]|[.:] ?)([[:digit:]]{1,10}[[:alpha:]]{0,2})\M', 'g'
      ) part limit 100
    ) || array(
      -- A unit has two letters at most here, or is one squared; the digits behind a point are no number.
      select part[1] || part[2]
      from regexp_matches(
        p_folded, '(?<![.,])\m([[:digit:]]{1,10}) ([[:alpha:]]{1,2}[23]?)\M', 'g'
      ) part limit 100
    ) || material_search.to_chains(p_folded);
  end if;
  return array_to_string(v_joined, ' ');
end;
$$;

comment on function material_search.to_joined is
  'The compounds of a folded text in one word: of up to three words with hyphens, of two with an apostrophe, of an abbreviation''s letters with points, of letters with a number after them, of a number with its unit, and of material_search.to_chains.';

create or replace function material_search.to_split(p_folded text)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  v_split text[];
begin
  if p_folded !~ '[[:alpha:]][0-9]|[0-9][[:alpha:]]|[0-9][.][0-9]{4}' then
    return '';
  end if;
  v_split := array(
    select concat_ws(' ', part[1], part[2], part[3], part[4])
    from regexp_matches(
      p_folded, '\m(?:([[:alpha:]]{1,10})([[:digit:]]{1,10})|([[:digit:]]{1,10})([[:alpha:]]{1,10}|[[:alpha:]]{1,2}[23]))\M',
      'g'
    ) part limit 100
  ) || array(
    -- A material's number is known without its group: 4301 of 1.4301.
    select part[1] from regexp_matches(p_folded, '\m[[:digit:]][.]([[:digit:]]{4})\M', 'g') part limit 100
  );
  if p_folded ~ '[[:alpha:]][0-9]+[[:alpha:]]|[0-9][[:alpha:]]+[0-9]' then
    -- S235JR is S235 as well.
    v_split := v_split || array(
      select concat_ws(' ', part[1], part[1] || lead(part[1]) over (partition by word.at order by part.at))
      from regexp_matches(
          p_folded,
          '\m(?![[:digit:]]+[[:alpha:]]{1,2}[23]\M)'
            '(?:[[:alpha:]]{1,10}[[:digit:]]{1,10}[[:alpha:]]|[[:digit:]]{1,10}[[:alpha:]]{1,10}[[:digit:]])[[:alnum:]]{0,20}\M',
          'g'
        ) with ordinality word (words, at),
        regexp_matches(word.words[1], '[[:alpha:]]+|[[:digit:]]+', 'g') with ordinality part (part, at)
      limit 100
    );
  end if;
  return array_to_string(v_split, ' ');
end;
$$;

comment on function material_search.to_split is
  'Letters and numbers apart, of the words of a folded text that have both, and each two neighbours of more than two; and the four digits after a point.';

revoke all on function material_search.to_plain, material_search.to_pairs, material_search.to_chains
  from public, anon, authenticated, service_role;
grant execute on function material_search.to_plain, material_search.to_pairs, material_search.to_chains
  to authenticated, service_role;
