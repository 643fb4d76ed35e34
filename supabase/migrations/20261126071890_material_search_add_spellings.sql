-- More British and American spellings of what materials are called, and mixed numbers: the compatible form
-- of 1½ is 11⁄2.

insert into material_search.synonyms (word, means) values
  ('luster', 'lustre'), ('ocher', 'ochre'), ('beveled', 'bevelled'), ('enameled', 'enamelled'),
  ('paneled', 'panelled'), ('chiseled', 'chiselled'), ('leveled', 'levelled'), ('modeled', 'modelled'),
  ('oxidized', 'oxidised'), ('polarized', 'polarised'), ('metalized', 'metallised'),
  ('crystallized', 'crystallised'), ('stabilized', 'stabilised'), ('polymerized', 'polymerised'),
  ('sterilized', 'sterilised'), ('sulfate', 'sulphate'), ('sulfide', 'sulphide'), ('gage', 'gauge'),
  ('caliber', 'calibre'), ('draft', 'draught'), ('odor', 'odour'), ('vapor', 'vapour'), ('armor', 'armour'),
  ('curb', 'kerb'), ('curbstone', 'kerbstone'), ('fiberboard', 'fibreboard'), ('colorless', 'colourless'),
  ('discolored', 'discoloured'), ('multicolored', 'multicoloured'), ('bicolor', 'bicolour'),
  ('graystone', 'greystone'), ('grayscale', 'greyscale')
on conflict do nothing;

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

-- What has a fraction is indexed anew.
insert into material_search.pending (material_id)
select material.id::uuid from public.materials_catalog material where to_jsonb(material.*)::text ~ '[¼-¾⅐-⅞⁄]';
select public.material_search_refresh_documents();
