-- A user who is deleted leaves no jobs: where their pictures are, and what they show, is theirs. What was
-- taken from a budget for one that is being analysed stays taken.

create or replace function catalogue_jobs.forget_user()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from catalogue_jobs.jobs where owner_id = old.id;
  return null;
exception
  -- A project that has dropped the table can still delete its users.
  when others then
    raise warning 'catalogue_jobs could not forget a user: %', sqlerrm;
    return null;
end;
$$;

comment on function catalogue_jobs.forget_user is
  'Trigger of auth.users: removes the jobs in a deleted user''s name, with the answers that they hold.';

revoke all on function catalogue_jobs.forget_user from public, anon, authenticated, service_role;

do $$
begin
  if to_regclass('auth.users') is not null then
    create or replace trigger catalogue_jobs_forget_user
      after delete on auth.users
      for each row execute function catalogue_jobs.forget_user();
    if exists (
      select from pg_catalog.pg_attribute
      where attrelid = 'auth.users'::regclass and attname = 'deleted_at' and not attisdropped
    ) then
      -- Supabase Auth can keep the row of a user it deletes.
      create or replace trigger catalogue_jobs_forget_soft_deleted_user
        after update of deleted_at on auth.users
        for each row when (old.deleted_at is null and new.deleted_at is not null)
        execute function catalogue_jobs.forget_user();
    end if;
    -- Those who were deleted before.
    execute 'delete from catalogue_jobs.jobs
      where owner_id is not null and not exists (select from auth.users where id = owner_id)';
  end if;
exception
  when insufficient_privilege or wrong_object_type then
    raise notice 'auth.users takes no trigger: jobs of deleted users stay';
end
$$;
