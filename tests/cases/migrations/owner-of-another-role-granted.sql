-- The catalogue belongs to a role of the application's, which has granted what is needed.
-- must be taken
do $$ begin create role application_that_grants nologin; exception when duplicate_object then null; end $$; grant application_that_grants to postgres; grant create, usage on schema public to application_that_grants;
set role application_that_grants;
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), name text not null, category text not null);
insert into public.materials_catalog (name, category) values ('Oak','wood');
grant select, trigger on public.materials_catalog to postgres;
reset role; revoke application_that_grants from postgres;
-- afterwards: grant application_that_grants to postgres;
-- afterwards: set role application_that_grants; insert into public.materials_catalog (name, category) values ('Elm','wood'); reset role;
