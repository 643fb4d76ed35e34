-- What a search looks at: one row a material, with its own words and those of its analyses. Kept by
-- triggers, so that whoever writes the catalogue need not know of it.
--
-- Private schema: read by material_search.rank_materials alone, because row level security would keep
-- the indexes below from being used (docs/decisions/0013).

create schema if not exists material_search;
revoke all on schema material_search from public;

comment on schema material_search is
  'Private to the search of materials. Not exposed by the API; reached through public.search_materials.';

create table if not exists material_search.documents (
  material_id uuid primary key references public.materials_catalog (id) on delete cascade,
  analysis_id uuid,
  visibility text not null,
  created_by uuid,
  created_at timestamptz not null,
  names text not null,
  document tsvector not null,
  properties jsonb not null,
  terms text[] not null,
  confidence real
);

comment on table material_search.documents is
  'The searchable side of public.materials_catalog and its newest completed analysis. Derived: can be rebuilt by refresh_documents.';
comment on column material_search.documents.material_id is 'One row a material.';
comment on column material_search.documents.analysis_id is 'Its newest completed analysis; null without one.';
comment on column material_search.documents.visibility is 'As in the catalogue.';
comment on column material_search.documents.created_by is 'As in the catalogue.';
comment on column material_search.documents.created_at is 'As in the catalogue.';
comment on column material_search.documents.names is
  'Name, category and type in lower case: the words that a misspelt one may have meant.';
comment on column material_search.documents.document is
  'Weights: A name and type, B category and structured properties, C description, D the analysis in prose.';
comment on column material_search.documents.properties is
  'All structured properties, key → value, in lower case; the analysis'' win over the catalogue''s.';
comment on column material_search.documents.terms is
  'The same as "key, unit separator, value"; also the plain colours as color, and category, type and family under the key "".';
comment on column material_search.documents.confidence is 'Of the analysis, in [0, 1]; null where it has none.';

-- No policy: only the owner of the functions below gets past this.
alter table material_search.documents enable row level security;
revoke all on table material_search.documents from public, anon, authenticated, service_role;

-- Full text; property filters and kinds; the family, by which a picture's look-alikes are found; dates.
create index if not exists documents_document_idx on material_search.documents using gin (document);
create index if not exists documents_terms_idx on material_search.documents using gin (terms);
create index if not exists documents_family_idx on material_search.documents ((properties ->> 'family'));
create index if not exists documents_created_at_idx on material_search.documents (created_at);

-- Misspellings are recognised only where pg_trgm is available; everything else works without.
do $$
declare
  v_schema text;
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_trgm') then
    create schema if not exists extensions;
    create extension if not exists pg_trgm with schema extensions;
  end if;
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'pg_trgm';
  if v_schema is not null then
    execute format(
      'create index if not exists documents_names_idx on material_search.documents using gin (names %I.gin_trgm_ops)',
      v_schema
    );
  end if;
exception
  when insufficient_privilege then
    raise notice 'pg_trgm could not be created: misspelt words will find nothing';
end
$$;

-- A term of the column `terms`. The separator is a character that no property has.
create or replace function material_search.to_term(p_key text, p_value text)
returns text
language sql
immutable parallel safe
set search_path = ''
as $$
  select lower(p_key) || chr(31) || lower(p_value);
$$;

comment on function material_search.to_term is
  'A key and a value as one term, in lower case.';

create or replace function material_search.to_terms(p_properties jsonb)
returns text[]
language sql
immutable parallel safe
set search_path = ''
as $$
  select coalesce(array_agg(distinct material_search.to_term(property.key, item.value)), '{}')
  from jsonb_each(p_properties) property,
    lateral jsonb_array_elements_text(
      case jsonb_typeof(property.value)
        when 'array' then property.value
        else jsonb_build_array(property.value)
      end
    ) item
  where item.value is not null and jsonb_typeof(property.value) <> 'object';
$$;

comment on function material_search.to_terms is
  'The terms of flat properties: one for each value, one for each item of a list.';

