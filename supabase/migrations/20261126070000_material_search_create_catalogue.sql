-- The catalogue that visual-search reads: materials, and what the analysis of their pictures said.
--
-- Both tables may be there already, from the application that this is installed into. Then they keep
-- their columns, defaults, policies and grants, and only get the columns that are missing. Row level
-- security, policies and grants are set here only for a table that is created here: a permissive
-- policy beside existing ones would widen what they allow.
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
    created_by uuid,
    visibility text not null default 'public',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  alter table public.materials_catalog enable row level security;

  -- The sub-select is evaluated once a query, not once a row. As text, because a token's subject need
  -- not be a UUID, and stock Postgres has no auth.uid().
  create policy materials_catalog_read on public.materials_catalog
    for select to authenticated
    using (
      visibility = 'public'
      or created_by::text = (
        select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
      )
    );
  -- Users keep materials of their own; what everybody sees is published with a project secret.
  create policy materials_catalog_write_own on public.materials_catalog
    for all to authenticated
    using (
      visibility = 'private'
      and created_by::text = (
        select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
      )
    )
    with check (
      visibility = 'private'
      and created_by::text = (
        select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
      )
    );

  revoke all on table public.materials_catalog from public, anon;
  grant select, insert, update, delete on table public.materials_catalog
    to authenticated, service_role;

  comment on table public.materials_catalog is
    'Materials that can be found. A private one is seen by created_by alone, a public one by every signed-in user.';
end
$$;

alter table public.materials_catalog
  add column if not exists description text,
  add column if not exists properties jsonb default '{}',
  add column if not exists thumbnail_url text,
  add column if not exists created_by uuid,
  add column if not exists visibility text not null default 'public',
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now();

do $$
begin
  alter table public.materials_catalog
    add constraint materials_catalog_visibility_check check (visibility in ('public', 'private'));
exception
  when duplicate_object then null;
end
$$;

comment on column public.materials_catalog.id is 'The material_id of a search result.';
comment on column public.materials_catalog.name is 'What it is called; weighs most in a search.';
comment on column public.materials_catalog.category is 'The catalogue''s own grouping.';
comment on column public.materials_catalog.description is 'Prose; searched.';
comment on column public.materials_catalog.properties is
  'Structured properties of the catalogue''s own, key → value; searched, and matched by property_filters.';
comment on column public.materials_catalog.thumbnail_url is 'A small picture of it.';
comment on column public.materials_catalog.created_by is
  'The user it belongs to; null for one of nobody''s.';
comment on column public.materials_catalog.visibility is
  'public or private. Existing policies of an existing table don''t know it and go on as they were.';
comment on column public.materials_catalog.created_at is 'What date_range compares with.';
comment on column public.materials_catalog.updated_at is 'Kept by whoever writes.';

do $$
begin
  if to_regclass('public.material_visual_analysis') is not null then
    return;
  end if;
  create table public.material_visual_analysis (
    id uuid primary key default gen_random_uuid(),
    material_id uuid not null references public.materials_catalog (id) on delete cascade,
    material_type text not null,
    created_at timestamptz not null default now(),
    source_image_hash text,
    unique (material_id, source_image_hash)
  );
  alter table public.material_visual_analysis enable row level security;

  -- The inner select is under the caller's rights as well: who sees the material sees its analyses.
  create policy material_visual_analysis_read on public.material_visual_analysis
    for select to authenticated
    using (
      exists (select from public.materials_catalog material where material.id = material_id)
    );

  revoke all on table public.material_visual_analysis from public, anon;
  grant select on table public.material_visual_analysis to authenticated;
  grant select, insert, update, delete on table public.material_visual_analysis to service_role;

  comment on table public.material_visual_analysis is
    'What the analysis of a material''s picture said. Written by services: what is ranked by it is not the users'' to say.';
end
$$;

-- No default for the two confidences: what nothing supports is null.
alter table public.material_visual_analysis
  add column if not exists id uuid not null default gen_random_uuid(),
  add column if not exists surface_texture text,
  add column if not exists color_description text,
  add column if not exists finish_type text,
  add column if not exists pattern_grain text,
  add column if not exists reflectivity text,
  add column if not exists visual_characteristics text,
  add column if not exists structural_properties jsonb default '{}',
  add column if not exists llama_model_version text,
  add column if not exists llama_analysis_prompt_hash text,
  add column if not exists llama_confidence_score real,
  add column if not exists llama_processing_time_ms integer,
  add column if not exists analysis_confidence real,
  add column if not exists processing_status text default 'completed',
  add column if not exists source_image_url text,
  add column if not exists source_image_hash text,
  add column if not exists image_dimensions jsonb,
  add column if not exists created_at timestamptz not null default now();

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

-- Joins, the policy above and the cascade all come by it. The unique constraint has it where it is ours.
create index if not exists material_visual_analysis_material_id_idx
  on public.material_visual_analysis (material_id);
