-- The roles of a hosted Supabase project. Run as the superuser `supabase_admin`, on every start.

do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      -- Runs migrations. Not a superuser, as on the hosted platform.
      ('postgres', 'login createdb createrole replication bypassrls'),
      -- What PostgREST switches to for a request, by the role in its token.
      ('anon', 'nologin noinherit'),
      ('authenticated', 'nologin noinherit'),
      ('service_role', 'nologin noinherit bypassrls'),
      -- What PostgREST connects as.
      ('authenticator', 'login noinherit'),
      -- What the auth server connects as.
      ('supabase_auth_admin', 'login noinherit createrole'),
      -- What Storage connects as; it switches to the caller's role like PostgREST.
      ('supabase_storage_admin', 'login noinherit createrole')
    ) as roles (name, attributes)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      execute format('create role %I', wanted.name);
    end if;
    execute format('alter role %I with %s', wanted.name, wanted.attributes);
    if wanted.attributes like 'login%' then
      execute format('alter role %I password %L', wanted.name, 'postgres');
    end if;
  end loop;
end
$$;

grant anon, authenticated, service_role to authenticator, supabase_storage_admin;
-- With admin option, so that migrations can make roles members of these.
grant anon, authenticated, service_role to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;

alter role postgres set search_path = "$user", public, extensions;
alter role supabase_auth_admin set search_path = auth;
alter role supabase_storage_admin set search_path = storage;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
