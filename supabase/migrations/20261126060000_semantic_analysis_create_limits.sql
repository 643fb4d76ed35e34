-- What every subject may use and has used: a minute with burst, a UTC day, requests at a time and US
-- dollars a month; and what many subjects share. Private: reached through the public.semantic_analysis_*
-- functions of later migrations alone.

-- Names that an application has given already, and a grant that is missing, are told before anything is
-- created. A function of other arguments is another one and is left beside ours.
do $$
declare
  v_problems text;
begin
  with
  -- The mark is the comment on the schema: this file may run again.
  installed as (
    select coalesce(
      obj_description(to_regnamespace('semantic_analysis')::oid, 'pg_namespace')
        like 'Private to the semantic-analysis function.%',
      false
    ) as is_ours
  ),
  problem (told) as (
    select 'the schema semantic_analysis is not of this project: rename it'
    from installed where not is_ours and to_regnamespace('semantic_analysis') is not null
    union all
    select format('the function public.%s has a name of this project''s: rename it', signature)
    from installed, unnest(array[
      'semantic_analysis_read_answer(text, uuid)',
      'semantic_analysis_set_limits(text, text, integer, integer, integer, integer, numeric, integer)',
      'semantic_analysis_reserve(text, uuid, integer, integer, integer, integer, bigint, bigint, numeric, text, boolean, bigint, jsonb, text[], text, text)',
      'semantic_analysis_settle(text, uuid, numeric, boolean, text, text, integer, integer, jsonb, jsonb)',
      'semantic_analysis_read_limits(text, integer, integer, integer, integer, bigint, jsonb)',
      'semantic_analysis_clean_up(integer)',
      'semantic_analysis_read_chain_health()',
      'semantic_analysis_read_migrations()',
      'semantic_analysis_read_days(integer)',
      'semantic_analysis_read_object(text, text, uuid)',
      'semantic_analysis_store_map(jsonb)',
      'semantic_analysis_withdraw_map(text, text, text, text, text)',
      'semantic_analysis_read_maps()',
      'semantic_analysis_give_feedback(text, uuid, text, jsonb)',
      'semantic_analysis_read_feedback(integer)',
      'semantic_analysis_review_feedback(uuid, boolean, boolean)',
      'semantic_analysis_read_labels(text, text)',
      'semantic_analysis_read_calibration()'
    ]) signature
    where not is_ours and to_regprocedure('public.' || signature) is not null
    union all
    select 'public.semantic_analysis_usage has the name of a view of this project: rename it'
    from installed where not is_ours and (
      to_regclass('public.semantic_analysis_usage') is not null
      or to_regtype('public.semantic_analysis_usage') is not null
    )
    union all
    select format('the schema public: grant create on it to %s', current_user)
    where not has_schema_privilege('public', 'create')
    union all
    select format('auth.users: its trigger %s has a name of this project''s: rename it', t.tgname)
    from pg_trigger t
    join pg_class c on c.oid = t.tgrelid and c.relname = 'users'
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'auth'
    join pg_proc p on p.oid = t.tgfoid
    where t.tgname in ('semantic_analysis_forget_user', 'semantic_analysis_forget_soft_deleted_user')
      and p.pronamespace is distinct from to_regnamespace('semantic_analysis')::oid
  )
  select string_agg('- ' || told, e'\n' order by told) into v_problems from problem;
  if v_problems is not null then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = concat_ws(
        e'\n',
        'The analysis is not installed, for something in this database is in its way:',
        v_problems,
        'Nothing was changed. Mend it and push again, or take it out of the project by: '
          || 'deno task install <folder> --only none'
      );
  end if;
end
$$;

create schema if not exists semantic_analysis;

revoke all on schema semantic_analysis from public, anon, authenticated, service_role;

comment on schema semantic_analysis is
  'Private to the semantic-analysis function. Not exposed by the API; reached only through the public.semantic_analysis_* functions.';

do $$
begin
  create type semantic_analysis.hold as (
    id uuid,
    expires_at timestamptz,
    day date,
    month date,
    ceiling_nano bigint,
    is_in_anonymous boolean,
    is_in_project boolean
  );
exception
  when duplicate_object then null;
end
$$;

comment on type semantic_analysis.hold is
  'A reservation that is not settled yet. id: the request''s. expires_at: the end of its lease. day, month: where its units were taken. ceiling_nano: nano-dollars taken. is_in_anonymous, is_in_project: they were taken from that budget too.';

do $$
begin
  create type semantic_analysis.limits as (
    per_minute integer,
    burst integer,
    per_day integer,
    concurrent integer,
    nano_per_month bigint
  );
exception
  when duplicate_object then null;
end
$$;

comment on type semantic_analysis.limits is
  'What a subject may use. nano_per_month: nano-dollars (1e-9 $); null for no such limit.';

create table if not exists semantic_analysis.rate_limits (
  subject text primary key check (char_length(subject) between 1 and 200),
  tat timestamptz not null default '-infinity',
  day date not null default '-infinity',
  day_used integer not null default 0 check (day_used >= 0),
  month date not null default '-infinity',
  spent_nano bigint not null default 0 check (spent_nano >= 0),
  holds semantic_analysis.hold[] not null default '{}',
  deleted_at timestamptz
)
-- Every request rewrites its subject's row. Room on each page lets the new version stay beside the
-- old one (a HOT update: no index entry is written), and early vacuuming keeps the pages few.
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

comment on table semantic_analysis.rate_limits is
  'One row per subject that has ever been admitted: the whole state of its limits.';
