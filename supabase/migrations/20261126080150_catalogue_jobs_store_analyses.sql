-- Where an analysis goes: public.material_visual_analysis, which may be its owner's table and gets no column
-- of ours. What was there before is kept aside.

create or replace function catalogue_jobs.keep_replaced(
  p_material_id uuid,
  p_source text,
  p_analysis jsonb,
  p_now timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into catalogue_jobs.replaced_analyses (material_id, source, replaced_at, analysis)
  values (p_material_id, p_source, p_now, p_analysis);
  delete from catalogue_jobs.replaced_analyses
  where material_id = p_material_id and source = p_source and id not in (
    select id from catalogue_jobs.replaced_analyses
    where material_id = p_material_id and source = p_source
    order by id desc limit 5
  );
end;
$$;

comment on function catalogue_jobs.keep_replaced is
  'Notes what a newer analysis replaces, and forgets all but the last five of that picture.';

create or replace function catalogue_jobs.hash_source(p_source text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_etag text;
begin
  -- Storage has hashed the bytes; a stock Postgres has no Storage.
  if p_source like 'storage://%' and to_regclass('storage.objects') is not null then
    execute 'select trim(both ''"'' from metadata ->> ''eTag'') from storage.objects
      where bucket_id = split_part($1, ''/'', 3)
        and name = substr($1, length(split_part($1, ''/'', 3)) + 12)'
    into v_etag using p_source;
  end if;
  return coalesce('etag:' || v_etag, 'sha256:' || encode(sha256(convert_to(p_source, 'utf8')), 'hex'));
end;
$$;

comment on function catalogue_jobs.hash_source is
  'What stands for a picture''s bytes: the eTag of one in Storage, else the hash of its address.';

create or replace function catalogue_jobs.store_analysis(
  p_job catalogue_jobs.jobs,
  p_row jsonb,
  p_now timestamptz
)
returns void
language plpgsql
set search_path = pg_catalog, public, extensions, pg_temp
as $$
declare
  v_row jsonb := jsonb_build_object(
    'source_image_hash', catalogue_jobs.hash_source(p_job.source)
  ) || p_row || jsonb_build_object(
    'material_id', p_job.material_id, 'source_image_url', p_job.source,
    'processing_status', 'completed', 'created_at', p_now
  );
  v_columns text[];
  v_previous jsonb;
  -- Both: in a partitioned table a place is one of a partition.
  v_previous_table oid;
  v_previous_place tid;
begin
  -- The table may be its owner's: only columns that it has are written.
  select array_agg(quote_ident(attribute.attname)) into v_columns
  from pg_catalog.pg_attribute attribute
  where attribute.attrelid = 'public.material_visual_analysis'::regclass
    and attribute.attnum > 0 and not attribute.attisdropped and attribute.attgenerated = ''
    and v_row ? attribute.attname;

  -- The row of the same picture, else one of the same bytes, which the unique constraint allows once.
  select to_jsonb(analysis.*), analysis.tableoid, analysis.ctid
  into v_previous, v_previous_table, v_previous_place
  from public.material_visual_analysis analysis
  where analysis.material_id = p_job.material_id
    and (to_jsonb(analysis.*) ->> 'source_image_url' = p_job.source
      or to_jsonb(analysis.*) ->> 'source_image_hash' = v_row ->> 'source_image_hash')
  order by to_jsonb(analysis.*) ->> 'source_image_hash'
    is not distinct from v_row ->> 'source_image_hash' desc
  limit 1
  for update;

  if v_previous is null then
    execute format(
      'insert into public.material_visual_analysis (%1$s) select %1$s
        from jsonb_populate_record(null::public.material_visual_analysis, $1)',
      array_to_string(v_columns, ', ')
    ) using v_row;
    return;
  end if;
  perform catalogue_jobs.keep_replaced(p_job.material_id, p_job.source, v_previous, p_now);
  execute format(
    'update public.material_visual_analysis set (%1$s) = (select %1$s
      from jsonb_populate_record(null::public.material_visual_analysis, $1))
      where tableoid = $2 and ctid = $3',
    array_to_string(v_columns, ', ')
  ) using v_row, v_previous_table, v_previous_place;
end;
$$;

comment on function catalogue_jobs.store_analysis is
  'Writes the analysis of a job''s picture to public.material_visual_analysis, in place of the one it has, which is kept aside.';
