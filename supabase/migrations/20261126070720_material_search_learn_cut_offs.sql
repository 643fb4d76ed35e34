-- From which similarity on two pictures have something to do with each other. In one network pictures of
-- different materials are at a cosine of 0.07, in another at 0.8, so a space learns it from its own.
--
-- Most pairs of a catalogue are of different materials. Their similarities are measured on a sample: the
-- median tells where they are, and the lower half how far they spread, for the upper half has the pairs
-- that do belong together. Beyond two spreads above the median lies one unrelated pair in forty.

create or replace function material_search.to_cut_off(p_median real, p_low real)
returns real
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_rest real := 1 - p_median;
begin
  return greatest(
    0,
    p_median + least(
      -- Where all pairs are alike, a little above them.
      greatest(2 * (p_median - p_low), 0.05 * v_rest),
      -- Where they spread wide, something is left to be found.
      0.8 * v_rest
    )
  );
end;
$$;

comment on function material_search.to_cut_off is
  'The cut-off of a space whose pairs have this median of similarities, and one standard deviation below it (of a normal distribution: the 15.87th percentile) this one.';

create or replace function material_search.learn_cut_off(p_space material_search.embedding_spaces)
returns real
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
  v_quantiles real[];
  v_cut_off real;
begin
  execute 'select count(*) from material_search.embeddings where space_id = $1'
    into v_count using p_space.id;
  -- Ten vectors are 45 pairs. The sample is the same in every run; of its pairs none is left out.
  if v_count >= 10 then
    execute format(
      'with chosen as (
         select material_id from material_search.embeddings where space_id = $1
         order by hashtextextended(material_id::text, 0) limit 200
       ),
       sample as materialized (
         select e.material_id, e.embedding
         from chosen join material_search.embeddings e using (material_id)
         where e.space_id = $1
       )
       select percentile_cont(array[0.5, 0.1587]) within group (order by %s)::real[]
       from sample one join sample other on one.material_id < other.material_id',
      material_search.to_similarity(p_space, 'one.embedding', 'other.embedding')
    ) into v_quantiles using p_space.id;
    v_cut_off := material_search.to_cut_off(v_quantiles[1], v_quantiles[2]);
  end if;
  update material_search.embedding_spaces
  set cut_off = v_cut_off, learnt_from = v_count,
    learnt_at = case when v_cut_off is not null then clock_timestamp() end
  where id = p_space.id;
  return v_cut_off;
end;
$$;

comment on function material_search.learn_cut_off is
  'Learns the cut-off of a space from pairs of 200 of its vectors; null, for none, where it has fewer than ten.';

create or replace function material_search.learn_when_grown(p_space material_search.embedding_spaces)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_due constant integer := greatest(10, 2 * p_space.learnt_from);
  v_count integer;
begin
  -- A thousand vectors are as good a sample as any more: from then on once a day will do.
  if p_space.learnt_from >= 1000 then
    return;
  end if;
  execute
    'select count(*) from (
       select from material_search.embeddings where space_id = $1 limit $2
     ) present'
    into v_count using p_space.id, v_due;
  if v_count < v_due then
    return;
  end if;
  -- Where another transaction is learning it, this one leaves it to that: no writer of vectors waits.
  perform from material_search.embedding_spaces s where s.id = p_space.id
  for no key update skip locked;
  if found then
    perform material_search.learn_cut_off(p_space);
  end if;
end;
$$;

comment on function material_search.learn_when_grown is
  'Learns the cut-off of a small space anew each time that its vectors have doubled.';

create or replace function public.material_search_learn_cut_off(p_space text)
returns real
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform material_search.require_embeddings();
  return material_search.learn_cut_off(material_search.read_space(p_space));
end;
$$;

comment on function public.material_search_learn_cut_off is
  'Learns the cut-off of a space now, and returns it; null with fewer than ten vectors. For service_role only.';

-- For the vectors that were taken over.
do $$
declare
  v_space material_search.embedding_spaces;
begin
  if to_regclass('material_search.embeddings') is not null then
    for v_space in select * from material_search.embedding_spaces loop
      perform material_search.learn_cut_off(v_space);
    end loop;
  end if;
end
$$;

revoke all on function
  material_search.to_cut_off, material_search.learn_cut_off, material_search.learn_when_grown
  from public, anon, authenticated, service_role;
revoke all on function public.material_search_learn_cut_off
  from public, anon, authenticated, service_role;
grant execute on function public.material_search_learn_cut_off to service_role;
