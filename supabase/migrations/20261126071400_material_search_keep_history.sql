-- What a user has searched for, where the operator has switched that on: written by visual-search with a
-- project secret after it has answered, for the user of the verified token; never the picture.

create table if not exists material_search.history (
  id bigint generated always as identity primary key,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  search_type text not null check (octet_length(search_type) <= 100),
  query_text text check (octet_length(query_text) <= 1500),
  has_image boolean not null,
  filters jsonb check (octet_length(filters::text) <= 2000),
  total_results integer not null,
  search_time_ms integer not null,
  request_id uuid not null
);

comment on table material_search.history is
  'One row a search of a signed-in user, of 4 kB at most. They may read and delete their own.';
comment on column material_search.history.id is 'Newer ones are larger.';
comment on column material_search.history.user_id is 'Of the verified token.';
comment on column material_search.history.created_at is 'When it was answered.';
comment on column material_search.history.search_type is 'As in the request.';
comment on column material_search.history.query_text is 'As in the request, cut to 1,500 bytes; null without one.';
comment on column material_search.history.has_image is 'Whether a picture was given. It is not kept.';
comment on column material_search.history.filters is 'As in the request; null for more than 2,000 bytes of them.';
comment on column material_search.history.total_results is 'How many were found.';
comment on column material_search.history.search_time_ms is 'From arrival to answer.';
comment on column material_search.history.request_id is 'Under which the logs have it.';

-- A user's latest searches, and the policies below.
create index if not exists history_user_id_idx on material_search.history (user_id, id desc);

alter table material_search.history enable row level security;

drop policy if exists history_read_own on material_search.history;
create policy history_read_own on material_search.history
  for select to authenticated
  using (user_id::text = (
    select nullif((select current_setting('request.jwt.claims', true)), '')::jsonb ->> 'sub'
  ));

drop policy if exists history_delete_own on material_search.history;
create policy history_delete_own on material_search.history
  for delete to authenticated
  using (user_id::text = (
    select nullif((select current_setting('request.jwt.claims', true)), '')::jsonb ->> 'sub'
  ));

revoke all on table material_search.history from public, anon, authenticated, service_role;
grant select, delete on table material_search.history to authenticated, service_role;

create or replace view public.material_search_history
with (security_invoker = true)
as
select
  id, user_id, created_at, search_type, query_text, has_image, filters, total_results,
  search_time_ms, request_id
from material_search.history;

comment on view public.material_search_history is
  'What the signed-in user has searched for: their own rows, by row level security. They may delete them.';

revoke all on table public.material_search_history from public, anon, authenticated, service_role;
grant select, delete on table public.material_search_history to authenticated, service_role;

create or replace function public.material_search_write_history(
  p_user_id uuid,
  p_request_id uuid,
  p_search_type text,
  p_has_image boolean,
  p_total_results integer,
  p_search_time_ms integer,
  p_query_text text default null,
  p_filters jsonb default null
)
returns void
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
begin
  if not (select is_history_kept from material_search.settings) then
    return;
  end if;
  -- Takes turns with the user's deletion (material_search.forget_user).
  perform pg_advisory_xact_lock_shared(
    hashtext('material_search.own_materials'), hashtext(p_user_id::text)
  );
  if semantic_analysis.is_deleted('user:' || p_user_id) then
    return;
  end if;
  insert into material_search.history (
    user_id, search_type, query_text, has_image, filters, total_results, search_time_ms, request_id
  ) values (
    -- 375 characters are 1,500 bytes at most.
    p_user_id, left(p_search_type, 25), left(p_query_text, 375), p_has_image,
    case when pg_column_size(p_filters) <= 2000 and octet_length(p_filters::text) <= 2000 then p_filters end,
    p_total_results, p_search_time_ms, p_request_id
  );
end;
$$;

comment on function public.material_search_write_history is
  'Notes a search of a user, if the operator keeps the history and the user was not deleted. For service_role only.';

create or replace function public.material_search_clean_up(p_retention_days integer default 90)
returns jsonb
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_history integer;
  v_skipped integer;
begin
  if p_retention_days is null or p_retention_days not between 1 and 36500 then
    raise exception 'Retention must be 1 to 36500 days, got %', p_retention_days
      using errcode = 'invalid_parameter_value';
  end if;
  delete from material_search.history
  where created_at < clock_timestamp() - make_interval(days => p_retention_days);
  get diagnostics v_history = row_count;
  delete from material_search.skipped old
  where not exists (select from public.materials_catalog material where material.id = old.material_id);
  get diagnostics v_skipped = row_count;
  -- Vectors that were stored since have changed how alike pairs are.
  if to_regclass('material_search.embeddings') is not null then
    perform material_search.learn_cut_off(s) from material_search.embedding_spaces s;
  end if;
  return jsonb_build_object('history', v_history, 'skipped', v_skipped);
end;
$$;

comment on function public.material_search_clean_up is
  'Deletes searches that are older than the retention, and notes about materials that are gone; how many of each. Learns the cut-offs of embedding spaces anew. For service_role only.';

create or replace function public.material_search_read_state()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'documents', (select count(*) from material_search.documents where not needs_analysis),
    'pending', (select count(*) from material_search.pending),
    'skipped', (select count(distinct material_id) from material_search.skipped),
    'skipped_reasons', (
      select coalesce(jsonb_object_agg(counted.reason, counted.n), '{}')
      from (
        select reason, count(*) as n from material_search.skipped
        group by reason order by n desc, reason limit 20
      ) counted
    ),
    'has_embeddings', to_regclass('material_search.embeddings') is not null,
    'settings', to_jsonb((select s from material_search.settings s)) - 'is_only_row'
  );
end;
$$;

comment on function public.material_search_read_state is
  'For the doctor: how many materials are indexed, pending and skipped, the reasons, and the settings. For service_role only.';

do $$
begin
  if exists (select from pg_catalog.pg_extension where extname = 'pg_cron') then
    -- A job of the same name is replaced.
    perform cron.schedule(
      'material-search-clean-up', '17 3 * * *', 'select public.material_search_clean_up()'
    );
  end if;
end
$$;

revoke all on function
  public.material_search_write_history, public.material_search_clean_up,
  public.material_search_read_state
  from public, anon, authenticated, service_role;
grant execute on function
  public.material_search_write_history, public.material_search_clean_up,
  public.material_search_read_state
  to service_role;
