-- Whatever is created anywhere is granted to all roles by default.
-- must be taken
alter default privileges grant all on tables to anon, authenticated, service_role;
alter default privileges grant all on functions to anon, authenticated, service_role;
alter default privileges grant all on sequences to anon, authenticated, service_role;
alter default privileges grant all on schemas to anon, authenticated, service_role;
-- afterwards: insert into public.materials_catalog (name, category) values ('Oak','wood');
