-- Settle of an answer about a picture in Supabase Storage: the picture's row is read again in the same
-- call. Where the object has changed since it was looked up, the answer gets a warning and is not kept: a
-- URL is of whatever is at its place, so that the provider may have fetched either version.
--
-- Called by semantic-analysis through PostgREST with a project secret (role service_role), before the
-- response, which tells of the warning. The caller's own right to the picture was shown when it was looked
-- up, and each later request shows it again before a kept answer is read; here is told only whether the
-- object is the same. With the caller's own rights it would be a call more.

-- A function that an application has given this name is told before it is replaced.
do $$
declare
  v_existing regprocedure := to_regprocedure('public.' ||
    'semantic_analysis_settle_stored(jsonb, boolean, jsonb, text, uuid, numeric, text, text, integer, integer, jsonb)');
begin
  if coalesce(obj_description(v_existing, 'pg_proc') not like 'semantic_analysis_settle of an answer%', v_existing is not null) then
    raise exception 'The function public.semantic_analysis_settle_stored has a name of this project''s: rename it'
      using errcode = 'object_not_in_prerequisite_state';
  end if;
end
$$;

create or replace function public.semantic_analysis_settle_stored(
  p_object jsonb,
  p_is_unchanged boolean,
  p_warning jsonb,
  p_subject text,
  p_id uuid,
  p_actual_nano numeric default null,
  p_key text default null,
  p_answer text default null,
  p_ttl_s integer default 0,
  p_max_answers integer default 0,
  p_entry jsonb default null
)
returns boolean
language plpgsql
set search_path = ''
-- As for settle.
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
declare
  v_object jsonb;
  v_is_unchanged boolean := p_is_unchanged;
begin
  begin
    v_object := public.semantic_analysis_read_object(
      p_object ->> 'bucket', p_object ->> 'path', (p_object ->> 'owner_id')::uuid
    );
    -- A Storage that told no version when the object was looked up has none to compare.
    v_is_unchanged := coalesce(
      v_object ->> 'id' = p_object ->> 'id'
        and p_object ->> 'version' in ('', v_object ->> 'version'),
      false
    );
  exception when others then
    -- The picture's row may be out of reach: what was taken is corrected all the same.
    null;
  end;
  perform public.semantic_analysis_settle(
    p_subject => p_subject,
    p_id => p_id,
    p_actual_nano => p_actual_nano,
    p_key => p_key,
    p_answer => case
      when v_is_unchanged then p_answer
      else jsonb_set(
        p_answer::jsonb, '{warnings}', (p_answer::jsonb -> 'warnings') || p_warning
      )::text
    end,
    p_ttl_s => case when v_is_unchanged then p_ttl_s else 0 end,
    p_max_answers => p_max_answers,
    p_entry => p_entry
  );
  return v_is_unchanged;
end;
$$;

comment on function public.semantic_analysis_settle_stored(jsonb, boolean, jsonb, text, uuid, numeric, text, text, integer, integer, jsonb) is
  'semantic_analysis_settle of an answer about the object p_object (bucket, path, owner_id, id, version) of Storage; where it has changed, the answer gets p_warning and is not kept. Whether it is unchanged; p_is_unchanged where its row can''t be read. For service_role only.';

revoke all on function public.semantic_analysis_settle_stored(jsonb, boolean, jsonb, text, uuid, numeric, text, text, integer, integer, jsonb)
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_settle_stored(jsonb, boolean, jsonb, text, uuid, numeric, text, text, integer, integer, jsonb) to service_role;
