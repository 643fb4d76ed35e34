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
    -- Compatible forms, then letters apart from their marks, then without the marks.
    p_text := regexp_replace(normalize(p_text, NFKD), '[\u0300-\u036f]', '', 'g');
    p_text := translate(normalize(p_text, NFC), 'øØłŁđĐðı’', 'oOlLdDdi''');
    p_text := replace(replace(replace(replace(p_text, 'ß', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe');
  end if;
  return lower(p_text);
end;
$$;

comment on function material_search.fold is
  'A text without differences of width, case and accents; empty for null.';

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
      from regexp_matches(p_folded, '\m([[:alpha:]]{1,10})[ /-]([[:digit:]]{1,10})\M', 'g') part limit 100
    );
  end if;
  return array_to_string(v_joined, ' ');
end;
$$;

comment on function material_search.to_joined is
  'The compounds of a folded text in one word: of two words with a hyphen, and of letters with a number after them.';

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

create or replace function material_search.to_words(p_text text)
returns tsvector
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  if p_text is null or p_text = '' then
    return '';
  end if;
  -- Most texts are plain, and each call of a function more is felt where a catalogue is loaded.
  p_text := case
    when octet_length(p_text) = char_length(p_text) then lower(p_text)
    else material_search.fold(p_text)
  end;
  if p_text !~ '[-/_0-9]' then
    return to_tsvector('english', p_text);
  end if;
  return to_tsvector(
    'english',
    concat_ws(
      ' ', material_search.to_parts(p_text), material_search.to_joined(p_text),
      material_search.to_split(p_text)
    )
  );
end;
$$;

comment on function material_search.to_words is
  'The words by which a text is found, with its compounds in parts and in one.';

-- Of a document's name also the words that are too common to count, or "It" would never be found.
create or replace function material_search.to_name_words(p_name text)
returns tsvector
language plpgsql
immutable parallel safe
set search_path = ''
as $$
declare
  v_words tsvector := material_search.to_words(p_name);
begin
  return v_words || ts_delete(
    to_tsvector('simple', material_search.to_parts(material_search.fold(p_name))),
    tsvector_to_array(v_words)
  );
end;
$$;

comment on function material_search.to_name_words is
  'The words of a name, as written too.';

create or replace function material_search.to_text_query(
  p_text text,
  out query tsquery,
  out scale real,
  out items text[]
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_folded text := material_search.fold(left(p_text, 10000));
  v_parts text := material_search.to_parts(v_folded);
  v_words text[];
  v_joined text[];
  v_common text[] := '{}';
begin
  -- Further words of a long text change nothing but the time it takes.
  v_words := array(
    select lexeme from unnest(to_tsvector('english', v_parts)) order by positions[1] limit 64
  );
  v_joined := tsvector_to_array(to_tsvector('english', material_search.to_joined(v_folded)));
  -- Words too common to count do in a text of few.
  if cardinality(v_words) <= 2 then
    v_common := array(
      select lexeme from unnest(to_tsvector('simple', v_parts))
      where cardinality(tsvector_to_array(to_tsvector('english', lexeme))) = 0 limit 8
    );
  end if;
  items := array(
    with other as (
      select given, lexeme
      from material_search.synonyms s
      cross join lateral (values (s.word, s.means), (s.means, s.word)) pair (word, means)
      cross join lateral unnest(tsvector_to_array(to_tsvector('english', pair.word))) given
      cross join lateral unnest(tsvector_to_array(to_tsvector('english', pair.means))) lexeme
      where given = any (v_words)
      limit 64
    )
    select array_to_string(array(
      select word union select lexeme from other where given = word union select unnest(v_joined[1:8])
    ), chr(31))
    from unnest(v_words || v_common) with ordinality one (word, place)
    order by place
  );
  select string_agg(
      '''' || replace(replace(word, '\', '\\'), '''', '''''') || '''', ' | '
    )::tsquery,
    -- A word that stands for another is none that was asked for besides.
    count(*)::real / coalesce(nullif(cardinality(v_words), 0), nullif(count(*), 0))
  into query, scale
  from (
    select unnest(string_to_array(item, chr(31))) from unnest(items) item
    union
    select unnest(v_joined[1:64])
  ) wanted (word);
end;
$$;

comment on function material_search.to_text_query is
  'A query for any of a text''s words, from lexemes, so that nothing of the text is ever syntax; null when it has none. scale: by how much the share of its words that are found is more than ts_rank tells. items: the words in their order, each with those that stand for it, separated by the unit separator.';

revoke all on function
  material_search.fold, material_search.to_parts, material_search.to_joined, material_search.to_split,
  material_search.to_words, material_search.to_name_words, material_search.to_text_query
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.fold, material_search.to_parts, material_search.to_joined,
  material_search.to_text_query
  to authenticated, service_role;
