-- Misspelt words: one that finds nothing is replaced by the word of a material's name that it resembles
-- most. All of it by what the caller may read, so that no correction tells a word of a hidden row.

-- Security definer, for the index. Ids alone: whose names may be told is for correct_words to say.
create or replace function material_search.find_resembling(p_word text)
returns uuid[]
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_schema text;
  v_ids uuid[];
begin
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'pg_trgm';
  if v_schema is null or char_length(p_word) > 40 then
    return '{}';
  end if;
  -- Until the end of the transaction. A SET clause of the function would want a superuser wherever
  -- pg_trgm is not loaded yet. At the default of 0.6 "marbel" is too far from marble.
  perform set_config('pg_trgm.word_similarity_threshold', '0.5', true);
  execute format(
    'select array(
       (select d.material_id from material_search.documents d
        where d.names operator(%1$I.%%>) $1 and d.owner is null and not d.needs_analysis
        -- A word that many names resemble is in the first of them already.
        limit 500)
       union all
       (select d.material_id from material_search.documents d
        where d.names operator(%1$I.%%>) $1 and d.owner = $2 and not d.needs_analysis
        limit 500)
     )',
    v_schema
  ) into v_ids using p_word, material_search.read_claims() ->> 'sub';
  return v_ids;
end;
$$;

comment on function material_search.find_resembling is
  'Materials with a name that has a word like this one; none without pg_trgm.';

create or replace function material_search.find_meant(p_word text)
returns text
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
declare
  v_schema text;
  v_meant text;
begin
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'pg_trgm';
  if v_schema is null then
    return null;
  end if;
  execute format(
    'select word
     from (select %2$s from public.materials_catalog t where t.id = any ($2)) named,
       unnest(regexp_split_to_array(
         material_search.fold(concat_ws('' '', left(named.name, 300), left(named.category, 100))),
         ''[^[:alpha:]]+''
       )) word
     where length(word) between 4 and 40 and %1$I.similarity(word, $1) >= 0.3
     group by word
     order by %1$I.similarity(word, $1) desc, word
     limit 1',
    v_schema,
    material_search.to_select_list('public.materials_catalog', '{name,category}', '{text,text}')
  ) into v_meant using p_word, material_search.find_resembling(p_word);
  return v_meant;
end;
$$;

comment on function material_search.find_meant is
  'The word of a readable material''s name that this one resembles most; null for none.';

create or replace function material_search.is_found(p_search material_search.search)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  -- A few do in most cases. Where a thousand that the caller may not read have the word, it is unknown.
  foreach p_search.most_candidates in array array[20, 1000] loop
    if exists (select from material_search.find_readable(p_search)) then
      return true;
    end if;
  end loop;
  return false;
end;
$$;

comment on function material_search.is_found is
  'Whether a search finds anything for its caller.';

create or replace function material_search.correct_words(p_text text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_search material_search.search;
  v_word text;
  v_meant text;
  v_corrections jsonb := '{}';
begin
  v_search.has_query := true;
  v_search.min_similarity := 0;
  v_search.weights := '{0,1,0,0}';
  for v_word in
    select distinct word[1]
    from regexp_matches(material_search.fold(left(p_text, 4000)), '(?<![-[:alnum:]])[[:alpha:]]{4,40}(?![-[:alnum:]])', 'g') word limit 12
  loop
    v_search.query := (material_search.to_text_query(v_word)).query;
    continue when v_search.query is null or cardinality(tsvector_to_array(to_tsvector('english', v_word))) = 0
      or material_search.is_found(v_search);
    v_meant := material_search.find_meant(v_word);
    if v_meant is not null then
      v_corrections := v_corrections || jsonb_build_object(v_word, v_meant);
    end if;
  end loop;
  return v_corrections;
end;
$$;

comment on function material_search.correct_words is
  'Misspelt word → the word that is meant. One that finds something is never replaced.';

create or replace function material_search.replace_words(p_text text, p_corrections jsonb)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_word text;
  v_meant text;
begin
  -- A misspelt word is replaced, or it would count as one that was not found.
  p_text := material_search.fold(left(p_text, 4000));
  for v_word, v_meant in select * from jsonb_each_text(p_corrections) limit 12 loop
    p_text := regexp_replace(p_text, '\m' || v_word || '\M', v_meant, 'gi');
  end loop;
  return p_text;
end;
$$;

comment on function material_search.replace_words is
  'A text of at most 4,000 characters with its misspelt words replaced, 12 at most. Words are letters alone.';

revoke all on function
  material_search.find_resembling, material_search.find_meant, material_search.is_found,
  material_search.correct_words,
  material_search.replace_words
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.find_resembling, material_search.find_meant, material_search.is_found,
  material_search.correct_words,
  material_search.replace_words
  to authenticated, service_role;
