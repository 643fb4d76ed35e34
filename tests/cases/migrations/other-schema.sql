-- A table of the same name is in another schema, which comes first in the search path.
-- must be taken
create schema inventory;
create table inventory.materials_catalog (id bigint primary key, title text);
create table inventory.material_visual_analysis (id bigint);
do $$ begin execute format('alter database %I set search_path = inventory, public, extensions', current_database()); end $$;
set search_path = inventory, public, extensions;
insert into inventory.materials_catalog values (1, 'Oak');
-- afterwards: insert into inventory.materials_catalog values (2, 'Elm');
