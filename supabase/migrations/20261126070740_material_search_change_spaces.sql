-- What an operator does with embedding spaces: create one, fill it beside the one that is searched, see
-- what it lacks, switch, and delete the old one. docs/operations.md has it as a list of steps.

create or replace function public.material_search_create_space(
  p_name text,
  p_model text,
  p_dimensions integer,
  p_metric text default 'cosine'
)
returns jsonb
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_space material_search.embedding_spaces;
begin
  if not material_search.prepare_embeddings() then
    perform material_search.require_embeddings();
  end if;
  if not coalesce(p_name ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$', false) then
    perform material_search.refuse(
      'p_name must be 1 to 63 letters, digits, dots, slashes, - and _, the first a letter or digit'
    );
  end if;
  if coalesce(char_length(p_model) not between 1 and 200, true) then
    perform material_search.refuse('p_model must be a name of 1 to 200 characters');
  end if;
  if coalesce(p_dimensions not between 1 and 4000, true) then
    perform material_search.refuse('p_dimensions must be from 1 to 4000');
  end if;
  if coalesce(p_metric not in ('cosine', 'euclidean'), true) then
    perform material_search.refuse('p_metric must be cosine or euclidean');
  end if;
  insert into material_search.embedding_spaces (name, model, dimensions, metric)
  values (p_name, p_model, p_dimensions, p_metric)
  on conflict (name) do nothing;
  v_space := material_search.read_space(p_name);
  if (v_space.model, v_space.dimensions, v_space.metric)
    is distinct from (p_model, p_dimensions, p_metric)
  then
    perform material_search.refuse(
      format(
        'the space "%s" is of the model "%s", with %s dimensions and the metric %s: give the new one another name',
        p_name, v_space.model, v_space.dimensions, v_space.metric
      )
    );
  end if;
  perform material_search.index_space(v_space);
  return to_jsonb(v_space) - 'id';
end;
$$;

comment on function public.material_search_create_space is
  'Creates an embedding space, which no search compares with before material_search_switch_space; the same again changes nothing. For service_role only.';

create or replace function material_search.count_vectors(p_space material_search.embedding_spaces)
returns integer
language plpgsql
stable
set search_path = ''
as $$
declare
  v_count integer := 0;
begin
  if to_regclass('material_search.embeddings') is not null then
    execute 'select count(*) from material_search.embeddings where space_id = $1'
      into v_count using p_space.id;
  end if;
  return v_count;
end;
$$;

comment on function material_search.count_vectors is
  'How many vectors a space has.';

create or replace function public.material_search_read_spaces()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(
      to_jsonb(s) - 'id' || jsonb_build_object(
        'vectors', material_search.count_vectors(s),
        'has_index', to_regclass('material_search.embeddings_' || s.id || '_idx') is not null
      )
      order by s.id
    ), '[]')
    from material_search.embedding_spaces s
  );
end;
$$;

comment on function public.material_search_read_spaces is
  'The embedding spaces: what each is, which one is searched, its cut-off and how many vectors it has. For service_role only.';

create or replace function public.material_search_find_missing_embeddings(
  p_space text,
  p_limit integer default 1000,
  p_after uuid default null
)
returns uuid[]
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_space material_search.embedding_spaces;
  v_ids uuid[];
begin
  perform material_search.require_embeddings();
  v_space := material_search.read_space(p_space);
  if coalesce(p_limit not between 1 and 10000, true) then
    perform material_search.refuse('p_limit must be from 1 to 10000');
  end if;
  execute
    'select array(
       select d.material_id from material_search.documents d
       where not d.needs_analysis and ($3 is null or d.material_id > $3) and not exists (
         select from material_search.embeddings e
         where e.space_id = $1 and e.material_id = d.material_id
       )
       order by d.material_id limit $2
     )'
    into v_ids using v_space.id, p_limit, p_after;
  return v_ids;
end;
$$;

comment on function public.material_search_find_missing_embeddings is
  'Materials that have no vector in a space yet, in the order of their ids; p_after leaves out those up to one. For service_role only.';

create or replace function public.material_search_switch_space(
  p_name text,
  p_is_partial boolean default false
)
returns jsonb
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_old material_search.embedding_spaces;
  v_new material_search.embedding_spaces;
  v_missing integer;
begin
  perform material_search.require_embeddings();
  -- Two who switch take turns.
  perform from material_search.embedding_spaces s order by s.id for no key update;
  v_new := material_search.read_space(p_name);
  v_old := material_search.read_searched_space();
  if v_new.id is distinct from v_old.id and not coalesce(p_is_partial, false) then
    execute
      'select count(*) from material_search.embeddings old
       where old.space_id = $1 and not exists (
         select from material_search.embeddings filled
         where filled.space_id = $2 and filled.material_id = old.material_id
       )'
      into v_missing using v_old.id, v_new.id;
    if v_missing > 0 then
      perform material_search.refuse(
        format(
          '%s materials that have a vector in "%s" have none in "%s": store them (material_search_find_missing_embeddings lists them), or switch with p_is_partial => true',
          v_missing, v_old.name, v_new.name
        )
      );
    end if;
  end if;
  perform material_search.learn_cut_off(v_new);
  update material_search.embedding_spaces set is_searched = false
  where is_searched and id <> v_new.id;
  update material_search.embedding_spaces set is_searched = true where id = v_new.id;
  return jsonb_build_object(
    'searched', v_new.name,
    'before', v_old.name,
    'vectors', material_search.count_vectors(v_new),
    'cut_off', (material_search.read_space(p_name)).cut_off
  );
end;
$$;

comment on function public.material_search_switch_space is
  'From its commit on every search compares with this space, whose cut-off is learnt anew, and vectors of the one before are refused. Refused while the one before has more materials, unless p_is_partial. For service_role only.';

create or replace function public.material_search_delete_space(p_name text)
returns void
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_space material_search.embedding_spaces := material_search.read_space(p_name);
begin
  if v_space.is_searched then
    perform material_search.refuse(
      format('the space "%s" is the one that is searched: switch to another one first', p_name)
    );
  end if;
  execute format('drop index if exists material_search.%I', 'embeddings_' || v_space.id || '_idx');
  delete from material_search.embedding_spaces where id = v_space.id;
end;
$$;

comment on function public.material_search_delete_space is
  'Deletes a space that is not searched, with its vectors. For service_role only.';

revoke all on function material_search.count_vectors from public, anon, authenticated, service_role;
revoke all on function
  public.material_search_create_space, public.material_search_read_spaces,
  public.material_search_find_missing_embeddings, public.material_search_switch_space,
  public.material_search_delete_space
  from public, anon, authenticated, service_role;
grant execute on function
  public.material_search_create_space, public.material_search_read_spaces,
  public.material_search_find_missing_embeddings, public.material_search_switch_space,
  public.material_search_delete_space
  to service_role;
