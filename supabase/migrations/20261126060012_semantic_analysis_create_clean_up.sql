-- Removes what no request needs any more, and what is left of users who were deleted.
--
-- public.semantic_analysis_clean_up is run once a day by pg_cron where that extension is installed, and
-- may be called by the project with service_role otherwise.

create or replace function public.semantic_analysis_clean_up(p_retention_days integer default 90)
returns jsonb
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_today date := (v_now at time zone 'utc')::date;
  v_month date := v_today - (extract(day from v_today)::integer - 1);
  v_ledger integer;
  v_answers integer;
  v_rate_limits integer;
  v_search_limits integer;
  v_feedback integer;
begin
  if p_retention_days not between 1 and 36500 then
    raise exception 'Retention must be 1 to 36500 days, got %', p_retention_days
      using errcode = 'invalid_parameter_value';
  end if;

  -- Subjects before answers, as reserve locks them. A row says nothing once its day and its month are over, its burst is whole and no hold is left: one
  -- that isn't there means the same.
  delete from semantic_analysis.rate_limits
  where day < v_today
      and month < v_month
      and tat < v_now
      and deleted_at is null
      and not exists (select from unnest(holds) as hold where hold.expires_at > v_now)
    or deleted_at < v_now - interval '1 day';
  get diagnostics v_rate_limits = row_count;

  delete from semantic_analysis.search_limits where tat < v_now;
  get diagnostics v_search_limits = row_count;

  delete from semantic_analysis.answers
  where coalesce(expires_at, '-infinity') < v_now - interval '2 minutes'
    and coalesce(lease_until, '-infinity') < v_now - interval '2 minutes';
  get diagnostics v_answers = row_count;

  delete from semantic_analysis.ledger
  where (at at time zone 'utc')::date < v_today - p_retention_days;
  get diagnostics v_ledger = row_count;

  delete from semantic_analysis.feedback
  where given_at < v_now - make_interval(days => p_retention_days)
    and (state <> 'accepted' or given_at < v_now - interval '1 year');
  get diagnostics v_feedback = row_count;

  return jsonb_build_object(
    'ledger', v_ledger, 'answers', v_answers, 'rate_limits', v_rate_limits,
    'search_limits', v_search_limits, 'feedback', v_feedback
  );
end;
$$;

comment on function public.semantic_analysis_clean_up(integer) is
  'Deletes rows of the ledger and feedback that are older than the retention (accepted feedback after a year), answers that have expired, and limits that say nothing any more; how many of each. For service_role only.';

create or replace function semantic_analysis.forget_user()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_subject constant text := 'user:' || old.id;
  v_statement text;
begin
  foreach v_statement in array array[
    -- The tombstone. Holds stay, so that the budgets get back what is not used; they are gone with it.
    'insert into semantic_analysis.rate_limits (subject, deleted_at) values ($1, clock_timestamp())
     on conflict (subject) do update
     set tat = ''-infinity'', day_used = 0, spent_nano = 0, deleted_at = excluded.deleted_at',
    'delete from semantic_analysis.search_limits where subject = $1',
    'delete from semantic_analysis.limit_settings where subject = $1',
    'delete from semantic_analysis.feedback where subject = $1',
    -- Those under way and those that the ledger knows.
    'delete from semantic_analysis.answers where holder in (
       select hold.id from semantic_analysis.rate_limits, unnest(holds) as hold where subject = $1
       union all
       select id from semantic_analysis.ledger where subject = $1
     )',
    -- What was spent stays in the sums; who spent it doesn''t.
    'update semantic_analysis.ledger set subject = ''deleted'' where subject = $1'
  ] loop
    begin
      execute v_statement using v_subject;
    exception
      -- A project that has dropped one of our tables can still delete its users.
      when undefined_table or undefined_column or invalid_schema_name then null;
    end;
  end loop;
  return null;
end;
$$;

comment on function semantic_analysis.forget_user is
  'Trigger of auth.users: anonymises a deleted user''s rows of the ledger, removes their limits, feedback and answers, and leaves a tombstone for a day.';

do $$
begin
  if to_regclass('auth.users') is not null then
    create or replace trigger semantic_analysis_forget_user
    after delete on auth.users
    for each row execute function semantic_analysis.forget_user();
    if exists (
      select from pg_catalog.pg_attribute
      where attrelid = 'auth.users'::regclass and attname = 'deleted_at' and not attisdropped
    ) then
      -- Supabase Auth can keep the row of a user it deletes.
      create or replace trigger semantic_analysis_forget_soft_deleted_user
      after update of deleted_at on auth.users
      for each row when (old.deleted_at is null and new.deleted_at is not null)
      execute function semantic_analysis.forget_user();
    end if;
  end if;
exception
  -- Another's table, or a view that an application has made itself.
  when insufficient_privilege or wrong_object_type then
    raise notice 'auth.users takes no trigger: the ledger of deleted users keeps their ids';
end
$$;

do $$
begin
  if exists (select from pg_catalog.pg_extension where extname = 'pg_cron') then
    -- A job of the same name is replaced.
    perform cron.schedule(
      'semantic-analysis-clean-up', '17 3 * * *', 'select public.semantic_analysis_clean_up()'
    );
  end if;
end
$$;

revoke all on function
  public.semantic_analysis_clean_up(integer),
  semantic_analysis.forget_user
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_clean_up(integer) to service_role;
