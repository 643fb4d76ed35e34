-- Words that are typed apart and stored in one, and the other way round: "sand stone" finds "Sandstone",
-- and "nonslip", where no name has it, "Non slip". In languages such as German, "Holz" finds "Eichenholz" where
-- no name has it alone. And words that are right, but found nowhere, are taken less often for others: "glaze" is
-- no misspelt "glass".

create or replace function material_search.find_known(p_words text[])
returns text[]
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return array(
    select distinct asked.word
    from unnest(p_words) asked (word)
    where exists (
      select from material_search.vocabulary v
      where v.word in (asked.word, asked.word || 's', regexp_replace(asked.word, 's$', ''))
    )
  );
end;
$$;

comment on function material_search.find_known is
  'Those of these words that a name has or had, in plural or not, without regard to rights. For material_search.join_words and take_apart alone.';

create or replace function material_search.join_words(p_text text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_plain text;
  v_firsts text[];
  v_seconds text[];
  v_joined text[];
  v_known text[];
begin
  -- Of a long text a word more or less decides nothing.
  if p_text is null or char_length(p_text) > 200 or p_text !~ '[[:alpha:]]{2}\s+[[:alpha:]]{2}' then
    return p_text;
  end if;
  v_plain := material_search.to_plain(p_text);
  select array_agg(first), array_agg(second), array_agg(material_search.fold(first || second))
  into v_firsts, v_seconds, v_joined
  from (
    select word as first, lead(word) over (order by place) as second
    from regexp_split_to_table(v_plain, '\s+') with ordinality one (word, place)
  ) neighbours
  where first ~ '^[[:alpha:]]{2,20}$' and second ~ '^[[:alpha:]]{2,20}$';
  v_known := material_search.find_known(v_joined);
  for v_place in 1..coalesce(cardinality(v_joined), 0) loop
    continue when v_joined[v_place] <> all (v_known)
      or not material_search.is_found((material_search.to_items(array[v_joined[v_place]]))[1]);
    -- With a hyphen they are searched for in parts and in one.
    v_plain := regexp_replace(
      v_plain, '\m' || v_firsts[v_place] || '\s+' || v_seconds[v_place] || '\M',
      v_firsts[v_place] || '-' || v_seconds[v_place], 'g'
    );
    p_text := v_plain;
  end loop;
  return p_text;
end;
$$;

comment on function material_search.join_words is
  'A text with a hyphen between neighbours that a material which the caller may read has in one word.';

create or replace function material_search.take_apart(p_word text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_length constant integer := char_length(p_word);
  v_known text[];
  v_halves text[];
begin
  if v_length not between 7 and 40 then
    return null;
  end if;
  v_known := material_search.find_known(array(
    select unnest(array[left(p_word, n), right(p_word, -n)]) from generate_series(3, v_length - 3) n
  ));
  for v_halves in
    select array[left(p_word, n), right(p_word, -n)] from generate_series(3, v_length - 3) n
    -- Words of three letters are not in the vocabulary.
    where (n = 3 or left(p_word, n) = any (v_known)) and (n = v_length - 3 or right(p_word, -n) = any (v_known))
  loop
    if (select bool_and(material_search.is_found(item)) from unnest(material_search.to_items(v_halves)) item) then
      return array_to_string(v_halves, ' ');
    end if;
  end loop;
  return null;
end;
$$;

comment on function material_search.take_apart is
  'A word as two words that find something for the caller; null for none.';

create or replace function material_search.is_misspelt(p_word text, p_known text)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_length integer;
  v_shorter integer;
  v_first integer := 0;
  v_last integer := 0;
begin
  -- Most mistakes are about letters that are there twice.
  p_word := regexp_replace(p_word, '(.)\1+', '\1', 'g');
  p_known := regexp_replace(p_known, '(.)\1+', '\1', 'g');
  v_length := greatest(char_length(p_word), char_length(p_known));
  v_shorter := least(char_length(p_word), char_length(p_known));
  if v_length - v_shorter > 1 or v_shorter < 4 then
    return p_word = p_known;
  end if;
  while v_first < v_shorter and substr(p_word, v_first + 1, 1) = substr(p_known, v_first + 1, 1) loop
    v_first := v_first + 1;
  end loop;
  while v_last < v_shorter - v_first and left(right(p_word, v_last + 1), 1) = left(right(p_known, v_last + 1), 1) loop
    v_last := v_last + 1;
  end loop;
  return case
    -- What has another one in the place of one of four letters is mostly a word: pink is no misspelt pine.
    when v_length = v_shorter and v_first + v_last = v_length - 1 then v_length > 4
    when v_length = v_shorter and v_first + v_last = v_length - 2
      then substr(p_word, v_first + 1, 2) = reverse(substr(p_known, v_first + 1, 2))
    else v_first + v_last >= v_length - 1
  end;
end;
$$;

comment on function material_search.is_misspelt is
  'Whether a word is a known one, letters that are there twice counted once, or that with one letter more, less, in the place of another or of its neighbour.';

create or replace function material_search.find_resembling(p_word text)
returns text[]
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_schema text;
  v_words text[];
begin
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'pg_trgm';
  if v_schema is null or char_length(p_word) > 40 then
    return '{}';
  end if;
  -- Until the end of the transaction. A SET clause of the function would want a superuser wherever
  -- pg_trgm is not loaded yet.
  -- Of six letters two that changed places leave 3 of 11 trigrams.
  perform set_config(
    'pg_trgm.similarity_threshold', case char_length(p_word) when 6 then '0.27' else '0.3' end, true
  );
  execute format(
    'select array(
       select word from (
         select word, %1$I.similarity(word, $1) as similarity from (
           select v.word from material_search.vocabulary v where v.word operator(%1$I.%%) $1
           union
           select word
           from material_search.documents d, unnest(material_search.to_vocabulary(d.names)) word
           where d.owner = $2 and word operator(%1$I.%%) $1
         ) resembling
         order by similarity desc, right(word, 1) <> right($1, 1), word
         limit 100
       ) nearest
       -- Longer words have room for more than one mistake.
       where char_length($1) >= 8 and (similarity >= 0.5 or %1$I.word_similarity($1, word) >= 0.7)
         or strpos(word, $1) > 0
         or left(word, 1) = left($1, 1) and material_search.is_misspelt($1, word)
     )',
    v_schema
  ) into v_words using p_word, material_search.read_claims() ->> 'sub';
  return v_words;
end;
$$;

comment on function material_search.find_resembling is
  'Words of names that this one may be meant for, the most similar first, without regard to rights; none without pg_trgm. For material_search.find_meant alone.';

create or replace function material_search.find_compounds(p_word text)
returns text[]
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  -- The last part of a compound says what it is: before Holzleim comes Eichenholz.
  return array(
    select v.word from material_search.vocabulary v
    where (material_search.read_settings()).languages && '{danish,dutch,finnish,german,norwegian,swedish}'
      and (v.word like '%' || p_word or v.word like p_word || '%')
      and char_length(v.word) >= char_length(p_word) + 3
    order by v.word not like '%' || p_word, v.word limit 20
  );
end;
$$;

comment on function material_search.find_compounds is
  'Words of names that end or begin with this one, of letters alone, in languages that write compounds in one word, without regard to rights. For material_search.find_meant alone.';

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
  v_word := coalesce(
    (
      select string_agg(word, ' ')
      from (
        select word from unnest(material_search.find_compounds(p_word)) word
        where material_search.is_found((material_search.to_items(array[word]))[1])
        limit 6
      ) compound
    ),
    material_search.take_apart(p_word)
  );
  if v_word is not null then
    return v_word;
  end if;
  foreach v_word in array material_search.find_resembling(p_word) loop
    if material_search.is_found((material_search.to_items(array[v_word]))[1]) then
      return v_word;
    end if;
  end loop;
  return null;
end;
$$;

comment on function material_search.find_meant is
  'What a word that finds nothing is taken for: compounds that have it, two words in one, or the word of a name that it resembles most, of those that find something for the caller; null for none.';

create or replace function material_search.read_query(
  p_search material_search.search,
  p_query_text text,
  p_picture_text text,
  out search material_search.search,
  out corrections jsonb
)
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_picture_items text[];
begin
  search := p_search;
  p_query_text := material_search.join_words(p_query_text);
  corrections := material_search.correct_words(p_query_text);
  select words.query, words.parts, words.scales, words.items
  into search.query, search.query_parts, search.query_scales, search.items
  from material_search.to_text_query(material_search.replace_words(p_query_text, corrections)) words;
  select words.query, words.parts, words.scales, words.items
  into search.picture_query, search.picture_query_parts, search.picture_query_scales, v_picture_items
  from material_search.to_text_query(p_picture_text) words;
  search.is_narrow := material_search.to_resembling(search.picture_properties) is not null;
  if search.is_narrow then
    v_picture_items := (
      material_search.to_text_query(material_search.to_picture_words(search.picture_properties))
    ).items[1:6];
  end if;
  search.items := material_search.choose_items(
    search.items, case when v_picture_items <> '{}' then 3 else 6 end
  );
  search.items := search.items
    || material_search.choose_items(v_picture_items, 6 - cardinality(search.items));
end;
$$;

revoke all on function
  material_search.find_known, material_search.find_compounds, material_search.join_words,
  material_search.take_apart, material_search.is_misspelt
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.find_known, material_search.find_compounds, material_search.join_words,
  material_search.take_apart
  to authenticated, service_role;
