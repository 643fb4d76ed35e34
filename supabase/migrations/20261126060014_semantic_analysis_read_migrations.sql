-- Which migrations of this project the database has: the doctor compares them with those of the
-- functions' version. Installed into a project that exists, they have other timestamps and the same names.

create or replace function public.semantic_analysis_read_migrations()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
begin
  return (
    select coalesce(jsonb_agg(name order by version), '[]')
    from supabase_migrations.schema_migrations
    where name ~ '^(semantic_analysis|material_search|catalogue_jobs)_'
  );
exception
  -- Applied by another tool than the Supabase CLI.
  when undefined_table or undefined_column or invalid_schema_name or insufficient_privilege then
    return null;
end;
$$;

comment on function public.semantic_analysis_read_migrations() is
  'Names of this project''s migrations that the Supabase CLI has applied, oldest first; null where it keeps no list. For service_role only.';

revoke all on function public.semantic_analysis_read_migrations()
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_read_migrations() to service_role;
