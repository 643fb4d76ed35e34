-- What a search looks at: one row a material, with its own words and those of its analyses.
--
-- Private: read by material_search.rank_materials alone, because row level security would keep the
-- indexes below from being used (docs/decisions/0013). No foreign key leads to the catalogue: one would
-- forbid its owner to truncate or retype it.

create table if not exists material_search.documents (
  material_id uuid not null,
  needs_analysis boolean not null,
  analysis_id text,
  owner text,
  created_at timestamptz,
  names text not null,
  document tsvector not null,
  terms text[] not null,
  numbers jsonb not null,
  confidence real,
  primary key (material_id, needs_analysis)
);

comment on table material_search.documents is
  'The searchable side of public.materials_catalog and its newest completed analysis. Derived: can be rebuilt by material_search_refresh_documents.';
comment on column material_search.documents.material_id is 'The material.';
comment on column material_search.documents.needs_analysis is
  'Whether the row holds what only a reader of the analysis may find. Where the analyses are an application''s own, a material has a row with its analysis beside the one without.';
comment on column material_search.documents.analysis_id is
  'The analysis that is needed; null where its table has no column id.';
comment on column material_search.documents.owner is
  'The only user who may find it; null for one that row level security alone decides on.';
comment on column material_search.documents.created_at is 'As in the catalogue; null where that has none.';
comment on column material_search.documents.names is
  'Name and category, folded: the words that a misspelt one may have meant.';
comment on column material_search.documents.document is
  'Weights: A name and type, B category and structured properties, C description, D the analysis in prose.';
comment on column material_search.documents.terms is
  'The structured properties as "key, unit separator, value", of material_search.to_term; also the plain colours as color, and category, type and family under the key ""; and the first digits of numbers (of material_search.to_number_terms).';
comment on column material_search.documents.numbers is
  'Those of the properties that are numbers, key folded → number.';
comment on column material_search.documents.confidence is 'Of the analysis, in [0, 1]; null where it has none.';

-- Private materials are in indexes of their own: their number costs other people nothing.
create index if not exists documents_document_idx
  on material_search.documents using gin (document) where owner is null;
create index if not exists documents_terms_idx
  on material_search.documents using gin (terms) where owner is null;
-- An index of words tells nothing of their weights: by this one the words of names are found.
create index if not exists documents_name_words_idx
  on material_search.documents using gin (ts_filter(document, '{a}')) where owner is null;
create index if not exists documents_created_at_idx
  on material_search.documents (created_at) where owner is null;
-- The stored order: of what is common, the first are found without looking at the others.
create index if not exists documents_stored_order_idx
  on material_search.documents ((coalesce(confidence, 0.75::real)) desc, created_at desc nulls last, material_id)
  where owner is null;
-- For services, which find what is private of everybody, and for owners of much.
create index if not exists documents_private_document_idx
  on material_search.documents using gin (document) where owner is not null;
create index if not exists documents_private_terms_idx
  on material_search.documents using gin (terms) where owner is not null;
create index if not exists documents_private_stored_order_idx
  on material_search.documents ((coalesce(confidence, 0.75::real)) desc, created_at desc nulls last, material_id)
  where owner is not null;
create index if not exists documents_owner_idx
  on material_search.documents (owner) where owner is not null;

create table if not exists material_search.skipped (
  material_id uuid not null,
  reason text not null,
  noted_at timestamptz not null default now(),
  primary key (material_id, reason)
);

comment on table material_search.skipped is
  'What could not be indexed of a material, so that its owner''s write could pass.';
comment on column material_search.skipped.material_id is 'The material.';
comment on column material_search.skipped.reason is
  'What is not found, and why; Postgres'' own words where the whole material is not.';
comment on column material_search.skipped.noted_at is 'When it was last tried.';

-- Words are not unique: the writers of the same one would wait for each other. Two rows of it do no harm.
create table if not exists material_search.vocabulary (
  id bigint generated always as identity primary key,
  word text not null
);
create index if not exists vocabulary_word_idx on material_search.vocabulary (word);

comment on table material_search.vocabulary is
  'Words of the names and categories of all materials but private ones, for misspelt words. Which of them a caller may be told is seen when one is looked for.';
comment on column material_search.vocabulary.id is 'In the order of the writes.';
comment on column material_search.vocabulary.word is 'Folded; of 4 to 40 letters.';

create table if not exists material_search.pending (
  id bigint generated always as identity primary key,
  material_id uuid not null
);

comment on table material_search.pending is
  'Materials whose documents are behind: of large statements, and of those that met another writer.';
comment on column material_search.pending.id is 'In the order of the writes.';
comment on column material_search.pending.material_id is 'The material.';

-- Only the owner of the functions gets past this. The policies say that it is meant so: the advisors name
-- a table that has none.
alter table material_search.documents enable row level security;
drop policy if exists no_access on material_search.documents;
create policy no_access on material_search.documents using (false);
alter table material_search.skipped enable row level security;
drop policy if exists no_access on material_search.skipped;
create policy no_access on material_search.skipped using (false);
alter table material_search.vocabulary enable row level security;
drop policy if exists no_access on material_search.vocabulary;
create policy no_access on material_search.vocabulary using (false);
alter table material_search.pending enable row level security;
drop policy if exists no_access on material_search.pending;
create policy no_access on material_search.pending using (false);
revoke all on table
  material_search.documents, material_search.skipped, material_search.vocabulary,
  material_search.pending
  from public, anon, authenticated, service_role;

-- Misspellings are recognised only where pg_trgm is available; everything else works without.
do $$
declare
  v_schema text;
begin
  begin
    if exists (select from pg_catalog.pg_available_extensions where name = 'pg_trgm')
      and not exists (select from pg_catalog.pg_extension where extname = 'pg_trgm')
    then
      create schema if not exists extensions;
      create extension pg_trgm with schema extensions;
    end if;
  exception
    when others then
      raise notice 'pg_trgm could not be created (%): misspelt words will find nothing', sqlerrm;
  end;
  select nspname into v_schema
  from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace
  where extname = 'pg_trgm';
  if v_schema is not null then
    execute format(
      'create index if not exists vocabulary_resembling_idx
       on material_search.vocabulary using gin (word %I.gin_trgm_ops)',
      v_schema
    );
  end if;
end
$$;