create or replace function material_search.refresh_documents(p_material_ids uuid[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Two writers of one material take turns, and the statement below, with a snapshot of its own, then
  -- sees what the other has committed. In one order, so that they can't wait for each other.
  perform from public.materials_catalog
  where id = any (p_material_ids) order by id for no key update;

  insert into material_search.documents
  select
    material.id,
    analysis.id,
    material.visibility,
    material.created_by,
    material.created_at,
    lower(concat_ws(' ', material.name, material.category, searched.properties ->> 'type')),
    setweight(to_tsvector('english', concat_ws(' ', material.name, searched.properties ->> 'type')), 'A')
      || setweight(to_tsvector('english', material.category::text), 'B')
      || setweight(jsonb_to_tsvector('english', searched.properties, '["string"]'), 'B')
      || setweight(to_tsvector('english', coalesce(material.description, '')), 'C')
      || setweight(to_tsvector('english', coalesce(analyses.prose, '')), 'D'),
    searched.properties,
    material_search.to_terms(searched.properties)
      -- The colour of "dark brown" by itself.
      || array(
        select distinct material_search.to_term('color', regexp_replace(color, '^.*[ -]', ''))
        from jsonb_array_elements_text(
          case jsonb_typeof(searched.properties -> 'colors')
            when 'array' then searched.properties -> 'colors'
            else '[]'
          end
        ) color
      )
      || array_remove(array[
        material_search.to_term('', material.category::text),
        material_search.to_term('', searched.properties ->> 'type'),
        material_search.to_term('', searched.properties ->> 'family')
      ], null),
    coalesce(analysis.analysis_confidence, analysis.llama_confidence_score)
  from public.materials_catalog material
  left join lateral (
    select candidate.*
    from public.material_visual_analysis candidate
    where candidate.material_id = material.id
      and coalesce(candidate.processing_status, 'completed') = 'completed'
    order by candidate.created_at desc, candidate.id
    limit 1
  ) analysis on true
  left join lateral (
    -- Every picture of a material adds its words, up to what a tsvector can hold many times over.
    select left(string_agg(candidate.visual_characteristics, ' ' order by candidate.id), 50000) as prose
    from public.material_visual_analysis candidate
    where candidate.material_id = material.id
      and coalesce(candidate.processing_status, 'completed') = 'completed'
  ) analyses on true
  cross join lateral (
    -- Lower case by way of text: jsonb's escapes are lower case already.
    select lower((
      coalesce(material.properties, '{}')
        || coalesce(analysis.structural_properties, '{}')
        || jsonb_strip_nulls(jsonb_build_object(
          'type', nullif(analysis.material_type::text, 'unknown'),
          'finish', analysis.finish_type,
          'texture', analysis.surface_texture,
          'pattern', analysis.pattern_grain,
          'reflectivity', analysis.reflectivity,
          'colors', to_jsonb(string_to_array(analysis.color_description, ', '))
        ))
    )::text)::jsonb as properties
  ) searched
  where material.id = any (p_material_ids)
  on conflict (material_id) do update set
    analysis_id = excluded.analysis_id,
    visibility = excluded.visibility,
    created_by = excluded.created_by,
    created_at = excluded.created_at,
    names = excluded.names,
    document = excluded.document,
    properties = excluded.properties,
    terms = excluded.terms,
    confidence = excluded.confidence;
end;
$$;

comment on function material_search.refresh_documents is
  'Derives the documents of these materials anew.';

create or replace function material_search.on_material_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform material_search.refresh_documents((select array_agg(id) from changed));
  return null;
end;
$$;

comment on function material_search.on_material_change is
  'Trigger: the documents of the materials that a statement wrote.';

create or replace function material_search.on_analysis_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform material_search.refresh_documents((select array_agg(distinct material_id) from changed));
  return null;
end;
$$;

comment on function material_search.on_analysis_change is
  'Trigger: the documents of the materials whose analyses a statement wrote.';

create or replace function material_search.on_analysis_update()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- An analysis may have gone over to another material.
  perform material_search.refresh_documents((
    select array_agg(material_id)
    from (select material_id from changed union select material_id from replaced) touched
  ));
  return null;
end;
$$;

comment on function material_search.on_analysis_update is
  'Trigger: the documents of the materials whose analyses a statement changed, before and after.';

-- Once a statement, not once a row: a catalogue is imported in bulk.
create or replace trigger refresh_documents_on_insert
  after insert on public.materials_catalog referencing new table as changed
  for each statement execute function material_search.on_material_change();
create or replace trigger refresh_documents_on_update
  after update on public.materials_catalog referencing new table as changed
  for each statement execute function material_search.on_material_change();
create or replace trigger refresh_documents_on_insert
  after insert on public.material_visual_analysis referencing new table as changed
  for each statement execute function material_search.on_analysis_change();
create or replace trigger refresh_documents_on_update
  after update on public.material_visual_analysis
  referencing old table as replaced new table as changed
  for each statement execute function material_search.on_analysis_update();
create or replace trigger refresh_documents_on_delete
  after delete on public.material_visual_analysis referencing old table as changed
  for each statement execute function material_search.on_analysis_change();

revoke execute on all functions in schema material_search from public;

-- What was there before.
select material_search.refresh_documents((select array_agg(id) from public.materials_catalog));
