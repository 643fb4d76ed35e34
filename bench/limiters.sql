-- What the limiter is measured against: the floor, and what is usually written.

create or replace function public.bench_select_one(p_subject text) returns integer
language sql as 'select 1';

-- The generic cell rate algorithm and nothing else, 60,000 a minute with as large a burst.
create table public.bench_gcra (subject text primary key, tat timestamptz not null)
with (fillfactor = 70);

create or replace function public.bench_gcra(p_subject text) returns boolean
language sql as $$
  insert into public.bench_gcra as g values (p_subject, clock_timestamp() + interval '1 ms')
  on conflict (subject) do update
  set tat = greatest(g.tat, clock_timestamp()) + interval '1 ms'
  where greatest(g.tat, clock_timestamp()) + interval '1 ms' <= clock_timestamp() + interval '1 minute'
  returning true;
$$;

-- Read, decide in the function, write: two calls, and between them another request may read the same.
create table public.bench_counters (subject text primary key, used integer not null);

create or replace function public.bench_read_counter(p_subject text) returns integer
language sql as 'select coalesce((select used from public.bench_counters where subject = p_subject), 0)';

create or replace function public.bench_write_counter(p_subject text, p_used integer) returns void
language sql as $$
  insert into public.bench_counters values (p_subject, p_used)
  on conflict (subject) do update set used = excluded.used;
$$;

-- A row a request, and the last minute's are counted each time.
create table public.bench_requests (subject text not null, at timestamptz not null);
create index on public.bench_requests (subject, at);

create or replace function public.bench_count_and_insert(p_subject text) returns integer
language plpgsql as $$
declare
  v_count integer;
begin
  select count(*) into v_count from public.bench_requests
  where subject = p_subject and at > clock_timestamp() - interval '1 minute';
  if v_count < 1000000 then
    insert into public.bench_requests values (p_subject, clock_timestamp());
  end if;
  return v_count;
end;
$$;

grant execute on all functions in schema public to service_role;
grant all on public.bench_gcra, public.bench_counters, public.bench_requests to service_role;
notify pgrst, 'reload schema';
