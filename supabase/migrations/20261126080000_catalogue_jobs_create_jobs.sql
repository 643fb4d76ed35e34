-- Jobs: one row for each picture of the catalogue that is to be analysed, and what bounds the work.
--
-- A part of its own on top of material_search, so that it can be left out or taken out again. Called by
-- the edge function analyse-catalogue and by `deno task catalogue`, through the functions in public that
-- the last migration of this part makes. Nothing here enqueues anything by itself until the operator
-- switches that on: it spends money.

-- Names that an application has given already are told before anything is created.
do $$
declare
  v_problems text;
begin
  with
  -- The mark is the comment on the schema: this file may run again.
  installed as (
    select coalesce(
      obj_description(to_regnamespace('catalogue_jobs')::oid, 'pg_namespace')
        like 'Private to the analysis of a catalogue.%',
      false
    ) as is_ours
  ),
  problem (told) as (
    select 'the schema catalogue_jobs is not of this project: rename it'
    from installed where not is_ours and to_regnamespace('catalogue_jobs') is not null
    union all
    select distinct format('the function public.%s has a name of this project''s: rename it', proname)
    from pg_proc, installed
    where not is_ours and pronamespace = 'public'::regnamespace and proname in (
      'semantic_analysis_accept_quote', 'semantic_analysis_claim_jobs', 'semantic_analysis_enqueue',
      'semantic_analysis_fail_job', 'semantic_analysis_finish_job', 'semantic_analysis_pause_jobs',
      'semantic_analysis_put_back_job', 'semantic_analysis_read_progress',
      'semantic_analysis_renew_jobs', 'semantic_analysis_retry_failed_jobs',
      'semantic_analysis_sample_pictures', 'semantic_analysis_switch_enqueueing'
    )
    union all
    select 'public.semantic_analysis_uploads has the name of a view of this project: rename it'
    from installed where not is_ours and (
      to_regclass('public.semantic_analysis_uploads') is not null
      or to_regtype('public.semantic_analysis_uploads') is not null
    )
    union all
    select format('%s: its trigger %s has a name of this project''s: rename it', c.relname, t.tgname)
    from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_proc p on p.oid = t.tgfoid
    where (n.nspname, c.relname) in (('public', 'materials_catalog'), ('storage', 'objects'))
      and t.tgname in (
        'catalogue_jobs_on_insert', 'catalogue_jobs_on_update', 'catalogue_jobs_on_delete',
        'catalogue_jobs_on_upload'
      )
      and p.pronamespace is distinct from to_regnamespace('catalogue_jobs')::oid
  )
  select string_agg('- ' || told, e'\n' order by told) into v_problems from problem;
  if v_problems is not null then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = concat_ws(
        e'\n',
        'The analysis of a catalogue is not installed, for something in this database has its names:',
        v_problems,
        'Nothing was changed. Mend it and push again, or go on without it by: '
          || 'deno task install <folder> --only semantic-analysis,visual-search'
      );
  end if;
end
$$;

create schema if not exists catalogue_jobs;

revoke all on schema catalogue_jobs from public, anon, authenticated, service_role;

comment on schema catalogue_jobs is
  'Private to the analysis of a catalogue. Not exposed by the API; reached only through functions in public.';

create table if not exists catalogue_jobs.budgets (
  name text primary key check (char_length(name) between 1 and 100),
  limit_nano bigint check (limit_nano >= 0),
  spent_nano bigint not null default 0 check (spent_nano >= 0),
  jobs_left integer check (jobs_left >= 0),
  quote jsonb,
  created_at timestamptz not null
)
-- Every claim and every end of a job rewrites its budget's row.
with (fillfactor = 70);

comment on table catalogue_jobs.budgets is
  'What may be spent on jobs: a row for each UTC month without an accepted quote, and one for each accepted quote.';
comment on column catalogue_jobs.budgets.name is 'month:<year>-<month>, or run:<uuid> of an accepted quote.';
comment on column catalogue_jobs.budgets.limit_nano is
  'Nano-dollars (1e-9 $); null for a month, whose limit comes with each claim.';
comment on column catalogue_jobs.budgets.spent_nano is
  'Nano-dollars. A running job counts with its ceiling until it ends; one whose worker died keeps counting so.';
