-- Which pictures to look at before a quote, so that the first quote of a catalogue knows their sizes.
-- Called by deno task catalogue, which reads the first bytes of each.

create or replace function catalogue_jobs.read_object_facts(p_sources text[])
returns table (source text, byte_length bigint, etag text)
language plpgsql
stable
set search_path = ''
as $$
begin
  -- A stock Postgres has no schema storage.
  if to_regclass('storage.objects') is null then
    return;
  end if;
  return query execute $query$
    select place.source, (object.metadata ->> 'size')::bigint, object.metadata ->> 'eTag'
    from (
      select source, regexp_match(source, '^storage://([^/]+)/(.+)$') as parts
      from unnest($1) as source
    ) place
    join storage.objects object
      on object.bucket_id = place.parts[1] and object.name = place.parts[2]
  $query$ using p_sources;
end;
$$;

comment on function catalogue_jobs.read_object_facts is
  'Length and etag of those sources that are objects of Storage.';

create or replace function catalogue_jobs.sample_pictures(
  p_material_ids uuid[],
  p_category text,
  p_older_than_prompt text,
  p_limit integer
)
returns jsonb
language sql
stable
set search_path = ''
as $$
  with pictures as (
    select material_id, source from catalogue_jobs.jobs where state in ('waiting', 'running')
    union
    (
      select id, source
      from catalogue_jobs.find_materials(p_material_ids, p_category, p_older_than_prompt)
      where is_new
      order by id
      limit p_limit
    )
  ), sized as (
    select source, byte_length, etag
    from pictures
    left join catalogue_jobs.read_object_facts(array(select source from pictures)) facts
      using (source)
  ), paid as (
    -- Equal pictures are paid once.
    select distinct on (coalesce(etag, source)) source, byte_length
    from sized
    order by coalesce(etag, source), source
  ), strata as (
    -- By length, twenty of a size; those whose length is not known are one of their own.
    select source, case
      when byte_length is null then 0
      else ntile(20) over (partition by byte_length is null order by byte_length, source)
    end as stratum
    from paid
  ), ranked as (
    -- A fixed seed: the same pictures are looked at each time.
    select source, stratum,
      row_number() over (partition by stratum order by md5('quote' || source)) as rank,
      count(*) over (partition by stratum) as pictures,
      count(*) over () as total
    from strata
  ), sampled as (
    select stratum, pictures, jsonb_agg(source order by rank) as sources
    from ranked
    -- Two of each and the rest by their share are at most 200 of 21 strata.
    where total <= 200 or rank <= 2 + floor(158.0 * pictures / total)
    group by stratum, pictures
  )
  select jsonb_build_object(
    'known', (select count(*) from pictures) - (select count(*) from paid),
    'strata', coalesce(jsonb_agg(
      jsonb_build_object('pictures', pictures, 'sources', sources) order by stratum
    ), '[]')
  )
  from sampled;
$$;

comment on function catalogue_jobs.sample_pictures is
  'At most 200 of the pictures that wait and of those that enqueueing would add, by strata of their length; known: how many have the bytes of another one.';

create or replace function public.semantic_analysis_sample_pictures(
  p_material_ids uuid[] default null,
  p_category text default null,
  p_older_than_prompt text default null,
  p_limit integer default null
)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select catalogue_jobs.sample_pictures(p_material_ids, p_category, p_older_than_prompt, p_limit);
$$;

comment on function public.semantic_analysis_sample_pictures is
  'The pictures to look at before a quote. For service_role only.';
