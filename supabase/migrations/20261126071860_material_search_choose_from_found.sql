-- What a search finds for its caller, and which of it is scored: row level security decides here. Where all
-- that is found has been seen, the first of it are known; only where there is more are they looked for. A
-- picture that is found whole a hundred times needs no parts.

drop function if exists material_search.find_readable(material_search.search, integer, integer, boolean);
drop function if exists material_search.choose_head(material_search.search, uuid[]);
drop function if exists material_search.find_enough(material_search.search);

create or replace function material_search.rank_materials(
  p_search material_search.search,
  p_material_ids uuid[]
)
returns table (
  material_id uuid,
  needs_analysis boolean,
  analysis_id text,
  created_at timestamptz,
  visual real,
  semantic real,
  property real,
  confidence real,
  combined real
)
rows 20
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_asked material_search.search := p_search;
begin
  perform material_search.check_search(p_search);
  -- What is alike comes by the join, and what is scored has the colour already: lists of some hundred ids
  -- in a condition more would be compared one by one.
  v_asked.similar_ids := null;
  v_asked.color_ids := null;
  -- The index of a large space tells the nearest alone: what its words have found may be similar as well.
  if p_search.space_id is not null then
    select compared.material_ids, compared.similarities
    into p_search.similar_ids, p_search.similarities
    from material_search.embedding_spaces space,
      material_search.compare_embeddings(
        space, p_search.query_embedding, p_search.cut_off, p_material_ids
      ) compared
    where space.id = p_search.space_id;
  end if;
  return query execute format(
    'with scored as (
       select d.material_id, d.needs_analysis, d.created_at, d.confidence,
         case when d.needs_analysis then coalesce(d.analysis_id, '''') end as analysis_id,
         case when $3 is not null then greatest(coalesce(similar_.similarity, 0), 0) end::real as visual,
         case when num_nonnulls($1, $2) > 0 then (%3$s + %4$s) / num_nonnulls($1, $2) end::real as semantic,
         %1$s as property
       from material_search.documents d
       left join unnest($3, $4) similar_ (id, similarity) on similar_.id = d.material_id
       where d.material_id = any ($6) and (similar_.id is not null or %2$s) %5$s
     )
     select s.material_id, s.needs_analysis, s.analysis_id, s.created_at, s.visual, s.semantic,
       s.property, s.confidence,
       (
         (
           $5[1] * coalesce(s.visual, 0) + $5[2] * coalesce(s.semantic, 0)
             + $5[3] * coalesce(s.property, 0) + $5[4] * coalesce(s.confidence, 0)
         )
         -- A material without a confidence has none to be weighed: neither the best nor the worst.
         / nullif($5[1] + $5[2] + $5[3] + case when s.confidence is null then 0 else $5[4] end, 0)
       )::real
     from scored s',
    material_search.to_property_score(p_search),
    material_search.to_found(v_asked),
    material_search.to_share(p_search.query_parts, p_search.query_scales),
    material_search.to_share(p_search.picture_query_parts, p_search.picture_query_scales),
    ' and ' || nullif(material_search.to_exact_filter(v_asked), '')
  )
  using p_search.query, p_search.picture_query, p_search.similar_ids, p_search.similarities,
    p_search.weights, p_material_ids;
end;
$$;

comment on function material_search.rank_materials is
  'Scores of these materials'' documents, as far as a search finds them, without regard to rights. For material_search.rank_readable alone.';

create or replace function material_search.read_found(
  p_search material_search.search,
  p_most integer,
  out material_ids uuid[],
  out first_ids uuid[]
)
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
-- Ids are looked up one by one, however many there are: never by a scan of the table.
set enable_seqscan = off
as $$
declare
  v_batch integer := p_most;
  v_found record;
begin
  -- Until there are enough that the caller may read: what others have decides nothing.
  loop
    v_found := material_search.find_matching(p_search, v_batch);
    if v_found.analysis_ids is null then
      material_ids := array(select id from public.materials_catalog where id = any (v_found.material_ids));
    else
      execute format(
        'select array(
           select distinct r.material_id
           from unnest($1, $2) r (material_id, analysis_id)
           where exists (select from public.materials_catalog material where material.id = r.material_id)
             and %s
         )',
        material_search.to_readable_analysis()
      ) into material_ids using v_found.material_ids, v_found.analysis_ids;
    end if;
    exit when cardinality(v_found.material_ids) < v_batch or cardinality(material_ids) >= p_most;
    v_batch := least(v_batch::bigint * 10, 2147483647);
  end loop;
  if cardinality(material_ids) = cardinality(v_found.material_ids) then
    first_ids := v_found.first_ids;
  end if;
  material_ids := material_ids[1:p_most];
end;
$$;

comment on function material_search.read_found is
  'So many of the materials that a search finds and the caller may read, in no order; first_ids: of material_search.find_matching, null where the caller may not read all of it.';

create or replace function material_search.read_first(
  p_search material_search.search,
  p_most integer,
  p_least_items integer,
  p_in_names boolean,
  out material_ids uuid[],
  out is_named boolean
)
language plpgsql
stable
set search_path = pg_catalog, public, extensions, pg_temp
set enable_seqscan = off
as $$
declare
  v_batch integer := p_most;
  v_found record;
begin
  loop
    v_found := material_search.find_in_order(p_search, p_least_items, p_in_names, v_batch);
    execute format(
      'select array(
         select r.material_id
         from unnest($1, $2) with ordinality r (material_id, analysis_id, place)
         where exists (select from public.materials_catalog material where material.id = r.material_id)
           and %s
         group by r.material_id order by min(r.place)
       )',
      material_search.to_readable_analysis()
    ) into material_ids using v_found.material_ids, v_found.analysis_ids;
    exit when cardinality(v_found.material_ids) < v_batch or cardinality(material_ids) >= p_most;
    v_batch := least(v_batch::bigint * 10, 2147483647);
  end loop;
  is_named := v_found.is_named and cardinality(material_ids) = cardinality(v_found.material_ids);
  material_ids := material_ids[1:p_most];
end;
$$;

comment on function material_search.read_first is
  'So many of the materials that the caller may read, the first in the stored order that have at least p_least_items of a search''s items (null: that it finds), in their names or anywhere; is_named: of material_search.find_in_order.';

create or replace function material_search.choose_scored(
  p_search material_search.search,
  p_found uuid[],
  p_first uuid[]
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
  v_is_named boolean := false;
  v_more record;
  v_rare uuid[] := '{}';
  v_head uuid[] := '{}';
begin
  if cardinality(p_found) <= 2000 then
    return p_found;
  end if;
  if p_first is not null then
    return p_first;
  end if;
  -- Those with the most items are few, and all taken; those with one less are more than enough. Where
  -- that changes is looked for from a guess, upwards or downwards.
  v_least := case
    -- What one picture shows goes together in others, and so do two words.
    when v_rare_from <= 3 or p_search.is_narrow then v_rare_from - 1
    -- One more than any in the sample has: of too many items few documents are read, of too few many.
    else (
      select max(bit_count(items::bit(6))) + 1
      from unnest(material_search.read_sample(p_search.items)) items
    )
  end;
  while v_common_to + 1 < v_rare_from loop
    v_least := least(greatest(coalesce(v_least, 1), v_common_to + 1), v_rare_from - 1);
    v_more := material_search.read_first(p_search, v_enough, v_least, false);
    if cardinality(v_more.material_ids) = v_enough then
      v_common_to := v_least;
      v_head := v_more.material_ids;
      v_is_named := v_more.is_named;
      v_least := v_least + 1;
    else
      v_rare_from := v_least;
      v_rare := v_more.material_ids;
      v_least := v_least - 1;
      -- What has fewer of a picture's properties is not before these.
      exit when p_search.is_narrow and cardinality(v_rare) >= 100;
    end if;
  end loop;
  -- Of documents with few of the picture's properties, those are taken that the search itself finds.
  if v_common_to = 0 or p_search.is_narrow and v_common_to < 3 then
    v_more := material_search.read_first(p_search, v_enough, null, false);
    v_head := v_head || v_more.material_ids;
  -- Of more documents than can be scored, those with the words in their names are taken as well.
  elsif not p_search.is_narrow and not v_is_named then
    v_more := material_search.read_first(p_search, v_enough, v_common_to, true);
    v_head := v_head || v_more.material_ids;
  end if;
  v_head := v_rare || v_head;
  if p_search.similar_ids is not null then
    v_head := v_head || array(
      select id from public.materials_catalog where id = any (p_search.similar_ids[1:1000])
    );
  end if;
  return array(select distinct unnest(v_head));
end;
$$;

comment on function material_search.choose_scored is
  'The materials to be scored of those that a search finds: all, where there are at most 2,000; else some hundreds that have the most of its items. The others follow in the stored order. p_first: of material_search.read_found.';

create or replace function material_search.find_and_choose(
  p_search material_search.search,
  out search material_search.search,
  out material_ids uuid[],
  out head uuid[]
)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_found record;
begin
  search := p_search;
  loop
    -- What resembles a picture is never all of it: its number needn't be exact.
    v_found := material_search.read_found(search, case when search.is_narrow then 2001 else 10001 end);
    -- Whatever the page: its neighbours must be of the same ranking.
    exit when not search.is_narrow or cardinality(v_found.material_ids) >= 100;
    search.is_narrow := false;
  end loop;
  material_ids := v_found.material_ids;
  head := material_search.choose_scored(search, material_ids, v_found.first_ids);
end;
$$;

comment on function material_search.find_and_choose is
  'What a search finds for its caller, 10,001 materials at most: where fewer than a hundred resemble a picture, whatever has something of it. head: of material_search.choose_scored.';

revoke all on function
  material_search.read_found, material_search.read_first, material_search.choose_scored, material_search.find_and_choose
  from public, anon, authenticated, service_role;
grant execute on function
  material_search.read_found, material_search.read_first, material_search.choose_scored, material_search.find_and_choose
  to authenticated, service_role;