comment on column catalogue_jobs.budgets.jobs_left is 'Jobs that may still be claimed; null for any number.';
comment on column catalogue_jobs.budgets.quote is 'The quote that was accepted.';
comment on column catalogue_jobs.budgets.created_at is 'When the quote was accepted, or the month first used.';

create table if not exists catalogue_jobs.jobs (
  id bigint generated always as identity primary key,
  material_id uuid,
  source text not null check (char_length(source) between 1 and 2100),
  object_id uuid,
  version text,
  owner_id uuid,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  not_before timestamptz not null,
  holder uuid,
  lease_until timestamptz,
  lost_leases smallint not null default 0,
  attempts smallint not null default 0,
  is_stale boolean not null default false,
  budget text,
  held_nano bigint not null default 0,
  cost_nano bigint not null default 0,
  last_code text,
  last_error text,
  answer jsonb,
  created_at timestamptz not null,
  ended_at timestamptz,
  -- The same picture of the same material is one job; of no material, one as well.
  unique nulls not distinct (material_id, source)
)
with (fillfactor = 80);

-- What a claim takes, in its order.
create index if not exists jobs_waiting_idx on catalogue_jobs.jobs (not_before, id)
where state = 'waiting' and lost_leases = 0;
create index if not exists jobs_suspect_idx on catalogue_jobs.jobs (not_before)
where state = 'waiting' and lost_leases > 0;
create index if not exists jobs_running_idx on catalogue_jobs.jobs (lease_until)
where state = 'running';
-- A user's jobs are moved together, and users read their own.
create index if not exists jobs_owner_idx on catalogue_jobs.jobs (owner_id, state)
where owner_id is not null;
-- Progress: what ended lately.
create index if not exists jobs_ended_idx on catalogue_jobs.jobs (ended_at) where ended_at is not null;

comment on table catalogue_jobs.jobs is
  'One row per picture of a material: what is to be analysed, who does it, what became of it.';
comment on column catalogue_jobs.jobs.id is 'Of the job; a smaller one is older.';
comment on column catalogue_jobs.jobs.material_id is
  'The material in the picture; null for an upload that belongs to none, whose answer stays here.';
comment on column catalogue_jobs.jobs.source is
  'Where the picture is: an https URL, or storage://<bucket>/<path> for one in Supabase Storage.';
comment on column catalogue_jobs.jobs.object_id is 'Of a picture in Storage that was uploaded: its object.';
comment on column catalogue_jobs.jobs.version is 'The version of the picture that is wanted; another one makes the job wait again.';
comment on column catalogue_jobs.jobs.owner_id is
  'The user in whose name, and against whose limits, it is analysed; null for the catalogue''s own.';
comment on column catalogue_jobs.jobs.state is
  'waiting, running while a lease lasts, done, or failed for good.';
comment on column catalogue_jobs.jobs.not_before is 'The job is not claimed before this moment.';
comment on column catalogue_jobs.jobs.holder is 'The worker that runs it.';
comment on column catalogue_jobs.jobs.lease_until is 'Until then it is the holder''s; afterwards it can be claimed by another.';
comment on column catalogue_jobs.jobs.lost_leases is
  'Workers in a row that ended without a word. Not attempts; with one the job is claimed alone, five fail it.';
comment on column catalogue_jobs.jobs.attempts is 'Analyses that failed; three of them fail the job.';
comment on column catalogue_jobs.jobs.is_stale is 'The picture changed while it was being analysed: it waits again when it ends.';
comment on column catalogue_jobs.jobs.budget is 'Whose budget the running job counts against.';
comment on column catalogue_jobs.jobs.held_nano is 'Nano-dollars taken from it in advance.';
comment on column catalogue_jobs.jobs.cost_nano is 'Nano-dollars that its analyses have cost, as they told.';
comment on column catalogue_jobs.jobs.last_code is 'The code of the last failure.';
comment on column catalogue_jobs.jobs.last_error is 'The last failure, for a person.';
comment on column catalogue_jobs.jobs.answer is 'The analysis of a picture without a material, or of one whose row material_visual_analysis refused.';
comment on column catalogue_jobs.jobs.created_at is 'When it was first enqueued.';
comment on column catalogue_jobs.jobs.ended_at is 'When it last was done or failed.';

