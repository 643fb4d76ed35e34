-- An index has the name of a view that is wanted, and a sequence that of a function.
-- in the way: material_search_history
create table public.things (id int);
create index material_search_history on public.things (id);
create sequence public.material_search_clean_up;
-- afterwards: insert into public.things values (1);
-- afterwards: select nextval('public.material_search_clean_up');
