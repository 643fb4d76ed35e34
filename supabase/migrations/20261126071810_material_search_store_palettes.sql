-- Palettes: the few colours that a material's picture is made of, measured from its pixels.
--
-- Written by `deno task catalogue --colors` through public.material_search_store_palette. A palette is data
-- of the picture: nothing reads it but the search, and what that finds is what its caller may read.

create table if not exists material_search.palettes (
  material_id uuid primary key,
  source text not null check (char_length(source) between 1 and 2100),
  source_hash text not null check (source_hash ~ '^[0-9a-f]{64}$'),
  colors jsonb not null,
  measured_at timestamptz not null default now()
);

comment on table material_search.palettes is
  'The measured colours of each material that has a palette; deleted with the material.';
comment on column material_search.palettes.material_id is 'The material in the picture.';
comment on column material_search.palettes.source is
  'The picture that was measured: its URL, or storage://<bucket>/<path>.';
comment on column material_search.palettes.source_hash is 'SHA-256 of its bytes.';
comment on column material_search.palettes.colors is 'At most 8 of { hex, share, name }, the largest share first.';
comment on column material_search.palettes.measured_at is 'When this was measured.';

create table if not exists material_search.colors (
  material_id uuid not null,
  position smallint not null,
  owner text,
  share real not null,
  lightness double precision not null,
  a double precision not null,
  b double precision not null,
  place double precision[] not null,
  primary key (material_id, position)
);

comment on table material_search.colors is
  'The colours of material_search.palettes as they are searched, a row each. Derived.';
comment on column material_search.colors.material_id is 'The material.';
comment on column material_search.colors.position is 'In its palette; 1 is the largest share.';
comment on column material_search.colors.owner is 'As in material_search.documents.';
comment on column material_search.colors.share is 'Part of the picture, in (0, 1].';
comment on column material_search.colors.lightness is 'CIELAB (D65), 0 to 100.';
comment on column material_search.colors.a is 'CIELAB, green to red.';
comment on column material_search.colors.b is 'CIELAB, blue to yellow.';
comment on column material_search.colors.place is 'Three numbers, of material_search.to_place.';

create index if not exists colors_owner_idx
  on material_search.colors (owner) where owner is not null;

alter table material_search.palettes enable row level security;
drop policy if exists no_access on material_search.palettes;
create policy no_access on material_search.palettes using (false);
alter table material_search.colors enable row level security;
drop policy if exists no_access on material_search.colors;
create policy no_access on material_search.colors using (false);
revoke all on table material_search.palettes, material_search.colors
  from public, anon, authenticated, service_role;

-- The nearest colours come by an index where the extension cube is available; else all are read.
do $$
declare
  v_schema text;
begin
  begin
    if exists (select from pg_catalog.pg_available_extensions where name = 'cube')
      and not exists (select from pg_catalog.pg_extension where extname = 'cube')
    then
      create schema if not exists extensions;
      create extension cube with schema extensions;
    end if;
  exception
    when others then
      raise notice 'cube could not be created (%): a search by colour reads every palette', sqlerrm;
  end;
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'cube';
  if v_schema is not null then
    execute format(
      'create index if not exists colors_place_idx
       on material_search.colors using gist (%1$I.cube(place)) where owner is null',
      v_schema
    );
  end if;
end
$$;

create or replace function material_search.check_palette(p_palette jsonb)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if p_palette is null then
    return;
  end if;
  if pg_column_size(p_palette) > 8192 or jsonb_typeof(p_palette) <> 'array'
    or jsonb_array_length(p_palette) not between 1 and 8
  then
    perform material_search.refuse('A palette must be a list of 1 to 8 colours');
  end if;
  if exists (
    select from jsonb_array_elements(p_palette) color
    where jsonb_typeof(color) <> 'object'
      or coalesce(color ->> 'hex' !~* '^#[0-9a-f]{6}$', true)
      or jsonb_typeof(color -> 'share') is distinct from 'number'
      or not case jsonb_typeof(color -> 'share')
        -- Smaller shares are 0 in double precision.
        when 'number' then (color ->> 'share')::numeric between 1e-300 and 1
        else false
      end
  ) then
    perform material_search.refuse(
      'A colour of a palette must have a hex, "#rrggbb", and a share above 0, at most 1'
    );
  end if;
end;
$$;

comment on function material_search.check_palette is
  'Raises invalid_parameter_value for what is no palette; null is fine.';

