-- From feedback to labels: an operator looks at what callers said, and accepts it or not. Only accepted
-- feedback of users who are known, with a figure, is ever a label.
--
-- Called by deno task calibrate with a project secret (role service_role), and read by operators as
-- semantic_analysis.feedback_to_review.

create or replace view semantic_analysis.feedback_to_review
with (security_invoker = true)
as
select
  request_id,
  given_at,
  subject,
  model,
  method,
  raw_confidence,
  family,
  verdict,
  correction,
  case
    when correction ? 'family' then correction ->> 'family' = family
    when verdict = 'right' then true
    -- Another property was corrected, so the family is right; not where the type is wrong, as the family may be too.
    when correction <> '{}' and not correction ? 'type' then true
  end as is_family_right,
  answer_hash
from semantic_analysis.feedback
where state = 'new' and caller <> 'anonymous' and raw_confidence is not null;

comment on view semantic_analysis.feedback_to_review is
  'Feedback that waits for an operator. is_family_right: what follows for the family; null where nothing says so.';

create or replace function public.semantic_analysis_read_feedback(p_limit integer default 100)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set statement_timeout = '1500ms'
as $$
begin
  return (
    -- First the few that are asked for, then counts of their subjects and answers alone.
    with waiting as materialized (
      select * from semantic_analysis.feedback_to_review
      order by given_at limit least(greatest(p_limit, 1), 1000)
    ),
    of_subjects as (
      select subject, count(*) as of_this_subject
      from semantic_analysis.feedback_to_review
      where subject in (select subject from waiting)
      group by subject
    ),
    of_answers as (
      select answer_hash, count(*) as of_this_answer
      from semantic_analysis.feedback_to_review
      where answer_hash in (select answer_hash from waiting)
      group by answer_hash
    )
    select coalesce(jsonb_agg(
      to_jsonb(waiting) - 'answer_hash' || jsonb_build_object(
        'of_this_subject', of_subjects.of_this_subject,
        'of_this_answer', coalesce(of_answers.of_this_answer, 1)
      )
      order by waiting.given_at
    ), '[]')
    from waiting
    join of_subjects using (subject)
    left join of_answers using (answer_hash)
  );
end;
$$;

comment on function public.semantic_analysis_read_feedback(integer) is
  'The oldest feedback that waits for its review, at most 1000: rows of semantic_analysis.feedback_to_review, with how much waits of the same subject and of the same answer. For service_role only.';

create or replace function public.semantic_analysis_review_feedback(
  p_request_id uuid,
  p_is_accepted boolean,
  p_is_family_right boolean default null
)
returns boolean
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1500ms'
as $$
declare
  v_waiting semantic_analysis.feedback_to_review;
  v_is_family_right boolean;
begin
  select * into v_waiting from semantic_analysis.feedback_to_review where request_id = p_request_id;
  if not found then
    return false;
  end if;
  v_is_family_right := coalesce(p_is_family_right, v_waiting.is_family_right);
  if p_is_accepted and v_is_family_right is null then
    raise exception 'The feedback does not tell whether the family is right: say so to accept it'
      using errcode = 'invalid_parameter_value';
  end if;
  update semantic_analysis.feedback
  set state = case when p_is_accepted then 'accepted' else 'rejected' end,
    is_family_right = case when p_is_accepted then v_is_family_right end,
    reviewed_at = clock_timestamp()
  -- The operator has not seen what its caller has changed since.
  where request_id = p_request_id and state = 'new' and given_at = v_waiting.given_at;
  return found;
end;
$$;

comment on function public.semantic_analysis_review_feedback(uuid, boolean, boolean) is
  'Accepts or rejects feedback that waits; whether it was there. p_is_family_right: in place of what the feedback says. For service_role only.';

create or replace function public.semantic_analysis_read_labels(
  p_prompt_version text,
  p_schema_version text
)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set statement_timeout = '10s'
as $$
begin
  return (
    select coalesce(jsonb_agg(to_jsonb(label) order by label.given_at), '[]')
    from (
      -- An answer that several callers were given is one label: the last that was accepted.
      select distinct on (coalesce(encode(answer_hash, 'hex'), request_id::text))
        request_id,
        given_at,
        model,
        method,
        raw_confidence,
        family,
        is_family_right,
        coalesce(encode(answer_hash, 'hex'), request_id::text) as answer,
        encode(sha256(convert_to(subject, 'UTF8')), 'hex') as giver
      from semantic_analysis.feedback
      where state = 'accepted' and caller <> 'anonymous' and raw_confidence is not null
        and prompt_version = p_prompt_version and schema_version = p_schema_version
      order by coalesce(encode(answer_hash, 'hex'), request_id::text), reviewed_at desc
    ) as label
  );
end;
$$;

comment on function public.semantic_analysis_read_labels(text, text) is
  'Accepted feedback of one version, one label an answer. giver: the same for labels of one subject, and not its name. For service_role only.';

create or replace function public.semantic_analysis_read_calibration()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set statement_timeout = '1500ms'
as $$
begin
  return jsonb_build_object(
    'in_force', (
      select count(*) from semantic_analysis.calibration_maps where withdrawn_at is null
    ),
    'withdrawn', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'model', model, 'method', method, 'because', withdrawn_because
      ) order by withdrawn_at desc), '[]')
      from semantic_analysis.calibration_maps where withdrawn_at is not null
    ),
    'unreviewed', (select count(*) from semantic_analysis.feedback_to_review)
  );
end;
$$;

comment on function public.semantic_analysis_read_calibration() is
  'For the doctor: how many maps are in force, which are withdrawn and why, how much feedback waits for its review. For service_role only.';

revoke all on table semantic_analysis.feedback_to_review
from public, anon, authenticated, service_role;
revoke all on function
  public.semantic_analysis_read_feedback(integer),
  public.semantic_analysis_review_feedback(uuid, boolean, boolean),
  public.semantic_analysis_read_labels(text, text),
  public.semantic_analysis_read_calibration()
from public, anon, authenticated, service_role;
grant execute on function public.semantic_analysis_read_feedback(integer) to service_role;
grant execute on function public.semantic_analysis_review_feedback(uuid, boolean, boolean)
to service_role;
grant execute on function public.semantic_analysis_read_labels(text, text) to service_role;
grant execute on function public.semantic_analysis_read_calibration() to service_role;
