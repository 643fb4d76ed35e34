-- A text with a hyphen is also weighed as if it had none: "terra-cotta" is all of "terracotta", and comes
-- before what has one of its two words.

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
declare
  v_whole text;
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
  -- Of a long text a word more or less decides nothing.
  if char_length(p_text) <= 200 then
    v_whole := regexp_replace(material_search.to_plain(p_text), '([[:alpha:]])-(?=[[:alpha:]])', '\1', 'g');
    if v_whole <> material_search.to_plain(p_text) then
      select to_text_query.parts || whole.parts, to_text_query.scales || whole.scales into parts, scales
      from material_search.to_text_query(v_whole) whole;
    end if;
  end if;
end;
$$;
