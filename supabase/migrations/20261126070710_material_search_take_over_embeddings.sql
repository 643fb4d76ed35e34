-- The vectors that are in the database before there are spaces: those of an application, in
-- material_visual_analysis.clip_embedding, and those of this search's first table. All have 512 numbers.
-- May run again, for an application's that were written since: what a space has is not replaced.

do $$
declare
  v_schema text := material_search.read_vector_schema();
  v_clip integer := (select id from material_search.embedding_spaces where name = 'clip');
  v_model text;
  v_space material_search.embedding_spaces;
begin
  if v_schema is null then
    return;
  end if;

  -- A model's vectors are a space. Callers have compared theirs with the ones of the most used model.
  if to_regclass('material_search.material_embeddings') is not null then
    for v_model in execute
      'select model from material_search.material_embeddings group by model order by count(*) desc, model'
    loop
      if v_space is null then
        update material_search.embedding_spaces set model = v_model where id = v_clip
        returning * into v_space;
      else
        insert into material_search.embedding_spaces (name, model, dimensions, metric)
        values (
          left('m-' || regexp_replace(v_model, '[^A-Za-z0-9._/-]', '-', 'g'), 54) || '-'
            || left(md5(v_model), 8),
          v_model, 512, 'cosine'
        )
        returning * into v_space;
      end if;
      execute
        'insert into material_search.embeddings (space_id, material_id, embedding)
         select $1, material_id, embedding from material_search.material_embeddings where model = $2
         on conflict do nothing'
        using v_space.id, v_model;
      perform material_search.index_space(v_space);
    end loop;
    drop table material_search.material_embeddings;
  end if;

  begin
    if exists (
      select from pg_catalog.pg_attribute a
      where a.attrelid = 'public.material_visual_analysis'::regclass
        and a.attname = 'clip_embedding' and not a.attisdropped
        and a.atttypid = to_regtype(format('%I.vector', v_schema))
    ) then
      execute format(
        'insert into material_search.embeddings (space_id, material_id, embedding)
         select distinct on (t.material_id) $1, t.material_id, t.clip_embedding
         from public.material_visual_analysis t
         where %1$I.vector_dims(t.clip_embedding) = 512
           -- No cosine can be told of nothing.
           and %1$I.vector_norm(t.clip_embedding) between 1e-6 and 1e9
           and exists (select from public.materials_catalog m where m.id = t.material_id)
         order by t.material_id%2$s
         on conflict do nothing',
        v_schema,
        case when exists (
          select from pg_catalog.pg_attribute a
          where a.attrelid = 'public.material_visual_analysis'::regclass
            and a.attname = 'created_at' and not a.attisdropped
        ) then ', t.created_at desc nulls last' end
      ) using v_clip;
    end if;
  exception
    when others then
      raise notice 'The embeddings in material_visual_analysis could not be taken over: %', sqlerrm;
  end;
end
$$;
