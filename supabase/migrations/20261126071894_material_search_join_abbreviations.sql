-- P.V.C. is PVC.

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

-- What has such an abbreviation is indexed anew.
insert into material_search.pending (material_id)
select material.id::uuid from public.materials_catalog material
where to_jsonb(material.*)::text ~ '\m[[:alpha:]][.][[:alpha:]]\M';
select public.material_search_refresh_documents();
