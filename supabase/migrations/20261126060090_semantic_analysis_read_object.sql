-- What is known of a picture in Supabase Storage, read with the caller's rights: one statement on
-- storage.objects, whose row level security decides, in place of a call of Storage's API.
--
-- Called by semantic-analysis through PostgREST, with the user's token or with a project secret. The
-- schema storage is looked for when it is called: a stock Postgres has none. Policies of an application's
-- own may ask functions of its own that name public tables without their schema.

create or replace function public.semantic_analysis_read_object(
  p_bucket text,
  p_path text,
  p_owner_id uuid default null
)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
begin
  if char_length(p_bucket) > 100 or char_length(p_path) > 900 then
    return null;
  end if;
  return (
    select jsonb_build_object(
      'id', object.id,
      'version', object.version,
      'etag', object.metadata ->> 'eTag',
      'byte_length', object.metadata -> 'size',
      'media_type', object.metadata ->> 'mimetype'
    )
    from storage.objects object
    where object.bucket_id = p_bucket and object.name = p_path
      -- A secret sees everything. In a user's name it is shown what is that user's.
      and (p_owner_id is null or object.owner_id = p_owner_id::text)
  );
end;
$$;

comment on function public.semantic_analysis_read_object(text, text, uuid) is
  'An object of Supabase Storage as its row tells: id, version, etag, byte_length, media_type (as declared). null where there is none, or none that the caller may select; with p_owner_id, none of that user.';

revoke execute on function public.semantic_analysis_read_object(text, text, uuid) from public, anon;
grant execute on function public.semantic_analysis_read_object(text, text, uuid) to authenticated, service_role;
