/**
 * The README's deploy commands, in a project that has a function of its own, run by the real CLI
 * against a fake management API. What they upload is unpacked elsewhere and booted on the hosted
 * runtime's Deno: nothing may be missing in it.
 */
import assert from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../dev/stack/process/run-command.ts";
import { LIVING_PROJECT, openOwnerProject } from "../install/owner-project.ts";
import { readCommands } from "../support/doc-commands.ts";
import { invoke, request, signUp, WOOD } from "./project.ts";

const INSTALLED = "supabase/semantic-analysis";
const IMPORT_MAP = `${INSTALLED}/import_map.json`;

/** Stands in files that must stay at home. */
const DECOY = "not-to-be-uploaded";

const DECOYS = {
  ".env": `TOGETHER_API_KEY=${DECOY}\n`,
  "supabase/.env": `TOGETHER_API_KEY=${DECOY}\n`,
  "supabase/functions/.env": `TOGETHER_API_KEY=${DECOY}\n`,
  [`${INSTALLED}/functions/semantic-analysis/.env`]: `TOGETHER_API_KEY=${DECOY}\n`,
  [`${INSTALLED}/functions/semantic-analysis/handler_test.ts`]:
    `export const decoy = "${DECOY}";\n`,
  [`${INSTALLED}/functions/_shared/unused.ts`]: `export const decoy = "${DECOY}";\n`,
};

/** The limit of `--use-api` is 5 MB. */
const MAX_BUNDLE_BYTES = 1_000_000;

/** Every file of the project that a function imports, types included, directly or not. */
async function findModules(project: string, name: string): Promise<string[]> {
  const output = await runCommand({
    name: "deno info",
    command: Deno.execPath(),
    args: [
      ...["info", "--json", "--no-lock", "--no-config", "--import-map", IMPORT_MAP],
      `${INSTALLED}/functions/${name}/index.ts`,
    ],
    cwd: project,
  });
  const { modules }: { modules: { specifier: string }[] } = JSON.parse(output);
  const root = await Deno.realPath(project);
  return modules.map(({ specifier }) => specifier).filter((url) => url.startsWith("file:"))
    .map((url) => relative(root, fileURLToPath(url)));
}

Deno.test("the README's commands deploy the functions into a project that exists", async (t) => {
  await using project = await openOwnerProject(LIVING_PROJECT);
  const { api, ref } = project.platform;
  const commands = await readCommands("README.md", "Deploy");
  const run = async (words: string) => {
    const line = commands.find((command) => command.includes(words));
    assert.ok(line, `The README has no "${words}"`);
    await project.run(line.replace("<key>", "key-of-together").replace("<dollars>", "25"));
    return line;
  };

  await t.step("task install adds a folder, and link chooses the project", async () => {
    await run("task install");
    await project.folder.write(DECOYS);
    await run("supabase@3.1.0 link");
    assert.equal(await project.folder.read("supabase/.temp/project-ref"), ref);
  });

  await t.step("db push goes to the linked project, not to a local database", async () => {
    const line = commands.find((command) => command.includes("db push"))!;
    // There is no database behind the fake: that it looks for the project's is all that can be seen.
    const push = project.platform.run(line.split(" ").slice(2), project.folder.path);
    await assert.rejects(push, new RegExp(`Target: project .*${ref}`));
    await run("db push");
  });

  await t.step("secrets set stores Together's key and the ceiling", async () => {
    await run("secrets set");
    assert.deepEqual([...api.secrets], [
      ["TOGETHER_API_KEY", "key-of-together"],
      ["PROJECT_USD_PER_MONTH", "25"],
    ]);
  });

  let names: string[] = [];
  await t.step("functions deploy uploads the functions that it names", async () => {
    const line = await run("functions deploy");
    names = line.split(" ").slice(4).filter((word) => !word.startsWith("--"));
    assert.deepEqual(api.deployments.map(({ slug }) => slug).toSorted(), names.toSorted());
  });

  for (const { slug, metadata, files } of api.deployments) {
    await t.step(`of ${slug} what it imports and nothing else`, async () => {
      assert.equal(metadata.verify_jwt, false);
      assert.equal(metadata.entrypoint_path, `${INSTALLED}/functions/${slug}/index.ts`);
      assert.equal(metadata.import_map_path, IMPORT_MAP);
      assert.deepEqual(metadata.static_patterns, []);

      const modules = await findModules(project.folder.path, slug);
      assert.deepEqual([...files.keys()].sort(), [IMPORT_MAP, ...modules].sort());
      const contents = [...files.values()].map((bytes) => new TextDecoder().decode(bytes));
      assert.ok(!contents.some((text) => text.includes(DECOY)));
      const bundleBytes = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
      assert.ok(bundleBytes < MAX_BUNDLE_BYTES, `the bundle has ${bundleBytes} bytes`);
    });
  }

  await t.step("the uploaded functions work on the hosted runtime's Deno", async () => {
    await using stack = await project.deploy(names);
    const health = await request(stack, {
      path: "/semantic-analysis/health",
      headers: { apikey: stack.secretKey },
    });
    assert.equal(health.status, 200, JSON.stringify(health.body));

    const { supabase } = await signUp(stack);
    const answer = await invoke(supabase, { body: { image_data: WOOD } });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));

    const gateway = await request(stack, { path: "/mivaa-gateway/api/mivaa/health" });
    assert.equal(gateway.status, 200, JSON.stringify(gateway.body));
  });
});
