-- What bounds a user who writes materials of their own, and what goes with a user who is deleted. Only
-- where the catalogue was created by the search: an application's own is the application's to bound.

create or replace function material_search.bound_own_materials()
returns trigger
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_claims jsonb := material_search.read_claims();
  v_user_id uuid := material_search.read_user_id();
  v_most integer;
begin
  -- The project's own writes, and those without a token.
  if coalesce(v_claims ->> 'role', '') <> 'authenticated' then
    return null;
  end if;
  if coalesce((v_claims ->> 'is_anonymous')::boolean, false) then
    raise exception 'Anonymous users can''t keep materials of their own' using errcode = 'PT403';
  end if;
  v_most := (material_search.read_settings()).most_own_materials;
  -- Inserts of one user take turns, so that together they can't be more; with the user's deletion too, so
  -- that either the insert sees it or it sees the insert.
  perform pg_advisory_xact_lock(hashtext('material_search.own_materials'), hashtext(v_user_id::text));
  if semantic_analysis.is_deleted('user:' || v_user_id) then
    raise exception 'This user was deleted' using errcode = 'PT401';
  end if;
  if (
    select count(*) from (
      select from public.materials_catalog
      where created_by = v_user_id and visibility = 'private' limit v_most + 1
    ) own
  ) > v_most then
    raise exception 'You can keep at most % materials of your own', v_most using errcode = 'PT403';
  end if;
  return null;
end;
$$;

comment on function material_search.bound_own_materials is
  'Trigger of the catalogue: refuses a user''s materials beyond the quota, and those of anonymous and deleted users.';

create or replace function material_search.find_owner(p_material jsonb)
returns uuid
language sql
stable
set search_path = ''
as $$
  select case
    when p_material ->> 'visibility' = 'private' and (material_search.read_settings()).owns_catalogue
      then (p_material ->> 'created_by')::uuid
  end;
$$;

comment on function material_search.find_owner is
  'The user whose a material is; null for the project''s. Its picture is read in that user''s name: the user chose it, and may have no right to it.';

create or replace function material_search.forget_user()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, public, extensions, pg_temp
as $$
declare
  v_statement text;
begin
  -- Waits for the user's own transactions: what they write would stay behind.
  perform pg_advisory_xact_lock(hashtext('material_search.own_materials'), hashtext(old.id::text));
  foreach v_statement in array array[
    'delete from material_search.history where user_id = $1',
    'delete from public.materials_catalog where created_by = $1 and visibility = ''private''',
    -- What the project has published stays; who it was from doesn't.
    'update public.materials_catalog set created_by = null where created_by = $1'
  ] loop
    begin
      -- An application's own materials are for the application to delete.
      if v_statement not like '%materials_catalog%'
        or (material_search.read_settings()).owns_catalogue
      then
        execute v_statement using old.id;
      end if;
    exception
      -- A project that has dropped or changed one of the tables can still delete its users.
      when others then
        raise warning 'material_search could not forget a user: %', sqlerrm;
    end;
  end loop;
  return null;
end;
$$;

comment on function material_search.forget_user is
  'Trigger of auth.users: removes a deleted user''s searches and private materials.';

revoke all on function
  material_search.bound_own_materials, material_search.find_owner, material_search.forget_user
  from public, anon, authenticated, service_role;

do $$
begin
  if (material_search.read_settings()).owns_catalogue then
    create or replace trigger material_search_bound_own
      after insert on public.materials_catalog
      for each statement execute function material_search.bound_own_materials();
  end if;
end
$$;

do $$
begin
  if to_regclass('auth.users') is not null then
    create or replace trigger material_search_forget_user
      after delete on auth.users
      for each row execute function material_search.forget_user();
    if exists (
      select from pg_catalog.pg_attribute
      where attrelid = 'auth.users'::regclass and attname = 'deleted_at' and not attisdropped
    ) then
      -- Supabase Auth can keep the row of a user it deletes.
      create or replace trigger material_search_forget_soft_deleted_user
        after update of deleted_at on auth.users
        for each row when (old.deleted_at is null and new.deleted_at is not null)
        execute function material_search.forget_user();
    end if;
  end if;
exception
  when insufficient_privilege or wrong_object_type then
    raise notice 'auth.users takes no trigger: searches and materials of deleted users stay';
end
$$;
