-- Settle: once it is known what a request cost, four jobs: its hold becomes its cost, its answer or
-- failure reaches its followers, the oldest answers make room, and the ledger gets its row.
--
-- Called by the edge functions through PostgREST with a project secret (role service_role), after the
-- response, and again where the database didn't answer: a second call changes nothing.

create or replace function semantic_analysis.release_hold(
  p_row semantic_analysis.rate_limits,
  p_hold semantic_analysis.hold,
  p_actual_nano bigint,
  p_gives_back_day boolean,
  p_now timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  p_row := semantic_analysis.bring_up_to_date(p_row, p_now);
  p_row.holds := array(select hold from unnest(p_row.holds) as hold where hold.id <> p_hold.id);
  if p_hold.month = p_row.month then
    p_row.spent_nano := semantic_analysis.to_nano(
      p_row.spent_nano::numeric + p_actual_nano - p_hold.ceiling_nano
    );
  end if;
  if p_gives_back_day and p_hold.day = p_row.day then
    p_row.day_used := greatest(p_row.day_used - 1, 0);
  end if;
  update semantic_analysis.rate_limits
  set day = p_row.day, day_used = p_row.day_used, month = p_row.month,
    spent_nano = p_row.spent_nano, holds = p_row.holds
  where subject = p_row.subject;
  perform semantic_analysis.correct_budgets(p_hold, p_actual_nano - p_hold.ceiling_nano, p_now);
end;
$$;

comment on function semantic_analysis.release_hold is
  'Replaces what a hold took by what the request cost, in its subject''s locked row and in the budgets.';

create or replace function semantic_analysis.store_answer(
  p_key bytea,
  p_id uuid,
  p_answer text,
  p_ttl_s integer,
  p_failure jsonb,
  p_now timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if p_answer is not null and p_ttl_s > 0 then
    insert into semantic_analysis.answers as a (
      key, position, body, stored_at, expires_at, holder
    )
    values (
      p_key, nextval('semantic_analysis.answer_positions'), p_answer, p_now,
      p_now + make_interval(secs => p_ttl_s), p_id
    )
    on conflict (key) do update
    set position = excluded.position,
      body = excluded.body,
      stored_at = excluded.stored_at,
      expires_at = excluded.expires_at,
      failure = null,
      -- A request that refreshes may do so while another one leads, whose claim is its own.
      lease_until = case when a.holder = p_id then null else a.lease_until end;
  else
    -- Not worth keeping, or a failure: for followers alone.
    update semantic_analysis.answers
    set body = p_answer, stored_at = p_now, expires_at = p_now, lease_until = null,
      failure = p_failure
    where key = p_key and holder = p_id and lease_until is not null
      and (expires_at is null or expires_at <= p_now);
  end if;
end;
$$;

comment on function semantic_analysis.store_answer is
  'Keeps an answer for so many seconds, or gives what came instead to those who follow this request.';

create or replace function semantic_analysis.evict_answers(
  p_max_answers integer,
  p_now timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  -- Followers look for an answer at least once a second.
  c_grace constant interval := interval '2 minutes';
begin
  -- A request writes one row and removes up to four.
  delete from semantic_analysis.answers
  where key in (
    select oldest.key
    from (
      select * from semantic_analysis.answers order by position limit 4
      for update skip locked
    ) as oldest
    where oldest.position <= (
        select last_value from semantic_analysis.answer_positions
      ) - p_max_answers
      or (
        coalesce(oldest.expires_at, '-infinity') < p_now - c_grace
        and coalesce(oldest.lease_until, '-infinity') < p_now - c_grace
      )
  );
end;
$$;

comment on function semantic_analysis.evict_answers is
  'Deletes the oldest answers, where they are beyond the number that is kept or have expired.';

create or replace function semantic_analysis.settle_at(
  p_subject text,
  p_id uuid,
  p_actual_nano numeric,
  p_gives_back_day boolean,
  p_key bytea,
  p_answer text,
  p_ttl_s integer,
  p_max_answers integer,
  p_failure jsonb,
  p_entry jsonb,
  p_now timestamptz default null
)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_row semantic_analysis.rate_limits;
  v_hold semantic_analysis.hold;
  v_actual_nano bigint;
  v_now timestamptz;
  v_is_held boolean := false;
begin
  if p_actual_nano is not null then
    select * into v_row from semantic_analysis.rate_limits where subject = p_subject for update;
    select hold.* into v_hold from unnest(v_row.holds) as hold where hold.id = p_id;
    -- What is no number is as unknown as a cost that wasn't told.
    v_actual_nano := case
      when p_actual_nano in ('NaN', 'Infinity', '-Infinity') then coalesce(v_hold.ceiling_nano, 0)
      else semantic_analysis.to_nano(p_actual_nano)
    end;
  end if;
  v_now := coalesce(p_now, clock_timestamp());

  if v_hold.expires_at > v_now then
    v_is_held := true;
    perform semantic_analysis.release_hold(v_row, v_hold, v_actual_nano, p_gives_back_day, v_now);
  end if;
  -- A claim outlives its hold where an operator has deleted the subject's row: it is given up as well, or
  -- followers would wait for it until its lease ends. A deleted user's answer is not kept.
  if p_key is not null and v_row.deleted_at is null and (v_is_held or exists (
    select from semantic_analysis.answers
    where key = p_key and holder = p_id and lease_until > v_now
  )) then
    perform semantic_analysis.store_answer(p_key, p_id, p_answer, p_ttl_s, p_failure, v_now);
    perform semantic_analysis.evict_answers(p_max_answers, v_now);
  end if;
  if p_entry is not null then
    perform semantic_analysis.write_ledger(
      p_entry,
      p_id,
      case
        when v_row.deleted_at is not null
          or p_actual_nano is null and semantic_analysis.is_deleted(p_subject) then 'deleted'
        else p_subject
      end,
      coalesce(v_actual_nano, 0),
      v_now
    );
  end if;
  return v_is_held;
end;
$$;

comment on function semantic_analysis.settle_at is
  'Replaces what a hold took by what the request cost, gives its answer or failure to its followers, and writes the ledger. An unknown hold, or one whose lease has ended, changes none of the limits. Whether the hold was live.';

create or replace function public.semantic_analysis_settle(
  p_subject text,
  p_id uuid,
  p_actual_nano numeric default null,
  p_gives_back_day boolean default false,
  p_key text default null,
  p_answer text default null,
  p_ttl_s integer default 0,
  p_max_answers integer default 0,
  p_failure jsonb default null,
  p_entry jsonb default null
)
returns boolean
language plpgsql
security definer
set search_path = ''
-- As for reserve.
set statement_timeout = '1500ms'
set lock_timeout = '1500ms'
as $$
begin
  return semantic_analysis.settle_at(
    p_subject,
    p_id,
    p_actual_nano,
    p_gives_back_day,
    decode(p_key, 'hex'),
    p_answer,
    p_ttl_s,
    p_max_answers,
    p_failure,
    p_entry
  );
end;
$$;

comment on function public.semantic_analysis_settle(text, uuid, numeric, boolean, text, text, integer, integer, jsonb, jsonb) is
  'Corrects what a request took in advance and writes the ledger; may be called again. Without p_actual_nano there was no hold. For service_role only.';

revoke all on function
  semantic_analysis.release_hold,
  semantic_analysis.store_answer,
  semantic_analysis.evict_answers,
  semantic_analysis.settle_at,
  public.semantic_analysis_settle(text, uuid, numeric, boolean, text, text, integer, integer, jsonb, jsonb)
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_settle(text, uuid, numeric, boolean, text, text, integer, integer, jsonb, jsonb) to service_role;
