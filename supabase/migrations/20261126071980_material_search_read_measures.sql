-- Measures, names and signs that were found in one spelling only: 60x60cm and 60 x 60 cm, 1,250 mm and
-- 1250 mm, 300gsm and 300 gsm, 6061-T6 and 6061T6, floor01.jpg by floor01; and the marks of Hebrew and
-- Arabic that material_search.fold left. And values of properties: 20.0, as languages other than
-- JavaScript write it, is 20, and a blank before or behind a text is none of it. All documents are made
-- anew by it.

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
      '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\ufe20-\ufe2f]',
      '', 'g'
    );
    p_text := translate(
      normalize(p_text, NFC),
      'øłđðıħŧŋəςɓɗɛƒƙɔ' || 'ىیکةٱ' || '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९',
      'olddihtneσbdefko' || 'ييكها' || '012345678901234567890123456789'
    );
    p_text := replace(replace(replace(p_text, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe');
    p_text := replace(p_text, 'þ', 'th');
  end if;
  return p_text;
end;
$$;

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
  if p_folded ~ '[[:alnum:]][.][[:alpha:]]' then
    -- One letter after a point is an abbreviation: e.g.
    p_folded := regexp_replace(p_folded, '([[:alnum:]])[.](?=[[:alpha:]]{2})', '\1 ', 'g');
  end if;
  return p_folded;
end;
$$;

comment on function material_search.to_parts is
  'A folded text with its compounds taken apart at hyphens, slashes, underscores and points before words.';

create or replace function material_search.to_chains(p_folded text)
returns text[]
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  return array(
    -- 60 x 60 x 2, 600 mm x 300 mm, 60x60cm: by their numbers alone.
    select regexp_replace(part[1], '[^0-9x]', '', 'g')
    from regexp_matches(
      p_folded,
      '\m([[:digit:]]{1,5}(?: ?(?:[cm]?m|in|ft|"|''''))?(?: ?x ?[[:digit:]]{1,5}(?: ?(?:[cm]?m|in|ft|"|''''))?){1,3})(?![[:alnum:]])',
      'g'
    ) part limit 50
  ) || array(
    -- 42 crmo 4; s 235 jr; en aw 6060. Longer words are no parts of a norm.
    select translate(part[1], ' -', '')
    from regexp_matches(
      p_folded,
      '\m('
        '[[:digit:]]{1,5}[ -]?[[:alpha:]]{2,4}[ -]?[[:digit:]]{1,5}'
        '|[[:alpha:]]{1,4}[ -]?[[:digit:]]{1,5}[ -]?[[:alpha:]]{1,4}(?:[ -]?[[:digit:]]{1,5})?'
        '|[[:alpha:]]{1,3}[ -][[:alpha:]]{1,3}[ -][[:digit:]]{2,6}'
      ')\M', 'g'
    ) part limit 50
  ) || array(
    -- A decimal comma is a point.
    select part[1] || '.' || part[2]
    from regexp_matches(
      p_folded, '(?<![[:digit:]][.,])\m([[:digit:]]{1,4}),([[:digit:]]{1,3})(?![.,]?[[:digit:]])', 'g'
    ) part limit 50
  ) || array(
    -- Where three digits follow it may also part the thousands, as a point may.
    select translate(part[1], '.,', '')
    from regexp_matches(
      p_folded, '(?<![[:digit:]][.,])\m([1-9][[:digit:]]{0,2}(?:[.,][[:digit:]]{3})+)(?![.,]?[[:digit:]])', 'g'
    ) part limit 50
  );
end;
$$;

comment on function material_search.to_chains is
  'The measures of a folded text by their numbers (60x60); what is letters and numbers in turn, in one word each; and numbers with a decimal comma, with a point, and without what may part their thousands.';

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
      -- A unit has three letters at most here, or is one squared; the digits behind a point are no number.
      -- With a hyphen it may be any word: 6061-t6, 2-layer.
      select part[1] || coalesce(part[2], part[3])
      from regexp_matches(
        p_folded,
        '(?<![.,])\m([[:digit:]]{1,10})(?: ([[:alpha:]]{1,2}[23]?|[[:alpha:]]{3})|-([[:alpha:]][[:alnum:]]{0,19}))\M', 'g'
      ) part limit 100
    ) || material_search.to_chains(p_folded);
  end if;
  return array_to_string(v_joined, ' ');
end;
$$;

comment on function material_search.to_joined is
  'The compounds of a folded text in one word: of up to three words with hyphens, of two with an apostrophe, of an abbreviation''s letters with points, of letters with a number after them, of a number with its unit or with a word after a hyphen, and of material_search.to_chains.';

create or replace function material_search.to_term(p_key text, p_value text)
returns text
language plpgsql
immutable parallel safe
-- At a higher cost the planner would start workers for the terms of one material.
cost 1
set search_path = ''
as $$
begin
  -- A value of a sensible length: an index refuses longer ones.
  return material_search.fold(left(p_key, 64)) || chr(31)
    || translate(btrim(material_search.fold(left(p_value, 200)), E' \t\r\n'), '_-', '  ');
end;
$$;

comment on function material_search.to_term is
  'A property and its value as they are compared: folded, without blanks around the value, and a hyphen or an underscore in it is a space.';

create or replace function material_search.to_terms(p_properties jsonb, p_more jsonb)
returns text[]
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  -- 20.0 is 20. Asked of the text first, as few have such a number.
  if p_properties::text ~ '[.][0-9]*0[],}]' then
    p_properties := (
      select jsonb_object_agg(property.key, case jsonb_typeof(property.value)
        when 'number' then to_jsonb(trim_scale(property.value::numeric))
        when 'array' then (
          select jsonb_agg(case jsonb_typeof(item) when 'number' then to_jsonb(trim_scale(item::numeric)) else item end)
          from jsonb_array_elements(property.value) item
        )
        else property.value
      end)
      -- More terms are not kept.
      from (select * from jsonb_each(p_properties) limit 500) property
    );
  end if;
  -- Numbers also by their first digits, so that a range comes by the index.
  return array(
    select distinct term
    from (
      select case
        -- What material_search.to_term makes of a plain text.
        when octet_length(property.key) = char_length(property.key)
          and octet_length(item.value) = char_length(item.value)
          then lower(left(property.key, 64)) || chr(31)
            || translate(btrim(lower(left(item.value, 200)), E' \t\r\n'), '_-', '  ')
        else material_search.to_term(property.key, item.value)
      end as term
      from (select * from jsonb_each(p_properties) union all select * from jsonb_each(p_more)) property,
        lateral jsonb_array_elements_text(
          case jsonb_typeof(property.value)
            when 'array' then property.value
            else jsonb_build_array(property.value)
          end
        ) item
      where item.value is not null and jsonb_typeof(property.value) <> 'object'
      -- Before it is made distinct: a table for the thousands that the planner expects takes most of the time.
      limit 500
    ) one
  ) || array(
    select named.key || chr(31 - digits) || material_search.to_bucket(property.value::numeric, digits)
    from jsonb_each(p_properties) property
    cross join lateral (select material_search.fold(left(property.key, 64)) as key offset 0) named
    cross join generate_series(1, 2) digits
    where jsonb_typeof(property.value) = 'number'
    limit 400
  );
end;
$$;

select public.material_search_refresh_documents(10000000, true);
