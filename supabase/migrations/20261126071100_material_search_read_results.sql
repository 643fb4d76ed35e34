-- Of what the ranking found, what the caller may read: row level security decides here, whichever
-- policies there are. All functions of this file are security invoker.

create or replace function material_search.find_readable(p_search material_search.search)
returns table (
  material_id uuid,
  created_at timestamptz,
  visual real,
  semantic real,
  property real,
  confidence real,
  combined real
)
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
declare
  v_owns_analyses boolean := (material_search.read_settings()).owns_analyses;
  v_analyses constant regclass := 'public.material_visual_analysis';
  v_has_id boolean := exists (
    select from pg_catalog.pg_attribute
    where attrelid = v_analyses and attname = 'id' and attnum > 0 and not attisdropped
  );
begin
  if v_owns_analyses then
    return query
    select r.material_id, r.created_at, r.visual, r.semantic, r.property, r.confidence, r.combined
    from material_search.rank_materials(p_search) r
    where exists (select from public.materials_catalog material where material.id = r.material_id);
    return;
  end if;
  -- A material whose analysis the caller may not read is found by its own words alone.
  return query execute format(
    'select distinct on (r.material_id)
       r.material_id, r.created_at, r.visual, r.semantic, r.property, r.confidence, r.combined
     from material_search.rank_materials($1) r
     where exists (select from public.materials_catalog material where material.id = r.material_id)
       and (not r.needs_analysis or %s)
     order by r.material_id, r.needs_analysis desc',
    case
      when not has_column_privilege(v_analyses, 'material_id', 'select') then 'false'
      when not v_has_id then (not row_security_active(v_analyses))::text
      when not has_column_privilege(v_analyses, 'id', 'select') then 'false'
      else
        'exists (
           select from public.material_visual_analysis t
           where t.material_id = r.material_id and t.id::text = r.analysis_id
         )'
    end
  )
  using p_search;
end;
$$;

comment on function material_search.find_readable is
  'What a search finds of the materials, and by the analyses, that the caller may read.';

create or replace function material_search.read_page(
  p_material_ids uuid[],
  p_include_embeddings boolean
)
returns table (material_id uuid, material jsonb, analysis jsonb, embedding jsonb, model text)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select
    material.id,
    jsonb_build_object(
      'id', material.id,
      'name', coalesce(left(material.name, 10000), ''),
      'category', coalesce(left(material.category, 10000), ''),
      'created_at', material.created_at
    ),
    case when analysis.material_id is not null then jsonb_build_object(
      'material_type', left(analysis.material_type, 10000),
      'surface_texture', left(analysis.surface_texture, 10000),
      'color_description', left(analysis.color_description, 10000),
      'finish_type', left(analysis.finish_type, 10000),
      'pattern_grain', left(analysis.pattern_grain, 10000),
      'reflectivity', left(analysis.reflectivity, 10000),
      'visual_characteristics', left(analysis.visual_characteristics, 10000),
      'structural_properties', analysis.structural_properties - '',
      'model', left(analysis.model, 1000),
      'created_at', analysis.created_at
    ) end,
    case when p_include_embeddings then to_jsonb(stored.embedding) end,
    stored.model
  from material_search.read_materials(p_material_ids[1:100]) material
  left join material_search.read_analyses(p_material_ids[1:100], 1) analysis
    on analysis.material_id = material.id
  left join material_search.read_embeddings(p_material_ids[1:100]) stored
    on stored.material_id = material.id;
end;
$$;

comment on function material_search.read_page is
  'What a result shows of these materials, of 100 at most, as far as the caller may read it.';

revoke all on function material_search.find_readable, material_search.read_page
  from public, anon, authenticated, service_role;
grant execute on function material_search.find_readable, material_search.read_page
  to authenticated, service_role;
