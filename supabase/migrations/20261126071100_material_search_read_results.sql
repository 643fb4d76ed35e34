-- Of what the ranking found, what the caller may read: row level security decides here, whichever
-- policies there are. All functions of this file are security invoker.

create or replace function material_search.to_readable_analysis()
returns text
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
as $$
declare
  v_analyses constant regclass := 'public.material_visual_analysis';
begin
  return case
    when (material_search.read_settings()).owns_analyses then 'true'
    when not has_column_privilege(v_analyses, 'material_id', 'select') then 'r.analysis_id is null'
    when not exists (
      select from pg_catalog.pg_attribute
      where attrelid = v_analyses and attname = 'id' and attnum > 0 and not attisdropped
    ) then case when row_security_active(v_analyses) then 'r.analysis_id is null' else 'true' end
    when not has_column_privilege(v_analyses, 'id', 'select') then 'r.analysis_id is null'
    else
      '(r.analysis_id is null or exists (
         select from public.material_visual_analysis t
         where t.material_id = r.material_id and t.id::text = r.analysis_id
       ))'
  end;
end;
$$;

comment on function material_search.to_readable_analysis is
  'The condition that the caller may read the analysis r.analysis_id of r.material_id, null for none.';

create or replace function material_search.find_readable(
  p_search material_search.search,
  p_most integer,
  p_least_items integer default null,
  p_in_names boolean default null
)
returns uuid[]
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
-- Ids are looked up one by one, however many there are: never by a scan of the table.
set enable_seqscan = off
as $$
declare
  v_batch integer := p_most;
  v_ids uuid[];
  v_analysis_ids text[];
  v_readable uuid[];
begin
  -- Until there are enough that the caller may read: what others have decides nothing.
  loop
    if p_in_names is null then
      select * into v_ids, v_analysis_ids from material_search.find_all(p_search, v_batch);
    else
      select * into v_ids, v_analysis_ids
      from material_search.find_first(p_search, p_least_items, p_in_names, v_batch);
    end if;
    if p_in_names is null and v_analysis_ids is null then
      v_readable := array(select id from public.materials_catalog where id = any (v_ids));
    else
      execute format(
        'select array(
           select r.material_id
           from unnest($1, $2) with ordinality r (material_id, analysis_id, place)
           where exists (select from public.materials_catalog material where material.id = r.material_id)
             and %s
           group by r.material_id order by min(r.place)
         )',
        material_search.to_readable_analysis()
      ) into v_readable using v_ids, v_analysis_ids;
    end if;
    exit when cardinality(v_ids) < v_batch or cardinality(v_readable) >= p_most;
    v_batch := least(v_batch::bigint * 10, 2147483647);
  end loop;
  return v_readable[1:p_most];
end;
$$;

comment on function material_search.find_readable is
  'So many of the materials that a search finds and the caller may read: in no order, or, with p_in_names, the first in the stored order that have at least p_least_items (null: that it finds), in their names or anywhere.';

create or replace function material_search.read_sample(p_items text[])
returns integer[]
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
set enable_seqscan = off
as $$
declare
  v_readable integer[];
begin
  execute format(
    'select array(
       select r.items
       from material_search.find_sample($1) s,
         unnest(s.material_ids, s.analysis_ids, s.items) r (material_id, analysis_id, items)
       where r.items > 0 and %s
         and exists (select from public.materials_catalog material where material.id = r.material_id)
     )',
    material_search.to_readable_analysis()
  ) into v_readable using p_items;
  return v_readable;
end;
$$;

comment on function material_search.read_sample is
  'Which of these items, 30 at most, some hundreds of documents that the caller may read have: a number each, of whose bits the first is the first item; without those that have none.';

create or replace function material_search.rank_readable(
  p_search material_search.search,
  p_material_ids uuid[]
)
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
begin
  if (material_search.read_settings()).owns_analyses then
    return query
    select r.material_id, r.created_at, r.visual, r.semantic, r.property, r.confidence, r.combined
    from material_search.rank_materials(p_search, p_material_ids) r;
    return;
  end if;
  -- A material whose analysis the caller may not read is found by its own words alone.
  return query execute format(
    'select distinct on (r.material_id)
       r.material_id, r.created_at, r.visual, r.semantic, r.property, r.confidence, r.combined
     from material_search.rank_materials($1, $2) r
     where %s
     order by r.material_id, r.needs_analysis desc',
    material_search.to_readable_analysis()
  )
  using p_search, p_material_ids;
end;
$$;

comment on function material_search.rank_readable is
  'The scores in a search of these materials, which the caller may read, by their analyses if the caller may read those.';

create or replace function material_search.choose_head(
  p_search material_search.search,
  p_found uuid[]
)
returns uuid[]
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
set enable_seqscan = off
as $$
declare
  v_enough constant integer := 200;
  v_rare_from integer := coalesce(cardinality(p_search.items), 0) + 1;
  v_common_to integer := 0;
  v_least integer;
  v_more uuid[];
  v_rare uuid[] := '{}';
  v_head uuid[] := '{}';
begin
  if cardinality(p_found) <= 2000 then
    return p_found;
  end if;
  -- Those with the most items are few, and all taken; those with one less are more than enough. Where
  -- that changes is looked for from a guess, upwards or downwards.
  v_least := case
    when v_rare_from <= 2 then 1
    -- What one picture shows goes together in others.
    when p_search.is_narrow then v_rare_from - 1
    -- One more than any in the sample has: of too many items few documents are read, of too few many.
    else (
      select max(bit_count(items::bit(6))) + 1
      from unnest(material_search.read_sample(p_search.items)) items
    )
  end;
  while v_common_to + 1 < v_rare_from loop
    v_least := least(greatest(coalesce(v_least, 1), v_common_to + 1), v_rare_from - 1);
    v_more := material_search.find_readable(p_search, v_enough, v_least, false);
    if cardinality(v_more) = v_enough then
      v_common_to := v_least;
      v_head := v_more;
      v_least := v_least + 1;
    else
      v_rare_from := v_least;
      v_rare := v_more;
      v_least := v_least - 1;
    end if;
  end loop;
  v_head := v_rare || v_head || case
    -- Of documents with few of the picture's properties, those are taken that the search itself finds.
    when v_common_to = 0 or p_search.is_narrow and v_common_to < 3
      then material_search.find_readable(p_search, v_enough, null, false)
    -- Of more documents than can be scored, those with the words in their names are taken as well.
    when not p_search.is_narrow then material_search.find_readable(p_search, v_enough, v_common_to, true)
  end;
  if p_search.similar_ids is not null then
    v_head := v_head || array(
      select id from public.materials_catalog where id = any (p_search.similar_ids[1:1000])
    );
  end if;
  return array(select distinct unnest(v_head));
end;
$$;

comment on function material_search.choose_head is
  'The materials to be scored of those that a search finds: all, where there are at most 2,000; else some hundreds that have the most of its items. The others follow in the stored order.';

create or replace function material_search.read_page(
  p_material_ids uuid[],
  p_include_embeddings boolean
)
returns table (
  material_id uuid,
  material jsonb,
  analysis jsonb,
  confidence real,
  embedding jsonb,
  model text
)
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
    analysis.confidence,
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

revoke all on function
  material_search.to_readable_analysis, material_search.find_readable, material_search.read_sample,
  material_search.rank_readable, material_search.choose_head, material_search.read_page
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.to_readable_analysis, material_search.find_readable, material_search.read_sample,
  material_search.rank_readable, material_search.choose_head, material_search.read_page
  to authenticated, service_role;
