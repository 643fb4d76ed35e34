-- The rows of the catalogue and of its analyses as the search takes them, whatever columns there are.
--
-- Only id, name and category of the catalogue and material_id of the analyses are sure to be there. A
-- column that is missing, that the role may not read or that is of no use as it is reads as null; the
-- others are brought to one type and cut to a size. The statements are made when they run, so that an
-- application may go on to add, drop and retype its columns.
--
-- Whatever reads or writes an application's table has the search_path that PostgREST gives: policies and
-- triggers ask functions that often name their tables without a schema. pg_catalog comes first.
--
-- Security invoker: the functions that keep the index read everything, those that answer a search read
-- what row level security shows to the caller.

create or replace function material_search.to_select_list(
  p_table regclass,
  p_columns text[],
  p_kinds text[]
)
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select string_agg(
      format(
        case
          when a.attname is null then 'null::%2$s'
          -- One character more than is taken tells that there is more. Columns of different collations
          -- can't be compared.
          when w.kind = 'text' then 'left(t.%1$I::text collate "default", 10001)'
          when w.kind = 'json' then 'material_search.to_bounded_json(to_jsonb(t.%1$I), pg_column_size(t.%1$I))'
          -- ISO 8601 has years of four figures; a date may even be out of range for a timestamp.
          when w.kind = 'time' and a.type = 'timestamptz'
            then 'case when t.%1$I between ''0001-01-02'' and ''9999-12-30'' then t.%1$I::timestamptz end'
          when w.kind = 'time' and a.type in ('timestamp', 'date')
            then 'case when t.%1$I between ''0001-01-02'' and ''9999-12-30''
              then t.%1$I::timestamp at time zone ''UTC'' end'
          -- NaN lies outside as well.
          when w.kind = 'share' and a.type in ('float4', 'float8', 'numeric', 'int2', 'int4', 'int8')
            then 'case when t.%1$I >= 0 and t.%1$I <= 1 then t.%1$I::real end'
          else 'null::%2$s'
        end || ' as %1$I',
        w.name,
        case w.kind
          when 'json' then 'jsonb' when 'time' then 'timestamptz' when 'share' then 'real' else 'text'
        end
      ),
      ', ' order by w.place
    )
    from unnest(p_columns, p_kinds) with ordinality w (name, kind, place)
    left join lateral (
      select a.attname, coalesce(base.typname, t.typname)::text as type
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_type t on t.oid = a.atttypid
      left join pg_catalog.pg_type base on base.oid = t.typbasetype and t.typtype = 'd'
      where a.attrelid = p_table and a.attname = w.name and a.attnum > 0 and not a.attisdropped
        and has_column_privilege(p_table, a.attnum, 'select')
    ) a on true
  );
end;
$$;

comment on function material_search.to_select_list is
  'The columns of a table t, each as one of the kinds text (10,001 characters), json, time (of the years 1 to 9999) and share (in [0, 1]); null for what can''t be had.';

create or replace function material_search.to_bounded_json(p_value jsonb, p_bytes integer)
returns jsonb
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  -- What is stored compressed may be a hundred times as long.
  if p_bytes > 65536 or octet_length(p_value::text) > 131072 then
    return '{"": null}';
  end if;
  return case jsonb_typeof(p_value)
    when 'object' then p_value
    when 'null' then null
    else jsonb_build_object('properties', p_value)
  end;
end;
$$;

comment on function material_search.to_bounded_json is
  'A value as an object; {"": null} for one of over 64 KiB as stored or 128 KiB as text.';

create or replace function material_search.read_materials(p_ids uuid[])
returns table (
  id uuid,
  name text,
  category text,
  description text,
  properties jsonb,
  created_at timestamptz,
  created_by text,
  visibility text
)
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
begin
  return query execute format(
    'select t.id::uuid, %s from public.materials_catalog t where t.id = any ($1)',
    material_search.to_select_list(
      'public.materials_catalog',
      '{name,category,description,properties,created_at,created_by,visibility}',
      '{text,text,text,json,time,text,text}'
    )
  ) using p_ids[1:1000];
end;
$$;

comment on function material_search.read_materials is
  'These materials, 1,000 at most, as far as the caller may read them.';

create or replace function material_search.read_analyses(p_ids uuid[], p_pictures integer)
returns table (
  material_id uuid,
  id text,
  material_type text,
  surface_texture text,
  color_description text,
  finish_type text,
  pattern_grain text,
  reflectivity text,
  visual_characteristics text,
  structural_properties jsonb,
  confidence real,
  model text,
  created_at timestamptz,
  prose text
)
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
begin
  if not has_column_privilege('public.material_visual_analysis', 'material_id', 'select') then
    return;
  end if;
  return query execute format(
    'with completed as (
       select *, row_number() over (
         partition by a.material_id order by a.created_at desc nulls last, a.id
       ) as place
       from (
         select t.material_id::uuid as material_id, %s
         from public.material_visual_analysis t where t.material_id = any ($1)
       ) a
       where coalesce(a.processing_status, ''completed'') = ''completed''
     ),
     described as (
       select *, string_agg(left(c.visual_characteristics, 10000), '' '')
         filter (where c.place <= $2) over (partition by c.material_id) as prose
       from completed c
     )
     select d.material_id, d.id, d.material_type, d.surface_texture, d.color_description,
       d.finish_type, d.pattern_grain, d.reflectivity, d.visual_characteristics,
       d.structural_properties - ''confidence_detail'',
       case when d.structural_properties ? ''confidence_detail'' then
         semantic_analysis.show_confidence(
           coalesce(d.analysis_confidence, d.llama_confidence_score),
           d.structural_properties -> ''confidence_detail'',
           d.llama_analysis_prompt_hash
         )
       else coalesce(d.analysis_confidence, d.llama_confidence_score) end,
       d.llama_model_version, d.created_at, left(d.prose, 50000)
     from described d where d.place = 1',
    material_search.to_select_list(
      'public.material_visual_analysis',
      '{id,material_type,surface_texture,color_description,finish_type,pattern_grain,reflectivity,visual_characteristics,structural_properties,analysis_confidence,llama_confidence_score,llama_model_version,llama_analysis_prompt_hash,processing_status,created_at}',
      '{text,text,text,text,text,text,text,text,json,share,share,text,text,text,time}'
    )
  ) using p_ids[1:1000], p_pictures;
end;
$$;

comment on function material_search.read_analyses is
  'The newest completed analysis of each of these materials, of 1,000 at most, as far as the caller may read them; prose: of the newest p_pictures of them.';

revoke all on function
  material_search.to_select_list, material_search.to_bounded_json, material_search.read_materials,
  material_search.read_analyses
  from public, anon, authenticated, service_role;
-- For the page of results, which is read with the caller's rights.
grant execute on function
  material_search.to_select_list, material_search.to_bounded_json, material_search.read_materials,
  material_search.read_analyses
  to authenticated, service_role;
