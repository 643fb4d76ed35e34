-- More British and American spellings of what materials are called; and all documents anew, by the words
-- that are read since.

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

select public.material_search_refresh_documents(10000000, true);
