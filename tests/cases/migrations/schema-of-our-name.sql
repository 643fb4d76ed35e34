-- The application has a schema material_search.
-- in the way: material_search
create schema material_search;
create table material_search.documents (id bigint generated always as identity, title text);
-- afterwards: insert into material_search.documents (title) values ('Oak');
