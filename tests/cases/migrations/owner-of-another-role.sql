-- The catalogue belongs to a role of the application's, which has granted nothing.
-- in the way: materials_catalog, grant
do $$ begin create role application_that_grants_nothing nologin; exception when duplicate_object then null; end $$; grant application_that_grants_nothing to postgres; grant create, usage on schema public to application_that_grants_nothing;
set role application_that_grants_nothing;
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text not null, category text not null);
reset role; revoke application_that_grants_nothing from postgres;
-- afterwards: grant application_that_grants_nothing to postgres;
-- afterwards: set role application_that_grants_nothing; insert into public.materials_catalog (name, category) values ('Elm','wood'); reset role;
