-- What a text's words are found by, and whether they find anything, in a few looks: synonyms are stemmed
-- when they or the languages change, not by each search, and a word is known by the first document that
-- has it, not by the first in the stored order.

create table if not exists material_search.synonym_stems (
  language text not null,
  stem text not null,
  means text not null,
  primary key (language, stem, means)
);

comment on table material_search.synonym_stems is
  'The synonyms in both directions, by their stems in the languages of the settings; kept by triggers.';
comment on column material_search.synonym_stems.language is 'A text search configuration.';
comment on column material_search.synonym_stems.stem is 'Of a word.';
comment on column material_search.synonym_stems.means is 'Of its synonym.';

alter table material_search.synonym_stems enable row level security;
drop policy if exists no_access on material_search.synonym_stems;
create policy no_access on material_search.synonym_stems using (false);
revoke all on table material_search.synonym_stems from public, anon, authenticated, service_role;

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
  insert into material_search.synonym_stems (language, stem, means)
  select distinct s.language::text, given, meant
  from unnest(material_search.to_stemmers((material_search.read_settings()).languages)) s (language)
  cross join material_search.synonyms
  cross join lateral (select material_search.fold(word) as word, material_search.fold(means) as means) one
  cross join lateral (values (one.word, one.means), (one.means, one.word)) pair (word, means)
  cross join lateral unnest(tsvector_to_array(to_tsvector(s.language, pair.word))) given
  cross join lateral unnest(tsvector_to_array(to_tsvector(s.language, pair.means))) meant;
  return null;
end;
$$;

comment on function material_search.stem_synonyms is
  'Makes material_search.synonym_stems anew.';

drop trigger if exists stem_synonyms on material_search.synonyms;
create trigger stem_synonyms after insert or update or delete or truncate on material_search.synonyms
  for each statement execute function material_search.stem_synonyms();
drop trigger if exists stem_synonyms on material_search.settings;
create trigger stem_synonyms after insert or update of languages on material_search.settings
  for each statement execute function material_search.stem_synonyms();
update material_search.settings set languages = languages;

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
  -- What is typed as 12,5 mm is one number: found as 12.5, not by its 12 or its 5.
  v_parts text := material_search.to_parts(
    regexp_replace(v_folded, '(?<![[:digit:]][.,])\m([[:digit:]]{1,4}),([[:digit:]]{1,2})(?![.,]?[[:digit:]])', '\1.\2', 'g')
  );
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
  (
    select word.stemmer, word.at, other.means, false
    from word
    join material_search.synonym_stems other on other.language = word.language::text and other.stem = word.lexeme
    limit 64
  )
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
      cross join lateral unnest(tsvector_to_array(to_tsvector(s.language, one.word))) lexeme
    ),
    item as (
      select place, string_agg(distinct lexeme, chr(31)) as words
      from (
        select place, language, lexeme from asked
        union all
        select asked.place, asked.language, other.means
        from asked
        join material_search.synonym_stems other
          on other.language = asked.language::text and other.stem = asked.lexeme
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

create or replace function material_search.find_having(
  p_item text,
  p_most integer,
  out material_ids uuid[],
  out analysis_ids text[]
)
language plpgsql
stable
security definer
set search_path = ''
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_query constant tsquery := (
    select string_agg('''' || replace(replace(word, '\', '\\'), '''', '''''') || '''', ' | ')
    from unnest(string_to_array(p_item, chr(31))) word
  )::tsquery;
  v_claims constant jsonb := material_search.read_claims();
  v_is_service constant boolean := coalesce(v_claims ->> 'role' = 'service_role', false);
begin
  -- What is common is met soon in the stored order, where an index would count all that have it first.
  if p_most = 1 then
    select array[d.material_id], array[case when d.needs_analysis then coalesce(d.analysis_id, '') end]
    into material_ids, analysis_ids
    from (
      select * from material_search.documents d where d.owner is null
      order by coalesce(d.confidence, 0.75::real) desc, d.created_at desc nulls last, d.material_id limit 100
    ) d
    where d.document @@ v_query limit 1;
    if material_ids is not null then
      return;
    end if;
  end if;
  -- Materialized, these are planned as if all of them were read: by the index of words.
  with everyones as materialized (
    select * from material_search.documents d where d.owner is null and d.document @@ v_query
  ),
  own as materialized (
    select * from material_search.documents d
    where not v_is_service and d.owner = v_claims ->> 'sub' and d.document @@ v_query
  ),
  owned as materialized (
    select * from material_search.documents d
    where v_is_service and d.owner is not null and d.document @@ v_query
  )
  select coalesce(array_agg(d.material_id), '{}'),
    array_agg(case when d.needs_analysis then coalesce(d.analysis_id, '') end)
  into material_ids, analysis_ids
  from (
    select * from everyones union all select * from own union all select * from owned limit p_most
  ) d;
end;
$$;

comment on function material_search.find_having is
  'So many of the documents that have an item, without regard to rights, in no order: their materials, and the analyses they need, null for none. For material_search.is_found alone.';

create or replace function material_search.is_found(p_item text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
set enable_seqscan = off
as $$
declare
  v_batch integer := 1;
  v_having record;
  v_is_found boolean;
begin
  -- Until there is one that the caller may read: what others have decides nothing.
  loop
    v_having := material_search.find_having(p_item, v_batch);
    if (material_search.read_settings()).owns_analyses then
      v_is_found := exists (select from public.materials_catalog where id = any (v_having.material_ids));
    else
      execute format(
        'select exists (
           select from unnest($1, $2) r (material_id, analysis_id)
           where exists (select from public.materials_catalog material where material.id = r.material_id)
             and %s
         )',
        material_search.to_readable_analysis()
      ) into v_is_found using v_having.material_ids, v_having.analysis_ids;
    end if;
    exit when v_is_found or cardinality(v_having.material_ids) < v_batch;
    v_batch := least(v_batch::bigint * 10, 2147483647);
  end loop;
  return v_is_found;
end;
$$;

create or replace function material_search.correct_words(p_text text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_words constant text[] := array(
    select distinct word[1]
    from regexp_matches(
      material_search.fold(left(p_text, 4000)), '(?<![-[:alnum:]])[[:alpha:]]{4,40}(?![-[:alnum:]])', 'g'
    ) word
    limit 100
  );
  v_word text;
  v_item text;
  v_meant text;
  v_corrections jsonb := '{}';
begin
  if v_words = '{}' then
    return v_corrections;
  end if;
  -- Words too common to count are never wrong.
  for v_word, v_item in
    select one.word, one.item
    from unnest(v_words, material_search.to_items(v_words)) with ordinality one (word, item, place)
    where one.item is not null
    order by one.place limit 12
  loop
    continue when material_search.is_found(v_item);
    v_meant := material_search.find_meant(v_word);
    if v_meant is not null then
      v_corrections := v_corrections || jsonb_build_object(v_word, v_meant);
    end if;
  end loop;
  return v_corrections;
end;
$$;

revoke all on function material_search.stem_synonyms, material_search.find_having
  from public, anon, authenticated, service_role;
grant execute on function material_search.find_having to authenticated, service_role;