create table if not exists catalogue_jobs.replaced_analyses (
  id bigint generated always as identity primary key,
  material_id uuid not null,
  source text not null,
  replaced_at timestamptz not null,
  analysis jsonb not null
);

create index if not exists replaced_analyses_material_idx
on catalogue_jobs.replaced_analyses (material_id, source, id);

comment on table catalogue_jobs.replaced_analyses is
  'What public.material_visual_analysis held before a newer analysis: at most five rows a picture, none of deleted materials.';
comment on column catalogue_jobs.replaced_analyses.id is 'A larger one was replaced later.';
comment on column catalogue_jobs.replaced_analyses.material_id is 'The material.';
comment on column catalogue_jobs.replaced_analyses.source is 'As in jobs.';
comment on column catalogue_jobs.replaced_analyses.replaced_at is 'When it was replaced.';
comment on column catalogue_jobs.replaced_analyses.analysis is 'The whole row as it was.';

create table if not exists catalogue_jobs.settings (
  is_only_row boolean primary key default true check (is_only_row),
  is_paused boolean not null default false,
  paused_until timestamptz,
  enqueues_materials boolean not null default false,
  upload_buckets text[] not null default '{}',
  last_run_at timestamptz
);

insert into catalogue_jobs.settings default values on conflict do nothing;

comment on table catalogue_jobs.settings is 'One row: what the operator has switched on, and whether work is paused.';
comment on column catalogue_jobs.settings.is_only_row is 'There is one row.';
comment on column catalogue_jobs.settings.is_paused is 'By the operator, until resumed: nothing is claimed.';
comment on column catalogue_jobs.settings.paused_until is 'By a run that was told to wait: nothing is claimed before.';
comment on column catalogue_jobs.settings.enqueues_materials is 'New and changed materials enqueue their picture.';
comment on column catalogue_jobs.settings.upload_buckets is 'Buckets whose uploads enqueue themselves.';
comment on column catalogue_jobs.settings.last_run_at is 'When jobs were last claimed for.';

create table if not exists catalogue_jobs.picture_materials (
  bucket text not null,
  path text not null,
  material_id uuid not null,
  primary key (bucket, path)
);

comment on table catalogue_jobs.picture_materials is
  'Which material an upload shows, where the first segment of its path is no material''s id. Kept by the operator.';
comment on column catalogue_jobs.picture_materials.bucket is 'Of the upload.';
comment on column catalogue_jobs.picture_materials.path is 'Of the upload.';
comment on column catalogue_jobs.picture_materials.material_id is 'The material.';

do $$
declare
  v_table text;
begin
  foreach v_table in array array['budgets', 'jobs', 'replaced_analyses', 'settings', 'picture_materials']
  loop
    execute format('alter table catalogue_jobs.%I enable row level security', v_table);
    execute format(
      'revoke all on table catalogue_jobs.%I from public, anon, authenticated, service_role', v_table
    );
    if v_table <> 'jobs' then
      -- That there is no other is meant so: the advisors name a table that has none.
      execute format('drop policy if exists no_access on catalogue_jobs.%I', v_table);
      execute format('create policy no_access on catalogue_jobs.%I using (false)', v_table);
    end if;
  end loop;
end
$$;

-- In a sub-select the claims are read once a query and not once a row.
drop policy if exists jobs_select_own on catalogue_jobs.jobs;
create policy jobs_select_own on catalogue_jobs.jobs
for select to authenticated
using (
  owner_id::text = nullif((select current_setting('request.jwt.claims', true)), '')::jsonb ->> 'sub'
);

comment on policy jobs_select_own on catalogue_jobs.jobs is
  'Users see what is done with their own uploads.';

grant usage on schema catalogue_jobs to authenticated;
grant select (id, material_id, source, owner_id, state, last_code, last_error, answer, created_at, ended_at)
on table catalogue_jobs.jobs to authenticated;

create or replace view public.semantic_analysis_uploads
with (security_invoker = true)
as
select id, material_id, source, state, last_code, last_error, answer, created_at, ended_at
from catalogue_jobs.jobs;

comment on view public.semantic_analysis_uploads is
  'What became of the signed-in user''s own uploads, the answer included where the picture has no material.';

revoke all on table public.semantic_analysis_uploads from public, anon, authenticated, service_role;
grant select on table public.semantic_analysis_uploads to authenticated;
