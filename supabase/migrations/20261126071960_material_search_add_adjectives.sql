-- What is made of a material is called by it: "wooden" is no misspelt "wool".

insert into material_search.synonyms (word, means) values
  ('wooden', 'wood'), ('woolen', 'wool'), ('woollen', 'wool'), ('silken', 'silk'), ('oaken', 'oak'),
  ('hempen', 'hemp')
on conflict do nothing;
