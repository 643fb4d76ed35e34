-- A stem of marks alone is nothing once it is folded, and nothing is no word.

create or replace function material_search.to_stems(p_plain text, p_stemmer regconfig)
returns tsvector
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  if p_stemmer in ('pg_catalog.english'::regconfig, 'pg_catalog.simple'::regconfig) then
    return '';
  end if;
  return coalesce(
    (
      select string_agg(
        '''' || replace(replace(folded, '\', '\\'), '''', '''''') || ''':' || array_to_string(positions, ','), ' '
      )
      from (
        select material_search.fold(lexeme) as folded, positions
        from unnest(to_tsvector(p_stemmer, material_search.to_parts(p_plain)))
      ) stem
      where folded <> ''
    ),
    ''
  )::tsvector;
end;
$$;