comment on column semantic_analysis.rate_limits.subject is
  'Whose limits they are: user:<uuid> or service:<name>.';
comment on column semantic_analysis.rate_limits.tat is
  'Theoretical arrival time of the generic cell rate algorithm: when the burst is whole again.';
comment on column semantic_analysis.rate_limits.day is
  'The UTC day that day_used counts.';
comment on column semantic_analysis.rate_limits.day_used is
  'Requests admitted on that day.';
comment on column semantic_analysis.rate_limits.month is
  'First day of the UTC month that spent_nano counts.';
comment on column semantic_analysis.rate_limits.spent_nano is
  'Nano-dollars of that month: what settled requests cost, and the ceilings of the holds.';
comment on column semantic_analysis.rate_limits.holds is
  'Requests under way; those whose lease has ended are dropped by the next decision.';
comment on column semantic_analysis.rate_limits.deleted_at is
  'A tombstone: when the user was deleted. Their token may be good for an hour more; for a day it is admitted to nothing.';

create table if not exists semantic_analysis.budgets (
  name text primary key check (name in ('anonymous', 'project')),
  period date not null default '-infinity',
  spent_nano bigint not null default 0 check (spent_nano >= 0)
)
-- Two rows that most requests rewrite: with half the page empty the dead versions are pruned before
-- they make the way to the live one long.
with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

comment on table semantic_analysis.budgets is
  'US dollars that many subjects share: all together, and all anonymous users together. The ceilings come with each request, from the environment of the function.';
comment on column semantic_analysis.budgets.name is
  'project, of a UTC month; anonymous, of a UTC day.';
comment on column semantic_analysis.budgets.period is
  'First day of the month or day that spent_nano counts.';
comment on column semantic_analysis.budgets.spent_nano is
  'Nano-dollars of that period, counted as in rate_limits.';

insert into semantic_analysis.budgets (name) values ('anonymous'), ('project')
on conflict do nothing;

create table if not exists semantic_analysis.limit_settings (
  subject text primary key check (char_length(subject) between 1 and 200),
  plan text
    references semantic_analysis.limit_settings (subject)
    -- A plan has no plan, so that nothing has to be followed further than once.
    check (plan is null or (plan like 'plan:_%' and subject not like 'plan:%')),
  per_minute integer check (per_minute between 1 and 60000),
  burst integer check (burst between 1 and 60000),
  per_day integer check (per_day between 0 and 100000000),
  concurrent integer check (concurrent between 1 and 10000),
  nano_per_month bigint check (nano_per_month >= 0),
  searches_per_minute integer check (searches_per_minute between 1 and 60000),
  -- What all others inherit comes from the environment, but for what no function asks for.
  constraint limit_settings_default_check check (
    subject <> 'default'
    or coalesce(plan, per_minute::text, burst::text, per_day::text, concurrent::text,
      nano_per_month::text) is null
  )
);

comment on table semantic_analysis.limit_settings is
  'Limits of single subjects and of plans. Null inherits: from the subject''s plan, then from the environment of the function. In force with the next request.';
comment on column semantic_analysis.limit_settings.subject is
  'user:<uuid>, service:<name>, plan:<name>, or default, which sets searches_per_minute alone.';
comment on column semantic_analysis.limit_settings.plan is
  'The plan that a user or service is on, as plan:<name>.';
comment on column semantic_analysis.limit_settings.per_minute is
  'Sustained requests per minute.';
comment on column semantic_analysis.limit_settings.burst is
  'Requests that may come at once after a pause; where it is null, per_minute of the same row stands in for it.';
comment on column semantic_analysis.limit_settings.per_day is
  'Requests per UTC day that ask a model; 0 for none, stored answers are still given.';
comment on column semantic_analysis.limit_settings.concurrent is
  'Requests at a time.';
comment on column semantic_analysis.limit_settings.nano_per_month is
  'Nano-dollars (1e-9 $) per UTC month.';
comment on column semantic_analysis.limit_settings.searches_per_minute is
  'Searches of the catalogue per minute, all of which may come at once; null everywhere: 60.';

-- The plan's foreign key is followed when a plan is deleted or renamed.
create index if not exists limit_settings_plan_idx on semantic_analysis.limit_settings (plan)
where plan is not null;

create table if not exists semantic_analysis.search_limits (
  subject text primary key check (char_length(subject) between 1 and 200),
  tat timestamptz not null default '-infinity'
)
-- As for rate_limits.
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

comment on table semantic_analysis.search_limits is
  'One row per user who has searched. Apart from rate_limits, because a search keeps its row locked until it ends, and must not hold up the same user''s analyses.';
comment on column semantic_analysis.search_limits.subject is
  'Whose minute it is: user:<uuid>.';
comment on column semantic_analysis.search_limits.tat is
  'As in rate_limits.';

-- Only the owner of the functions of later migrations gets past this. The policies say that it is meant
-- so: the advisors name a table that has none.
do $$
declare
  v_table text;
begin
  foreach v_table in array array['rate_limits', 'budgets', 'limit_settings', 'search_limits'] loop
    execute format('alter table semantic_analysis.%I enable row level security', v_table);
    execute format('drop policy if exists no_access on semantic_analysis.%I', v_table);
    execute format('create policy no_access on semantic_analysis.%I using (false)', v_table);
  end loop;
end
$$;

-- Also what default privileges of the project have granted.
revoke all on table
  semantic_analysis.rate_limits,
  semantic_analysis.budgets,
  semantic_analysis.limit_settings,
  semantic_analysis.search_limits
from public, anon, authenticated, service_role;
