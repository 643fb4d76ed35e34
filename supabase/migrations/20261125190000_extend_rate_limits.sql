-- Beside the minute and the day: requests at a time, dollars a month, and settings per subject and plan.
-- The functions that decide on all of it are in a later migration.

do $$
begin
  create type semantic_analysis.hold as (
    id uuid,
    expires_at timestamptz,
    day date,
    month date,
    ceiling_nano bigint,
    is_in_project boolean
  );
exception
  when duplicate_object then null;
end
$$;

comment on type semantic_analysis.hold is
  'A request under way. id: the request''s. expires_at: until when it counts if nobody settles it. day, month: where its units were taken. ceiling_nano: nano-dollars taken in advance. is_in_project: they were taken from the project''s row too.';

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

alter table semantic_analysis.rate_limits
  add column if not exists month date not null default '-infinity',
  add column if not exists spent_nano bigint not null default 0 check (spent_nano >= 0),
  add column if not exists holds semantic_analysis.hold[] not null default '{}';

comment on table semantic_analysis.rate_limits is
  'One row per subject that has ever been admitted: the whole state of its limits. The row "project" counts the dollars of all of them while the project has a ceiling.';
comment on column semantic_analysis.rate_limits.subject is
  'Who the limits belong to: user:<uuid>, service:<name>, or project.';
comment on column semantic_analysis.rate_limits.month is
  'First day of the UTC month that spent_nano counts.';
comment on column semantic_analysis.rate_limits.spent_nano is
  'Nano-dollars of that month: what settled requests cost, and the ceilings of those that aren''t settled.';
comment on column semantic_analysis.rate_limits.holds is
  'Requests under way; those that have expired are dropped by the next decision.';

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
  nano_per_month bigint check (nano_per_month >= 0)
);

comment on table semantic_analysis.limit_settings is
  'Limits of single subjects and of plans. Null inherits: from the subject''s plan, then from the environment of the function. In force with the next request.';
comment on column semantic_analysis.limit_settings.subject is
  'user:<uuid>, service:<name>, or plan:<name>.';
comment on column semantic_analysis.limit_settings.plan is
  'The plan that a user or service is on, as plan:<name>.';
comment on column semantic_analysis.limit_settings.per_minute is
  'Sustained requests per minute.';
comment on column semantic_analysis.limit_settings.burst is
  'Requests that may come at once after a pause; where it is null, per_minute of the same row stands in for it.';
comment on column semantic_analysis.limit_settings.per_day is
  'Requests per UTC day that ask the model; 0 for none, what is cached is still given.';
comment on column semantic_analysis.limit_settings.concurrent is
  'Requests at a time.';
comment on column semantic_analysis.limit_settings.nano_per_month is
  'Nano-dollars (1e-9 $) per UTC month.';

alter table semantic_analysis.limit_settings enable row level security;

revoke all on table semantic_analysis.limit_settings from public, anon, authenticated, service_role;

-- The plan's foreign key is followed when a plan is deleted or renamed.
create index if not exists limit_settings_plan_idx on semantic_analysis.limit_settings (plan)
where plan is not null;
