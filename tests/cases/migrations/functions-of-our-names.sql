-- The application has functions and a view with the names of the API.
-- in the way: material_search_find_materials, material_search_history
create function public.material_search_find_materials(query text) returns text language sql as $$ select query $$;
create view public.material_search_history as select 1 as id;
-- afterwards: select public.material_search_find_materials('oak');
-- afterwards: select * from public.material_search_history;
