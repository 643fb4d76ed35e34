-- Removes what nobody needs any more, and what is left of users who are gone.
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
begin
  if p_retention_days < 1 then
    raise exception 'Retention must be at least 1 day, got %', p_retention_days
      using errcode = 'invalid_parameter_value';
  end if;

  delete from semantic_analysis.ledger
  where at < v_now - make_interval(days => p_retention_days);
  get diagnostics v_ledger = row_count;

  delete from semantic_analysis.answers
  where coalesce(expires_at, '-infinity') < v_now - interval '2 minutes'
    and coalesce(lease_until, '-infinity') < v_now - interval '2 minutes';
  get diagnostics v_answers = row_count;

  -- A row says nothing once its day and its month are over, its burst is whole and no hold is left: one
  -- that isn't there means the same.
  delete from semantic_analysis.rate_limits
  where day < v_today
    and month < v_month
    and tat < v_now
    and not exists (select from unnest(holds) as hold where hold.expires_at > v_now);
  get diagnostics v_rate_limits = row_count;

  return jsonb_build_object(
    'ledger', v_ledger, 'answers', v_answers, 'rate_limits', v_rate_limits
  );
end;
$$;

comment on function public.semantic_analysis_clean_up is
  'Deletes rows of the ledger that are older than the retention, answers that have expired, and limits that say nothing any more; how many of each. For service_role only.';

revoke execute on function public.semantic_analysis_clean_up from public, anon, authenticated;
grant execute on function public.semantic_analysis_clean_up to service_role;

create or replace function semantic_analysis.forget_user()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- What was spent stays in the sums; who spent it doesn't.
  update semantic_analysis.ledger set subject = 'deleted' where subject = 'user:' || old.id;
  delete from semantic_analysis.rate_limits where subject = 'user:' || old.id;
  delete from semantic_analysis.limit_settings where subject = 'user:' || old.id;
  return old;
end;
$$;

comment on function semantic_analysis.forget_user is
  'Trigger of auth.users: anonymises a deleted user''s rows of the ledger and removes their limits.';

revoke execute on function semantic_analysis.forget_user from public;

do $$
begin
  if to_regclass('auth.users') is not null then
    create or replace trigger semantic_analysis_forget_user
    after delete on auth.users
    for each row execute function semantic_analysis.forget_user();
  end if;
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
