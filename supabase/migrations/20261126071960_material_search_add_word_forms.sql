-- Forms of a word that share no stem with it. What is made of a material is called by it: "wooden" is no
-- misspelt "wool". And plurals that are no regular ones.

insert into material_search.synonyms (word, means) values
  ('wooden', 'wood'), ('woolen', 'wool'), ('woollen', 'wool'), ('silken', 'silk'), ('oaken', 'oak'),
  ('hempen', 'hemp'),
  ('leaves', 'leaf'), ('shelves', 'shelf'), ('calves', 'calf'), ('halves', 'half'), ('knives', 'knife'),
  ('wolves', 'wolf'), ('hooves', 'hoof'), ('scarves', 'scarf'), ('loaves', 'loaf'), ('feet', 'foot'),
  ('geese', 'goose'), ('teeth', 'tooth'), ('mice', 'mouse'), ('oxen', 'ox'), ('men', 'man'),
  ('women', 'woman'), ('children', 'child'), ('matrices', 'matrix'), ('fungi', 'fungus'),
  ('cacti', 'cactus'), ('terrazzi', 'terrazzo')
on conflict do nothing;
