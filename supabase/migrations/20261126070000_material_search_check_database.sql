-- Whether the search fits into this database, before anything of it is created.
--
-- The tables public.materials_catalog and public.material_visual_analysis may be there already, with
-- rows, policies, triggers and columns of an application. What is in the way is told all at once. The
-- message ends with the command that takes the migrations of the search out of the pending ones, so that
-- the next `supabase db push` is not held up by them.

do $$
declare
  v_problems text;
begin
  with
  -- The mark is the comment on the schema, which the next migration sets: this file may run again.
  installed as (
    select coalesce(
      obj_description(to_regnamespace('material_search')::oid, 'pg_namespace')
        like 'Private to the search of materials.%',
      false
    ) as is_ours
  ),
  wanted (name, key) as (
    values ('materials_catalog', 'id'), ('material_visual_analysis', 'material_id')
  ),
  existing as (
    select c.oid::regclass as id, c.relkind, c.relispartition, w.name, w.key
    from wanted w join pg_class c on c.oid = to_regclass('public.' || w.name)
  ),
  -- A domain is what it is made of.
  attribute as (
    select e.name as table_name, a.attname as name, format_type(a.atttypid, null) as type,
      exists (
        with recursive base (id) as (
          select a.atttypid
          union all
          select d.typbasetype from base join pg_type d on d.oid = base.id and d.typtype = 'd'
        )
        select from base where id = 'uuid'::regtype
      ) as is_uuid
    from existing e
    join pg_attribute a on a.attrelid = e.id and a.attnum > 0 and not a.attisdropped
  ),
  problem (place, told) as (
    select 1, 'the schema material_search is not of this search: rename it'
    from installed where not is_ours and to_regnamespace('material_search') is not null
    union all
    select 1, format('%s public.%s has a name of this search''s: rename it', taken.kind, taken.name)
    from (
      select 'the function' as kind, proname as name from pg_proc
      where pronamespace = 'public'::regnamespace
      union all
      select case typtype when 'c' then 'the table or view' else 'the type' end, typname from pg_type
      where typnamespace = 'public'::regnamespace
      union all
      -- Neither has a type.
      select case relkind when 'S' then 'the sequence' else 'the index' end, relname from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('S', 'i', 'I')
    ) taken, installed
    where not is_ours and taken.name in (
      'material_search_find_materials', 'material_search_store_embedding',
      'material_search_store_embeddings', 'material_search_create_space',
      'material_search_read_spaces', 'material_search_find_missing_embeddings',
      'material_search_learn_cut_off', 'material_search_switch_space',
      'material_search_delete_space',
      'material_search_refresh_documents', 'material_search_read_state',
      'material_search_change_settings', 'material_search_write_history',
      'material_search_clean_up', 'material_search_history',
      'material_search_store_palette', 'material_search_list_pictures'
    )
    union all
    select 2, format('the type public.%s has the name of a table of this search: rename it', w.name)
    from wanted w join pg_type t on t.typname = w.name and t.typnamespace = 'public'::regnamespace
    where t.typrelid = 0
    union all
    select 3, format(
      'public.%s is %s, whose changes can''t be followed: rename it, or make it an ordinary table',
      e.name,
      case
        when e.relispartition then 'a partition'
        when e.relkind = 'r' then 'part of an inheritance'
        when e.relkind = 'p' then 'a partitioned table'
        when e.relkind = 'v' then 'a view'
        when e.relkind = 'm' then 'a materialized view'
        when e.relkind = 'f' then 'a foreign table'
        else 'no table'
      end
    )
    from existing e
    where e.relkind <> 'r' or e.relispartition
      or exists (select from pg_inherits where e.id in (inhrelid, inhparent))
    union all
    select 4, format('public.%s has no column %s: add it, or rename the one that is it', e.name, c.name)
    from existing e
    join (values ('materials_catalog', 'id'), ('materials_catalog', 'name'),
      ('materials_catalog', 'category'), ('material_visual_analysis', 'material_id'))
      c (table_name, name) on c.table_name = e.name
    where not exists (
      select from attribute a where a.table_name = e.name and a.name = c.name
    )
    union all
    select 5, format('public.%s: its column %s is of the type %s and must be a uuid', e.name, e.key, a.type)
    from existing e join attribute a on a.table_name = e.name and a.name = e.key
    where not a.is_uuid
    union all
    select 6, 'public.materials_catalog has no primary key or unique constraint on id alone: add one'
    from existing e join pg_attribute a on a.attrelid = e.id and a.attname = 'id' and a.attnum > 0
    where e.name = 'materials_catalog' and e.relkind = 'r' and not exists (
      select from pg_index i
      where i.indrelid = e.id and i.indisunique and i.indisvalid and i.indpred is null
        and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
    )
    union all
    select 7, format('public.%s: grant select and trigger on it to %s', e.name, current_user)
    from existing e
    where not (has_table_privilege(e.id, 'select') and has_table_privilege(e.id, 'trigger'))
    union all
    select 8, format(
      'public.%s: its row level security holds for %s too, which keeps the index: give that role bypassrls',
      e.name, current_user
    )
    from existing e where e.relkind = 'r' and row_security_active(e.id)
    union all
    select 9, format('public.%s: its trigger %s has a name of this search''s: rename it', e.name, t.tgname)
    from existing e
    join pg_trigger t on t.tgrelid = e.id and t.tgname like 'material\_search\_%'
    join pg_proc p on p.oid = t.tgfoid
    join installed on not is_ours or p.pronamespace <> to_regnamespace('material_search')
  )
  select string_agg('- ' || told, e'\n' order by place, told) into v_problems from problem;

  if v_problems is not null then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = concat_ws(
        e'\n',
        'The search of materials is not installed, for something in this database is in its way:',
        v_problems,
        'Nothing was changed. Mend it and push again, or go on without the search by: '
          || 'deno task install <folder> --only semantic-analysis'
      );
  end if;
end
$$;