create or replace function public.material_search_store_palette(
  p_material_id uuid,
  p_palette jsonb,
  p_source text,
  p_source_hash text
)
returns boolean
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
begin
  perform material_search.check_palette(p_palette);
  if p_palette is null then
    perform material_search.refuse('p_palette must be a list of 1 to 8 colours');
  end if;
  if not exists (select from public.materials_catalog where id = p_material_id) then
    return false;
  end if;
  insert into material_search.palettes as old (material_id, source, source_hash, colors)
  values (
    p_material_id, p_source, p_source_hash,
    (
      select jsonb_agg(jsonb_build_object(
        'hex', lower(color ->> 'hex'), 'share', color -> 'share', 'name', left(color ->> 'name', 40)
      ) order by (color ->> 'share')::numeric desc, n)
      from jsonb_array_elements(p_palette) with ordinality one (color, n)
    )
  )
  on conflict (material_id) do update
  set source = excluded.source, source_hash = excluded.source_hash, colors = excluded.colors,
    measured_at = now();
  delete from material_search.colors where material_id = p_material_id;
  insert into material_search.colors (material_id, position, owner, share, lightness, a, b, place)
  select p_material_id, n,
    (
      select d.owner from material_search.documents d
      where d.material_id = p_material_id and not d.needs_analysis
    ),
    (color ->> 'share')::real, lab.lightness, lab.a, lab.b,
    material_search.to_place(lab.lightness, lab.a, lab.b)
  from material_search.palettes p
  cross join lateral jsonb_array_elements(p.colors) with ordinality one (color, n)
  cross join lateral material_search.to_cielab(color ->> 'hex') lab
  where p.material_id = p_material_id;
  return true;
end;
$$;

comment on function public.material_search_store_palette is
  'Stores the colours ({ hex, share, name }, at most 8) of a material''s picture in place of those it had; false where the material is gone. For service_role only.';

create or replace function material_search.to_picture(p_text text)
returns text
language sql
immutable
set search_path = ''
as $$
  select p_text
  where char_length(p_text) <= 2048 and p_text ~ '^(https?://\S+|storage://[^/]+/[^/].*)$';
$$;

comment on function material_search.to_picture is
  'A picture that can be fetched: a URL, or storage://<bucket>/<path>; null for anything else.';

create or replace function public.material_search_list_pictures(
  p_after uuid default null,
  p_limit integer default 100,
  p_is_again boolean default false,
  p_category text default null
)
returns table (material_id uuid, source text, source_hash text, owner_id uuid)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if not coalesce(p_limit between 1 and 1000, false) then
    perform material_search.refuse('p_limit must be from 1 to 1000');
  end if;
  return query
  select picture.id, picture.source, p.source_hash, picture.owner_id
  from (
    -- By the rows, for an application's own tables may lack the columns.
    select material.id::uuid as id, material_search.find_owner(to_jsonb(material.*)) as owner_id,
      coalesce(
        material_search.to_picture(to_jsonb(material.*) ->> 'thumbnail_url'),
        -- A picture that was uploaded for it is known by its analysis alone.
        (
          select material_search.to_picture(to_jsonb(analysis.*) ->> 'source_image_url') as source
          from public.material_visual_analysis analysis
          where analysis.material_id = material.id
            and material_search.to_picture(to_jsonb(analysis.*) ->> 'source_image_url') is not null
          order by to_jsonb(analysis.*) ->> 'created_at' desc nulls last, source
          limit 1
        )
      ) as source
    from public.materials_catalog material
    where p_category is null or material.category::text = p_category
  ) picture
  left join material_search.palettes p on p.material_id = picture.id
  where picture.source is not null
    and (p_after is null or picture.id > p_after)
    and (coalesce(p_is_again, false) or p.source is distinct from picture.source)
  order by picture.id
  limit p_limit;
end;
$$;

comment on function public.material_search_list_pictures is
  'Pictures of materials (thumbnail_url, else that of the newest analysis) that have no palette of them yet, or with p_is_again all, after a material''s id, in the order of ids; source_hash: of the picture that was measured; owner_id: the user whose own material it is. For service_role only.';

create or replace function material_search.follow_documents()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    -- A document that could not be derived anew is gone as well; its material is not.
    if not exists (select from public.materials_catalog where id = old.material_id) then
      delete from material_search.palettes where material_id = old.material_id;
      delete from material_search.colors where material_id = old.material_id;
    end if;
  else
    update material_search.colors set owner = new.owner
    where material_id = new.material_id and owner is distinct from new.owner;
  end if;
  return null;
end;
$$;

comment on function material_search.follow_documents is
  'Trigger of the documents: a material''s colours are its owner''s, and go with it.';

create or replace trigger follow_documents_insert
  after insert on material_search.documents
  for each row when (not new.needs_analysis) execute function material_search.follow_documents();
create or replace trigger follow_documents_update
  after update on material_search.documents
  for each row when (not new.needs_analysis and old.owner is distinct from new.owner)
  execute function material_search.follow_documents();
create or replace trigger follow_documents_delete
  after delete on material_search.documents
  for each row when (not old.needs_analysis) execute function material_search.follow_documents();

revoke all on function
  material_search.check_palette, material_search.follow_documents, material_search.to_picture,
  public.material_search_store_palette, public.material_search_list_pictures
  from public, anon, authenticated, service_role;
grant execute on function material_search.check_palette to authenticated, service_role;
grant execute on function
  public.material_search_store_palette, public.material_search_list_pictures
  to service_role;
