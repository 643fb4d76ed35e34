-- The catalogue that visual-search reads: materials, and what the analysis of their pictures said.
--
-- Tables that an application has already stay as they are: no column, constraint, policy or grant of
-- theirs is changed. What follows here is only for tables that are created here.
--
-- Read by users and services through PostgREST with their own rights; see docs/decisions/0013.

do $$
begin
  if to_regclass('public.materials_catalog') is not null then
    return;
  end if;
  create table public.materials_catalog (
    id uuid primary key default gen_random_uuid(),
    name text not null check (char_length(name) between 1 and 200),
    category text not null check (char_length(category) between 1 and 100),
    description text check (char_length(description) <= 10000),
    properties jsonb not null default '{}' check (jsonb_typeof(properties) = 'object'),
    thumbnail_url text check (char_length(thumbnail_url) <= 2048),
    -- The subject of a third party's token need not be a UUID. No function of the search: the catalogue
    -- is to outlive it.
    created_by uuid default substring(
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
      from '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
    )::uuid,
    visibility text not null default 'public' check (visibility in ('public', 'private')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    -- A number of one figure takes a dozen bytes: a user's request of a megabyte would be a row of six. What
    -- is longer is searched by nothing, either.
    constraint private_properties_at_most_64_kib
      check (visibility = 'public' or pg_column_size(properties) <= 65536)
  );
  alter table public.materials_catalog enable row level security;

  -- The sub-select is evaluated once a query, not once a row. As text, because a token's subject need
  -- not be a UUID, and stock Postgres has no auth.uid().
  create policy materials_catalog_read on public.materials_catalog
    for select to authenticated
    using (
      visibility = 'public'
      or created_by::text = (
        select nullif((select current_setting('request.jwt.claims', true)), '')::jsonb ->> 'sub'
      )
    );
  -- Users keep materials of their own; what all users see is published with a project secret. One
  -- policy an action: two permissive ones of an action are both evaluated for each row.
  create policy materials_catalog_insert_own on public.materials_catalog
    for insert to authenticated
    with check (
      visibility = 'private'
      and created_by::text = (
        select nullif((select current_setting('request.jwt.claims', true)), '')::jsonb ->> 'sub'
      )
    );
  create policy materials_catalog_update_own on public.materials_catalog
    for update to authenticated
    using (
      visibility = 'private'
      and created_by::text = (
        select nullif((select current_setting('request.jwt.claims', true)), '')::jsonb ->> 'sub'
      )
    );
  create policy materials_catalog_delete_own on public.materials_catalog
    for delete to authenticated
    using (
      visibility = 'private'
      and created_by::text = (
        select nullif((select current_setting('request.jwt.claims', true)), '')::jsonb ->> 'sub'
      )
    );

  revoke all on table public.materials_catalog from public, anon, authenticated, service_role;
  -- An id, a creator and the times are not a user's to choose: under a chosen id a user could keep the
  -- place of a material that the project is about to publish.
  grant select, delete on table public.materials_catalog to authenticated;
  grant insert (name, category, description, properties, thumbnail_url, visibility)
    on table public.materials_catalog to authenticated;
  grant update (name, category, description, properties, thumbnail_url)
    on table public.materials_catalog to authenticated;
  grant select, insert, update, delete on table public.materials_catalog to service_role;

  -- A user's own: what the quota counts, and what goes with the user.
  create index on public.materials_catalog (created_by) where visibility = 'private';

  comment on table public.materials_catalog is
    'Materials that can be found. A private one is seen by created_by alone, a public one by every signed-in user.';
  comment on column public.materials_catalog.id is 'The material_id of a search result.';
  comment on column public.materials_catalog.name is 'What it is called; weighs most in a search.';
  comment on column public.materials_catalog.category is 'The catalogue''s own grouping.';
  comment on column public.materials_catalog.description is 'Prose; searched.';
  comment on column public.materials_catalog.properties is
    'Structured properties of the catalogue''s own, key → value; searched, and matched by property_filters. At most 64 KiB of a private material.';
  comment on column public.materials_catalog.thumbnail_url is 'A small picture of it.';
  comment on column public.materials_catalog.created_by is
    'The user it belongs to, by the token it was inserted with; null for the project''s own.';
  comment on column public.materials_catalog.visibility is 'public or private.';
  comment on column public.materials_catalog.created_at is 'What date_range compares with.';
  comment on column public.materials_catalog.updated_at is 'Kept by services that write.';
end
$$;

do $$
begin
  if to_regclass('public.material_visual_analysis') is not null then
    return;
  end if;
  create table public.material_visual_analysis (
    id uuid primary key default gen_random_uuid(),
    material_id uuid not null,
    material_type text not null,
    surface_texture text,
    color_description text,
    finish_type text,
    pattern_grain text,
    reflectivity text,
    visual_characteristics text,
    structural_properties jsonb default '{}',
    llama_model_version text,
    llama_analysis_prompt_hash text,
    -- No default for the two confidences: what nothing supports is null.
    llama_confidence_score real,
    llama_processing_time_ms integer,
    analysis_confidence real,
    processing_status text default 'completed',
    source_image_url text,
    source_image_hash text,
    image_dimensions jsonb,
    created_at timestamptz not null default now(),
    unique (material_id, source_image_hash)
  );
  -- None to a catalogue of an application's: it would forbid to truncate, retype or drop that one. The
  -- trigger that follows deletions does what a cascade would.
  if (material_search.read_settings()).owns_catalogue then
    alter table public.material_visual_analysis
      add foreign key (material_id) references public.materials_catalog (id) on delete cascade;
    -- The inner select is under the caller's rights as well: who sees the material sees its analyses.
    create policy material_visual_analysis_read on public.material_visual_analysis
      for select to authenticated
      using (
        exists (select from public.materials_catalog material where material.id = material_id)
      );
  else
    create policy material_visual_analysis_read on public.material_visual_analysis
      for select to authenticated
      using (material_search.is_readable(material_id));
  end if;
  alter table public.material_visual_analysis enable row level security;


  revoke all on table public.material_visual_analysis from public, anon, authenticated, service_role;
  grant select on table public.material_visual_analysis to authenticated;
  grant select, insert, update, delete on table public.material_visual_analysis to service_role;

  comment on table public.material_visual_analysis is
    'What the analysis of a material''s picture said. Written by services: what is ranked by it is not the users'' to say.';
  comment on column public.material_visual_analysis.id is 'Of the analysis.';
  comment on column public.material_visual_analysis.material_id is 'The material in the picture.';
  comment on column public.material_visual_analysis.material_type is
    'As narrow as the picture allowed, such as white oak; unknown where it did not.';
  comment on column public.material_visual_analysis.surface_texture is 'One of the analysis'' textures; null where unknown.';
  comment on column public.material_visual_analysis.color_description is 'Plain names, separated by commas.';
  comment on column public.material_visual_analysis.finish_type is 'One of the analysis'' finishes; null where unknown.';
  comment on column public.material_visual_analysis.pattern_grain is 'One of the analysis'' patterns; null where unknown.';
  comment on column public.material_visual_analysis.reflectivity is 'none to mirror; null where unknown.';
  comment on column public.material_visual_analysis.visual_characteristics is 'The analysis in prose; searched.';
  comment on column public.material_visual_analysis.structural_properties is
    'The other structured properties: family, transparency, applications, style, quality_flags, lookalikes.';
  comment on column public.material_visual_analysis.llama_model_version is 'The model that answered.';
  comment on column public.material_visual_analysis.llama_analysis_prompt_hash is 'Of the prompt it was asked with.';
  comment on column public.material_visual_analysis.llama_confidence_score is
    'In [0, 1]; null where nothing supports a figure. Write it explicitly: older tables have a default.';
  comment on column public.material_visual_analysis.llama_processing_time_ms is 'Milliseconds.';
  comment on column public.material_visual_analysis.analysis_confidence is 'As llama_confidence_score, which stands in for it.';
  comment on column public.material_visual_analysis.processing_status is 'Only completed ones (or null) are searched.';
  comment on column public.material_visual_analysis.source_image_url is 'Where the picture is.';
  comment on column public.material_visual_analysis.source_image_hash is 'Of the picture''s bytes; one analysis a picture.';
  comment on column public.material_visual_analysis.image_dimensions is '{ width, height } in pixels.';
  comment on column public.material_visual_analysis.created_at is 'The newest completed analysis counts.';
end
$$;

-- A material's analyses are looked up by it at each of its changes.
do $$
begin
  if not exists (
    select from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = 'public.material_visual_analysis'::regclass
      and a.attname = 'material_id' and i.indisvalid and i.indpred is null
  ) then
    create index on public.material_visual_analysis (material_id);
  end if;
exception
  when insufficient_privilege then
    raise notice 'public.material_visual_analysis has no index that begins with material_id: each change of a material reads all of it';
end
$$;
