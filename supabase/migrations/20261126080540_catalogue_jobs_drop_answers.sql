-- The answer that a job holds is of one picture: where another one is uploaded to its place, perhaps by
-- another user, it is nothing for that one's owner to read.

create or replace function catalogue_jobs.add_jobs(
  p_jobs jsonb,
  p_is_again boolean,
  p_now timestamptz
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with wanted as (
    -- Twice in one statement would be an error.
    select distinct on (material_id, source) *
    from jsonb_to_recordset(p_jobs)
      as job (material_id uuid, source text, object_id uuid, version text, owner_id uuid)
    where source is not null
  ), added as (
    insert into catalogue_jobs.jobs as job (
      material_id, source, object_id, version, owner_id, not_before, created_at
    )
    select material_id, source, object_id, version, owner_id, p_now, p_now from wanted
    on conflict (material_id, source) do update
    set object_id = excluded.object_id, version = excluded.version, owner_id = excluded.owner_id,
      state = case job.state when 'running' then 'running' else 'waiting' end,
      is_stale = job.state = 'running', not_before = excluded.not_before,
      attempts = 0, lost_leases = case job.state when 'running' then job.lost_leases else 0 end,
      ended_at = null, last_code = null, last_error = null,
      -- Of another picture, perhaps of another user's, at the same place.
      answer = case when job.version is not distinct from excluded.version then job.answer end
    where job.version is distinct from excluded.version
      or (p_is_again and job.state in ('done', 'failed'))
    returning 1
  )
  select count(*) into v_count from added;
  return v_count;
end;
$$;
