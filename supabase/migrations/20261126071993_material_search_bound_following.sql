-- What one user writes is not the others' to catch up with, and no search catches up for long: a material
-- with 64 KiB of properties takes a fifth of a second, and a statement of a user may write a thousand.

create or replace function material_search.follow(p_ids uuid[], p_are_new boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  -- A user's own are done at once, however many the quota leaves.
  v_most constant integer := case
    when (material_search.read_settings()).owns_catalogue
      and material_search.read_claims() ->> 'role' = 'authenticated' then 100000
    else 200
  end;
  v_held uuid[] := '{}';
begin
  p_ids := array_remove(p_ids, null);
  if cardinality(p_ids) between 1 and v_most then
    begin
      v_held := case when p_are_new then p_ids else material_search.hold_documents(p_ids) end;
      if v_held <> '{}' then
        perform material_search.refresh_documents(v_held);
      end if;
    exception
      -- Such as that the transaction's snapshot is older than a document.
      when others then v_held := '{}';
    end;
  end if;
  insert into material_search.pending (material_id)
  select id from unnest(p_ids) id where v_held = '{}' or id <> all (v_held);
end;
$$;

comment on function material_search.follow is
  'Brings the documents of a few materials, and of any number that a user writes of their own, up to date, as far as no other transaction writes them; the others are noted as pending. New ones are those that no other transaction can see yet.';

create or replace function material_search.catch_up()
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '2 seconds';
  v_last constant bigint := (select max(id) from material_search.pending);
begin
  while v_last is not null and clock_timestamp() < v_until loop
    -- Few at a time: the last batch is begun within the time, and ends after it.
    exit when material_search.refresh_pending(20, v_last) = 0;
  end loop;
end;
$$;
