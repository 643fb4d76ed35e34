/** Supabase's own advisors, run by its CLI, on a fresh install. */
import assert from "node:assert/strict";
import { runSupabaseCli } from "../../dev/stack/schema/supabase-cli.ts";
import { openTestDatabase, type TestDatabase } from "../../dev/stack/testing/test-database.ts";

interface Finding {
  name: string;
  level: "INFO" | "WARN" | "ERROR";
  detail: string;
}

async function findProblems(database: TestDatabase): Promise<Finding[]> {
  const printed = await runSupabaseCli([
    ...["db", "advisors", `--remote=${database.url()}`, "--level=info", "--output-format=json"],
  ]);
  const { results } = JSON.parse(printed) as { results: Finding[] };
  // No query has used any index of a fresh install.
  return results.filter(({ name }) => name !== "unused_index");
}

Deno.test("Supabase's advisors find nothing to say of a fresh install", async () => {
  await using database = await openTestDatabase();
  const problems = await findProblems(database);
  assert.deepEqual(problems.map(({ level, detail }) => `${level}: ${detail}`), []);
});

Deno.test("Supabase's advisors would find what matters to us", async () => {
  await using database = await openTestDatabase();
  await database.connect().unsafe(`
    create table public.open_table (id int primary key);
    create table public.owned (id int primary key, owner text);
    alter table public.owned enable row level security;
    create policy one on public.owned for select to authenticated
      using (owner = current_setting('request.jwt.claims', true));
    create policy two on public.owned for select to authenticated using (true);
    create view public.open_view as select * from public.owned;
    grant select on public.open_table, public.open_view, public.owned to anon, authenticated;
    create function public.open_function() returns int language sql as 'select 1';
  `);
  const names = new Set((await findProblems(database)).map(({ name }) => name));
  const expected = [
    "rls_disabled_in_public",
    "auth_rls_initplan",
    "multiple_permissive_policies",
    "security_definer_view",
    "function_search_path_mutable",
  ];
  assert.deepEqual(expected.filter((name) => !names.has(name)), [], [...names].join());
});

Deno.test("no function with its owner's rights can be called over the API by users", async () => {
  await using database = await openTestDatabase();
  // The newest of the advisors, which this version of the CLI lacks.
  const functions = await database.connect()`
    select p.oid::regprocedure::text as name from pg_proc p, unnest(array['anon', 'authenticated']) role
    where p.pronamespace = 'public'::regnamespace and p.prosecdef
      and has_function_privilege(role, p.oid, 'execute')`;
  assert.deepEqual(functions.map(({ name }) => name), []);
});
