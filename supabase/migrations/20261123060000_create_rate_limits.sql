-- What every subject has used of its limits: a minute with burst, and a UTC day. Private to the
-- functions that decide on them, in a later migration; nobody else can read any of it.

create schema if not exists semantic_analysis;

revoke all on schema semantic_analysis from public;

comment on schema semantic_analysis is
  'Private to the semantic-analysis function. Not exposed by the API; reached only through the public.semantic_analysis_* functions.';

create table if not exists semantic_analysis.rate_limits (
  subject text primary key check (char_length(subject) between 1 and 200),
  tat timestamptz not null,
  day date not null,
  day_used integer not null check (day_used >= 0)
)
-- Every request rewrites its subject's row. Room on each page lets the new version stay beside the
-- old one (a HOT update: no index entry is written), and early vacuuming keeps the pages few.
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

comment on table semantic_analysis.rate_limits is
  'One row per subject that has ever been admitted: the whole state of its limits.';
comment on column semantic_analysis.rate_limits.subject is
  'Who the limits belong to: user:<uuid> or service:<name of the project secret>.';
comment on column semantic_analysis.rate_limits.tat is
  'Theoretical arrival time of the generic cell rate algorithm: when the burst is whole again.';
comment on column semantic_analysis.rate_limits.day is
  'The UTC day that day_used counts.';
comment on column semantic_analysis.rate_limits.day_used is
  'Requests admitted on that day.';

-- No policy: only the owner of the functions below gets past this.
alter table semantic_analysis.rate_limits enable row level security;

revoke all on table semantic_analysis.rate_limits from public, anon, authenticated, service_role;
