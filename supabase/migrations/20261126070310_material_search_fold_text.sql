-- Text as people mean it, for documents and queries alike: width, case and accents are folded, words are
-- also found in parts and in one (RAL7035 and RAL 7035, terra-cotta and terracotta), and words that mean
-- the same stand for each other.

create table if not exists material_search.synonyms (
  word text primary key check (word ~ '^[[:alnum:]]{1,40}$'),
  means text not null check (means ~ '^[[:alnum:]]{1,40}$')
);

comment on table material_search.synonyms is
  'Words that find each other, in both directions; an operator''s to edit, in force at once.';
comment on column material_search.synonyms.word is 'One word, in lower case and without accents.';
comment on column material_search.synonyms.means is 'The other.';

alter table material_search.synonyms enable row level security;
drop policy if exists no_access on material_search.synonyms;
create policy no_access on material_search.synonyms using (false);
revoke all on table material_search.synonyms from public, anon, authenticated, service_role;

insert into material_search.synonyms (word, means) values
  ('gray', 'grey'), ('grayish', 'greyish'), ('aluminum', 'aluminium'), ('color', 'colour'),
  ('colored', 'coloured'), ('fiber', 'fibre'), ('fiberglass', 'fibreglass'), ('mold', 'mould'),
  ('molding', 'moulding'), ('plow', 'plough'), ('center', 'centre'), ('meter', 'metre'),
  ('anodized', 'anodised'), ('galvanized', 'galvanised'), ('carbonized', 'carbonised'),
  ('vulcanized', 'vulcanised'), ('sulfur', 'sulphur'), ('tire', 'tyre'), ('ax', 'axe')
on conflict do nothing;

create or replace function material_search.fold(p_text text)
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
    -- Compatible forms, then letters apart from their marks, then without the marks: accents, the points of
    -- Hebrew and Arabic, and what has no width.
    p_text := regexp_replace(
      normalize(p_text, NFKD),
      '[\u0300-\u036f\u0591-\u05bd\u0640\u064b-\u0652\u0670\u00ad\u200b-\u200f\u2060\ufeff]', '', 'g'
    );
    p_text := translate(normalize(p_text, NFC), 'øØłŁđĐðıħŧ×’', 'oOlLdDdihtx''');
    p_text := replace(replace(replace(lower(p_text), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe');
    p_text := replace(p_text, 'þ', 'th');
  end if;
  return lower(p_text);
end;
$$;

comment on function material_search.fold is
  'A text without differences of width, case and accents; empty for null.';

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
    || translate(material_search.fold(left(p_value, 200)), '_-', '  ');
end;
$$;

comment on function material_search.to_term is
  'A property and its value as they are compared: folded, and a hyphen or an underscore in the value is a space.';

create or replace function material_search.to_parts(p_folded text)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  -- Else the parser takes a path, a negative number or a word with a hyphen for one.
  if p_folded ~ '[/_-]' then
    p_folded := regexp_replace(translate(p_folded, '/_', '  '), '([[:alnum:]])-(?=[[:alnum:]])', '\1 ', 'g');
  end if;
  return p_folded;
end;
$$;

comment on function material_search.to_parts is
  'A folded text with its compounds taken apart at hyphens, slashes and underscores.';

create or replace function material_search.to_joined(p_folded text)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  v_joined text[] := '{}';
begin
  if p_folded like '%-%' then
    v_joined := array(
      select part[1] || part[2]
      from regexp_matches(p_folded, '\m([[:alpha:]]+)-([[:alpha:]]+)\M', 'g') part limit 100
    );
  end if;
  if p_folded ~ '[0-9]' then
    v_joined := v_joined || array(
      select part[1] || part[2]
      from regexp_matches(p_folded, '\m([[:alpha:]]{1,10})[ /-]([[:digit:]]{1,10}[[:alpha:]]{0,2})\M', 'g') part limit 100
    ) || array(
      -- A unit has two letters at most here; the digits behind a point are no number.
      select part[1] || part[2]
      from regexp_matches(p_folded, '(?<![.,])\m([[:digit:]]{1,10}) ([[:alpha:]]{1,2})\M', 'g') part limit 100
    );
  end if;
  return array_to_string(v_joined, ' ');
end;
$$;

comment on function material_search.to_joined is
  'The compounds of a folded text in one word: of two words with a hyphen, of letters with a number after them, and of a number with its unit.';

create or replace function material_search.to_split(p_folded text)
returns text
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  if p_folded !~ '[[:alpha:]][0-9]|[0-9][[:alpha:]]' then
    return '';
  end if;
  return array_to_string(array(
    select concat_ws(' ', part[1], part[2], part[3], part[4])
    from regexp_matches(
      p_folded, '\m(?:([[:alpha:]]{1,10})([[:digit:]]{1,10})|([[:digit:]]{1,10})([[:alpha:]]{1,10}))\M', 'g'
    ) part limit 100
  ), ' ');
end;
$$;

comment on function material_search.to_split is
  'Letters and number apart, of the words of a folded text that have both.';

revoke all on function
  material_search.fold, material_search.to_term, material_search.to_parts, material_search.to_joined,
  material_search.to_split
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.fold, material_search.to_term, material_search.to_parts, material_search.to_joined
  to authenticated, service_role;
