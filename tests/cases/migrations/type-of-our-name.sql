-- An enum has the name of the catalogue.
-- in the way: materials_catalog
create type public.materials_catalog as enum ('wood', 'stone');
-- afterwards: select 'wood'::public.materials_catalog;
