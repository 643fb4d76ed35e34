-- US dollars that many subjects share: what is taken from a budget, and given back.
--
-- Each is one statement, because all requests rewrite the row: it is locked from here to the end of the
-- transaction, as late as it can be.

create or replace function semantic_analysis.budget_period(p_name text, p_now timestamptz)
returns date
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_today date := (p_now at time zone 'utc')::date;
begin
  return case p_name
    when 'project' then v_today - (extract(day from v_today)::integer - 1)
    else v_today
  end;
end;
$$;

comment on function semantic_analysis.budget_period is
  'The period of a budget at a moment: the first day of a UTC month of the project''s, a UTC day of the anonymous users''.';

create or replace function semantic_analysis.next_period(p_name text, p_period date)
returns date
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case p_name when 'project' then p_period + interval '1 month' else p_period + 1 end;
end;
$$;

comment on function semantic_analysis.next_period is 'The period of a budget after this one.';

create or replace function semantic_analysis.take_from_budget(
  p_name text,
  p_ceiling_nano bigint,
  p_limit_nano bigint,
  p_now timestamptz
)
returns date
language plpgsql
set search_path = ''
as $$
declare
  v_period constant date := semantic_analysis.budget_period(p_name, p_now);
  v_next constant date := semantic_analysis.next_period(p_name, v_period);
  v_taken date;
begin
  loop
    -- A period one ahead is kept and one further ahead is reset, as in bring_up_to_date.
    update semantic_analysis.budgets
    set period = case when period in (v_period, v_next) then period else v_period end,
      spent_nano =
        p_ceiling_nano + case when period in (v_period, v_next) then spent_nano else 0 end
    where name = p_name
      and p_ceiling_nano + case when period in (v_period, v_next) then spent_nano else 0 end
        <= p_limit_nano
    returning period into v_taken;
    exit when found;
    insert into semantic_analysis.budgets (name) values (p_name) on conflict (name) do nothing;
    -- The row is there, so what is left of it is too little.
    exit when not found;
  end loop;
  return v_taken;
end;
$$;

comment on function semantic_analysis.take_from_budget is
  'Takes a ceiling from a budget if enough is left: the period that it was taken from; null when it wasn''t.';

create or replace function semantic_analysis.correct_budget(
  p_name text,
  p_period date,
  p_difference_nano bigint,
  p_now timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_period constant date := semantic_analysis.budget_period(p_name, p_now);
  v_next constant date := semantic_analysis.next_period(p_name, v_period);
begin
  update semantic_analysis.budgets
  set period = case when period in (v_period, v_next) then period else v_period end,
    spent_nano = semantic_analysis.to_nano(
      case when period in (v_period, v_next) then spent_nano else 0 end::numeric
      + case
        when p_period = case when period in (v_period, v_next) then period else v_period end
          then p_difference_nano
        else 0
      end
    )
  where name = p_name;
end;
$$;

comment on function semantic_analysis.correct_budget is
  'Adds a difference to what was spent of a budget, if p_period is the period that it counts.';

create or replace function semantic_analysis.correct_budgets(
  p_hold semantic_analysis.hold,
  p_difference_nano bigint,
  p_now timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- In the order of reserve.
  if p_hold.is_in_anonymous then
    perform semantic_analysis.correct_budget(
      'anonymous', p_hold.day, p_difference_nano, p_now
    );
  end if;
  if p_hold.is_in_project then
    perform semantic_analysis.correct_budget(
      'project', p_hold.month, p_difference_nano, p_now
    );
  end if;
end;
$$;

comment on function semantic_analysis.correct_budgets is
  'Adds a difference to the budgets that a hold was taken from.';

create or replace function semantic_analysis.read_budget(p_name text, p_now timestamptz)
returns semantic_analysis.budgets
language plpgsql
stable
set search_path = ''
as $$
declare
  v_period constant date := semantic_analysis.budget_period(p_name, p_now);
  v_budget semantic_analysis.budgets;
begin
  select * into v_budget from semantic_analysis.budgets where name = p_name;
  if v_budget.period in (v_period, semantic_analysis.next_period(p_name, v_period)) then
    return v_budget;
  end if;
  return row(p_name, v_period, 0::bigint)::semantic_analysis.budgets;
end;
$$;

comment on function semantic_analysis.read_budget is
  'A budget as it is at this moment: that of a past period is whole again.';

revoke all on function
  semantic_analysis.budget_period,
  semantic_analysis.next_period,
  semantic_analysis.take_from_budget,
  semantic_analysis.correct_budget,
  semantic_analysis.correct_budgets,
  semantic_analysis.read_budget
from public, anon, authenticated, service_role;
