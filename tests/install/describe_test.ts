import assert from "node:assert/strict";
import { describeChanges, describeNext, isUnchanged } from "../../dev/install/describe.ts";
import type { Plan } from "../../dev/install/plan.ts";

const HOME = "supabase/semantic-analysis";

const PLAN: Plan = {
  version: "0.2.0",
  previousVersion: undefined,
  functions: ["semantic-analysis"],
  removedFunctions: [],
  writes: [
    { path: `${HOME}/client.js`, text: "", isNew: true },
    { path: `${HOME}/installed.json`, text: "", isNew: true },
    { path: "supabase/config.toml", text: "", isNew: false },
  ],
  removals: [],
  changedConfig: "supabase/config.toml: the marked lines",
  addedMigrations: ["20261126120000_semantic_analysis_a.sql"],
  removedMigrations: [],
  overwritten: [],
};

const OPTIONS = {
  folder: "/home/jo/my app",
  available: ["semantic-analysis", "visual-search"],
  tarball: undefined,
};

Deno.test("describeChanges() counts files and names migrations", () => {
  assert.deepEqual(describeChanges(PLAN), [
    `${HOME}/: 2 new`,
    "supabase/config.toml: the marked lines, nothing else",
    "supabase/migrations/20261126120000_semantic_analysis_a.sql: new",
  ]);
});

Deno.test("describeChanges() counts migrations where their names would fill the screen", () => {
  const names = Array.from({ length: 9 }, (_, index) => `2026112612000${index}_a.sql`);
  assert.deepEqual(describeChanges({ ...PLAN, addedMigrations: names }).slice(2), [
    "supabase/migrations/: 9 new, 20261126120000_a.sql to 20261126120008_a.sql",
  ]);
});

Deno.test("describeNext() after a first installation: link, push, secrets, deploy, the doctor", () => {
  assert.deepEqual(describeNext(PLAN, OPTIONS), [
    "Left out: visual-search (--only semantic-analysis,visual-search takes all)",
    "",
    "Next, in /home/jo/my app:",
    "  npx supabase@3.1.0 link --project-ref <ref>   # where it isn't linked yet",
    "  npx supabase@3.1.0 db push --remote",
    "  npx supabase@3.1.0 secrets set TOGETHER_API_KEY=<key> PROJECT_USD_PER_MONTH=<dollars>",
    "  npx supabase@3.1.0 functions deploy semantic-analysis --use-api",
    "  curl https://<ref>.supabase.co/functions/v1/semantic-analysis/health -H 'apikey: <sb_secret_…>'",
  ]);
});

Deno.test("describeNext() after an upgrade without a migration pushes nothing", () => {
  const plan = { ...PLAN, previousVersion: "0.1.0", addedMigrations: [] };
  const lines = describeNext(plan, OPTIONS).filter((line) => line.startsWith("  npx"));
  assert.deepEqual(lines, ["  npx supabase@3.1.0 functions deploy semantic-analysis --use-api"]);
});

Deno.test("describeNext() after functions are taken out: delete, SQL, repair, and nothing to push", () => {
  const plan = {
    ...PLAN,
    previousVersion: "0.2.0",
    addedMigrations: [],
    removedFunctions: ["visual-search", "mivaa-gateway"],
    removedMigrations: ["20261126120002_material_search_a.sql"],
  };
  assert.deepEqual(describeNext(plan, { ...OPTIONS, available: ["semantic-analysis"] }), [
    "Next, in /home/jo/my app:",
    "  npx supabase@3.1.0 functions delete visual-search   # if deployed",
    "  npx supabase@3.1.0 functions delete mivaa-gateway   # if deployed",
    "  # If the removed migrations were pushed: the SQL under Remove in docs/installing.md, then",
    "  npx supabase@3.1.0 migration repair --remote --status reverted 20261126120002",
    "  npx supabase@3.1.0 functions deploy semantic-analysis --use-api",
    "  curl https://<ref>.supabase.co/functions/v1/semantic-analysis/health -H 'apikey: <sb_secret_…>'",
  ]);
});

Deno.test("describeNext() has a line for npm where the client was packed, quoted for a shell", () => {
  const line = (tarball: string) => describeNext(PLAN, { ...OPTIONS, tarball }).at(-1);
  assert.equal(
    line("/home/jo/my app/client-0.2.0.tgz"),
    "  npm install ./client-0.2.0.tgz   # the client, for an app",
  );
  assert.equal(
    line("/home/jo/it's here/client-0.2.0.tgz"),
    `  npm install '../it'\\''s here/client-0.2.0.tgz'   # the client, for an app`,
  );
});

Deno.test("isUnchanged() is true of a plan without writes and removals", () => {
  assert.equal(isUnchanged(PLAN), false);
  assert.equal(isUnchanged({ ...PLAN, writes: [] }), true);
});
