/** Whole installations: the real CLI, a real Postgres, and what was uploaded on Deno 2.1.4. */
import assert from "node:assert/strict";
import type { Stack } from "../../../dev/stack/stack.ts";
import { invoke, request, signUp, WOOD } from "../../e2e/project.ts";
import {
  ALL_FUNCTIONS,
  LIVING_PROJECT,
  openOwnerProject,
  readAppliedVersions,
} from "../../install/owner-project.ts";

/** The doctor is content, and a user gets an answer. */
async function analyse(stack: Stack): Promise<void> {
  const health = await request(stack, {
    path: "/semantic-analysis/health",
    headers: { apikey: stack.secretKey },
  });
  assert.equal(health.status, 200, JSON.stringify(health.body));
  const { supabase } = await signUp(stack);
  const answer = await invoke(supabase, { body: { image_data: WOOD } });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

/** Names of the materials that a search by words finds. */
async function search(stack: Stack, text: string): Promise<string[]> {
  const { supabase } = await signUp(stack);
  const { status, body } = await invoke(supabase, {
    body: { query_text: text, search_type: "semantic_analysis" },
  }, "visual-search");
  assert.equal(status, 200, JSON.stringify(body));
  return body.results.map((result: { material_name: string }) => result.material_name);
}

Deno.test("an empty project gets everything and answers", async () => {
  await using project = await openOwnerProject({ "README.md": "# empty\n" });
  await project.run("npx supabase@ init");
  await project.install();
  await project.push();
  assert.match(await project.push(), /up to date/i);
  await using stack = await project.deploy(ALL_FUNCTIONS);
  await analyse(stack);
  assert.deepEqual(await search(stack, "oak"), []);
  const gateway = await request(stack, { path: "/mivaa-gateway/api/mivaa/health" });
  assert.equal(gateway.status, 200, JSON.stringify(gateway.body));
});

Deno.test("a project with functions, migrations and a seed keeps them, and gets ours", async () => {
  await using project = await openOwnerProject(LIVING_PROJECT);
  await project.push("--include-seed");
  const [before, applied] = [
    await project.folder.hashes(),
    await readAppliedVersions(project.database),
  ];
  await project.install();
  await project.push();
  const after = await project.folder.hashes();
  const changed = Object.keys(before).filter((path) => before[path] !== after[path]);
  assert.deepEqual(changed, ["supabase/config.toml"]);
  const versions = await readAppliedVersions(project.database);
  assert.deepEqual(versions.slice(0, 2), applied);
  assert.ok(versions.length > 2);
  assert.equal((await project.database.connect()`select from public.notes`).length, 1);

  await using stack = await project.deploy(["hello", ...ALL_FUNCTIONS]);
  await analyse(stack);
  const hello = await request(stack, { path: "/hello" });
  assert.deepEqual(hello.body, { said: "hello from the owner" });
  const { files } = project.platform.api.deployments.find(({ slug }) => slug === "hello")!;
  assert.deepEqual([...files.keys()].filter((path) => path.includes("semantic-analysis")), []);

  // The owner goes on: a migration of today, older than the ones of the future.
  await project.folder.write({
    "supabase/migrations/20261201000000_more.sql": "alter table public.notes add column c int;\n",
  });
  await project.push("--include-all");
});

Deno.test("only the analysis: nothing of the search is in the database", async () => {
  await using project = await openOwnerProject(LIVING_PROJECT);
  await project.install("--only semantic-analysis");
  await project.push();
  const [row] = await project.database.connect()`
    select to_regnamespace('material_search') as search, to_regclass('public.materials_catalog') as
      catalogue, to_regnamespace('semantic_analysis') is not null as analysis`;
  assert.deepEqual({ ...row }, { search: null, catalogue: null, analysis: true });
  await using stack = await project.deploy(["semantic-analysis"]);
  await analyse(stack);
});

Deno.test("a catalogue of the replaced platform is searched, and its application goes on", async () => {
  await using project = await openOwnerProject({
    ...LIVING_PROJECT,
    "supabase/migrations/20250101000000_create_catalogue.sql": CATALOGUE,
  });
  await project.push();
  await project.install();
  await project.push();
  const sql = project.database.connect();
  await sql.unsafe(WRITES);
  await using stack = await project.deploy(ALL_FUNCTIONS);
  await analyse(stack);
  assert.deepEqual(await search(stack, "walnut"), ["Walnut veneer"]);
  assert.deepEqual(await search(stack, "ash"), ["Ash"]);
});

const CATALOGUE = `
create table public.materials_catalog (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  category text not null,
  description text,
  properties jsonb default '{}',
  thumbnail_url text,
  created_by uuid references auth.users (id),
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
create table public.material_visual_analysis (
  id uuid primary key default gen_random_uuid(),
  material_id uuid not null references public.materials_catalog (id) on delete cascade,
  material_type varchar(100) not null,
  surface_texture varchar(100),
  color_description text,
  finish_type varchar(100),
  pattern_grain varchar(100),
  reflectivity varchar(50),
  visual_characteristics text,
  structural_properties jsonb default '{}',
  llama_model_version varchar(100) default 'llama-3.2-90b-vision',
  llama_analysis_prompt_hash varchar(64),
  llama_confidence_score float default 0.95,
  llama_processing_time_ms integer,
  analysis_confidence float default 0.95,
  processing_status text default 'completed',
  source_image_url text,
  source_image_hash varchar(64),
  image_dimensions jsonb,
  created_at timestamptz default now(),
  unique (material_id, source_image_hash)
);
alter table public.materials_catalog enable row level security;
alter table public.material_visual_analysis enable row level security;
create policy all_may_read on public.materials_catalog for select to authenticated using (true);
create policy all_may_read on public.material_visual_analysis for select to authenticated
  using (true);
grant select on public.materials_catalog, public.material_visual_analysis
  to authenticated, service_role;
insert into public.materials_catalog (name, category, properties)
  values ('Walnut veneer', 'wood', '{"finish": "matte"}');
insert into public.material_visual_analysis (material_id, material_type, color_description)
  select id, 'walnut', 'dark brown' from public.materials_catalog;
`;

/** What the application goes on writing. */
const WRITES = `
insert into public.materials_catalog (name, category, properties) values
  ('Ash', 'wood', '[]'), ('Nameless', 'stone', null), ('Numbers', 'metal', '7');
insert into public.material_visual_analysis (material_id, material_type, structural_properties)
  select id, 'ash', '{"grain": "wild"}' from public.materials_catalog where name = 'Ash';
delete from public.materials_catalog where name = 'Nameless';
`;
