-- What a user has searched for. Written by visual-search with a project secret after it has answered,
-- for the user of the verified token; never the picture.

create table if not exists public.visual_search_history (
  id bigint generated always as identity primary key,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  search_type text not null,
  query_text text,
  has_image boolean not null,
  filters jsonb not null,
  total_results integer not null,
  search_time_ms integer not null,
  request_id uuid not null
);

comment on table public.visual_search_history is
  'One row a search of a signed-in user. They may read and delete their own.';
comment on column public.visual_search_history.id is 'Newer ones are larger.';
comment on column public.visual_search_history.user_id is 'Of the verified token.';
comment on column public.visual_search_history.created_at is 'When it was answered.';
comment on column public.visual_search_history.search_type is 'As in the request.';
comment on column public.visual_search_history.query_text is 'As in the request; null without one.';
comment on column public.visual_search_history.has_image is 'Whether a picture was given. It is not kept.';
comment on column public.visual_search_history.filters is 'As in the request.';
comment on column public.visual_search_history.total_results is 'How many were found.';
comment on column public.visual_search_history.search_time_ms is 'From arrival to answer.';
comment on column public.visual_search_history.request_id is 'Under which the logs have it.';

-- A user's latest searches, and the policies below.
create index if not exists visual_search_history_user_id_idx
  on public.visual_search_history (user_id, id desc);

alter table public.visual_search_history enable row level security;

do $$
begin
  create policy visual_search_history_read_own on public.visual_search_history
    for select to authenticated
    using (user_id::text = (
      select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    ));
exception
  when duplicate_object then null;
end
$$;

do $$
begin
  create policy visual_search_history_delete_own on public.visual_search_history
    for delete to authenticated
    using (user_id::text = (
      select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    ));
exception
  when duplicate_object then null;
end
$$;

revoke all on table public.visual_search_history from public, anon;
grant select, delete on table public.visual_search_history to authenticated;
grant select, insert, delete on table public.visual_search_history to service_role;

create or replace function material_search.forget_searches()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from public.visual_search_history where user_id = old.id;
  return old;
end;
$$;

comment on function material_search.forget_searches is
  'Trigger of auth.users: removes a deleted user''s search history.';

revoke execute on function material_search.forget_searches from public;

do $$
begin
  if to_regclass('auth.users') is not null then
    create or replace trigger material_search_forget_searches
    after delete on auth.users
    for each row execute function material_search.forget_searches();
  end if;
end
$$;
