/** From this version to a made-up next one. */
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { install } from "../../../dev/install/install.ts";
import { buildClient } from "../../../dev/package/build-client.ts";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";
import { VERSION } from "../../../supabase/functions/_shared/platform/version.ts";
import { makeFolder, type TemporaryFolder } from "../../install/folders.ts";
import { invoke, request, signUp, TINY } from "../../e2e/project.ts";
import {
  LIVING_PROJECT,
  openOwnerProject,
  readAppliedVersions,
} from "../../install/owner-project.ts";

const FUNCTIONS = "supabase/functions";

/** Imported by nothing: a source that is compiled into another file. */
const REMOVED = "supabase/semantic-analysis/functions/_shared/platform/base64/base64.wat";

/** The next version: one more migration, a changed file, a removed one, a new one. */
async function makeNextVersion(): Promise<TemporaryFolder> {
  const next = await makeFolder({});
  await cp(`${projectDirectory}/supabase`, join(next.path, "supabase"), { recursive: true });
  await cp(`${projectDirectory}/import_map.json`, join(next.path, "import_map.json"));
  const index = `${FUNCTIONS}/mivaa-gateway/index.ts`;
  await next.write({
    [`${FUNCTIONS}/_shared/platform/version.ts`]: `export const VERSION = "0.3.0";\n`,
    [index]: `import "./new.ts";\n${await next.read(index)}`,
    [`${FUNCTIONS}/mivaa-gateway/new.ts`]: "export {};\n",
    "supabase/migrations/20990101000000_semantic_analysis_add_more.sql":
      "create table if not exists semantic_analysis.more (id int);\n",
  });
  await next.remove(`${FUNCTIONS}/_shared/platform/base64/base64.wat`);
  return next;
}

Deno.test("an upgrade adds its migration behind the owner's, and what is deployed is the new version", async () => {
  await using project = await openOwnerProject(LIVING_PROJECT);
  await using next = await makeNextVersion();
  await project.install();
  await project.push();
  const applied = await readAppliedVersions(project.database);
  await project.folder.write({
    "supabase/migrations/20290601000000_mine.sql": "alter table public.notes add column d int;\n",
  });

  const plan = await install(project.folder.path, {
    checkout: { directory: next.path, buildClient },
  });
  assert.deepEqual([plan.previousVersion, plan.version], [VERSION, "0.3.0"]);
  assert.deepEqual(plan.addedMigrations, ["20290601000001_semantic_analysis_add_more.sql"]);
  assert.deepEqual([plan.removals, plan.removedMigrations], [[REMOVED], []]);
  await project.push();
  const versions = await readAppliedVersions(project.database);
  assert.deepEqual(versions.slice(0, applied.length), applied);
  assert.deepEqual(versions.slice(applied.length), ["20290601000000", "20290601000001"]);

  await using stack = await project.deploy(["semantic-analysis", "mivaa-gateway"]);
  const health = await request(stack, { path: "/semantic-analysis/health" });
  assert.deepEqual(health.body, { status: "ok", version: "0.3.0" });
  const { supabase } = await signUp(stack);
  const answer = await invoke(supabase, { body: { image_data: TINY } });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const { files } = project.platform.api.deployments
    .find(({ slug }) => slug === "mivaa-gateway")!;
  assert.ok([...files.keys()].some((path) => path.endsWith("mivaa-gateway/new.ts")));
});
