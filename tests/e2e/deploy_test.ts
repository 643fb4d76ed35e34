/**
 * The README's deploy commands, run by the real CLI against a fake management API. What they upload
 * is unpacked elsewhere and booted on the hosted runtime's Deno: nothing may be missing in it.
 */
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { findFunctions } from "../../dev/stack/functions/functions.ts";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { exemptLoopbackFromProxies } from "../../dev/stack/api/proxy-variables.ts";
import { runCommand } from "../../dev/stack/process/run-command.ts";
import { runSupabaseCli } from "../../dev/stack/schema/supabase-cli.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { type Deployment, startFakeManagementApi } from "../support/fake-management-api.ts";
import { findHostedDeno } from "../../dev/stack/functions/hosted-deno.ts";
import { invoke, request, signUp, WOOD } from "./project.ts";

const PROJECT_REF = "abcdefghijklmnopqrst";
const ACCESS_TOKEN = `sbp_${"0123456789".repeat(4)}`;
const FUNCTIONS = "supabase/functions";

/** Stands in files that must stay at home. */
const DECOY = "not-to-be-uploaded";

/** The limit of `--use-api` is 5 MB. */
const MAX_BUNDLE_BYTES = 1_000_000;

/** The commands' arguments, their placeholders filled in, by the first two words. */
async function readDeployCommands(): Promise<Map<string, string[]>> {
  const readme = await Deno.readTextFile(`${projectDirectory}/README.md`);
  const block = /^## Deploy\n[^]*?```sh\n([^]*?)```/m.exec(readme)?.[1] ?? "";
  const commands = [...block.matchAll(/^npx supabase@\S+ ([^#\n]+)/gm)].map((match) =>
    match[1]!.replace("<ref>", PROJECT_REF).replace("<key>", "key-of-together")
      .replace("<dollars>", "25").trim().split(/\s+/)
  );
  return new Map(commands.map((args) => [args.slice(0, 2).join(" "), args]));
}

async function makeTemporaryFolder() {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

const functionNames = await findFunctions(`${projectDirectory}/${FUNCTIONS}`);

const inFunctions = (file: string) => functionNames.map((name) => `${FUNCTIONS}/${name}/${file}`);

/** A copy of the project to link and deploy from, with decoys beside what belongs in the bundle. */
async function copyProject(to: string): Promise<void> {
  for (const name of ["supabase", "import_map.json", "deno.json", "deno.lock"]) {
    await cp(`${projectDirectory}/${name}`, `${to}/${name}`, {
      recursive: true,
      filter: (path) => !path.endsWith("/supabase/.temp"),
    });
  }
  const decoys = [
    ...[".env", "supabase/.env", `${FUNCTIONS}/.env`, ...inFunctions(".env")].map((path) =>
      [path, `TOGETHER_API_KEY=${DECOY}\n`] as const
    ),
    ...["dev/decoy.ts", "tests/decoy_test.ts", ...inFunctions("handler_test.ts")].map((path) =>
      [path, `export const decoy = "${DECOY}";\n`] as const
    ),
    ["supabase/functions/_shared/unused.ts", `export const decoy = "${DECOY}";\n`] as const,
  ];
  for (const [path, text] of decoys) {
    await Deno.mkdir(dirname(`${to}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${to}/${path}`, text);
  }
}

/** Every file of the project that a function imports, types included, directly or not. */
async function findModules(project: string, name: string): Promise<string[]> {
  const output = await runCommand({
    name: "deno info",
    command: Deno.execPath(),
    args: [
      ...["info", "--json", "--no-lock", "--config", `${FUNCTIONS}/${name}/deno.json`],
      `${FUNCTIONS}/${name}/index.ts`,
    ],
    cwd: project,
  });
  const { modules }: { modules: { specifier: string }[] } = JSON.parse(output);
  const root = await Deno.realPath(project);
  return modules.map(({ specifier }) => specifier).filter((url) => url.startsWith("file:"))
    .map((url) => relative(root, fileURLToPath(url)));
}

async function unpack(deployment: Deployment, folder: string): Promise<void> {
  for (const [path, bytes] of deployment.files) {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeFile(`${folder}/${path}`, bytes);
  }
}

Deno.test("the README's commands deploy the functions", async (t) => {
  exemptLoopbackFromProxies();
  await using project = await makeTemporaryFolder();
  await using home = await makeTemporaryFolder();
  await using bundle = await makeTemporaryFolder();
  await using api = startFakeManagementApi({
    projectRef: PROJECT_REF,
    accessToken: ACCESS_TOKEN,
  });
  await copyProject(project.path);
  const profile = `${home.path}/loopback.yaml`;
  await Deno.writeTextFile(
    profile,
    `name: loopback
api_url: ${api.url}
dashboard_url: ${api.url}
project_host: loopback.test
pooler_host: loopback.test
`,
  );
  const commands = await readDeployCommands();
  const run = (command: string) => {
    const args = commands.get(command);
    assert.ok(args, `The README has no "${command}"`);
    return runCli(args);
  };
  const runCli = (args: string[]) =>
    runSupabaseCli([...args, "--yes"], {
      directory: project.path,
      env: {
        SUPABASE_PROFILE: profile,
        SUPABASE_HOME: home.path,
        SUPABASE_ACCESS_TOKEN: ACCESS_TOKEN,
      },
    });

  await t.step("link chooses the project", async () => {
    await run("link --project-ref");
    const linked = await Deno.readTextFile(`${project.path}/supabase/.temp/project-ref`);
    assert.equal(linked, PROJECT_REF);
  });

  await t.step("db push goes to the linked project, not to a local database", async () => {
    // There is no database behind the fake: that it looks for the project's is all that can be seen.
    await assert.rejects(run("db push"), new RegExp(`Target: project .*${PROJECT_REF}`));
  });

  await t.step("secrets set stores Together's key and the ceiling", async () => {
    await run("secrets set");
    assert.deepEqual([...api.secrets], [
      ["TOGETHER_API_KEY", "key-of-together"],
      ["PROJECT_USD_PER_MONTH", "25"],
    ]);
  });

  await t.step("functions deploy uploads functions of the project", async () => {
    await run("functions deploy");
    assert.ok(api.deployments.length > 0);
    // Those that the README's line leaves to whoever needs them.
    const deployed = api.deployments.map(({ slug }) => slug);
    for (const name of functionNames.filter((name) => !deployed.includes(name))) {
      await runCli(["functions", "deploy", name, "--use-api"]);
    }
    assert.deepEqual(api.deployments.map(({ slug }) => slug).toSorted(), functionNames);
  });

  for (const name of functionNames) {
    await t.step(`of ${name} what it imports and nothing else`, async () => {
      const { metadata, files } = api.deployments.find(({ slug }) => slug === name)!;
      assert.equal(metadata.verify_jwt, false);
      assert.equal(metadata.entrypoint_path, `${FUNCTIONS}/${name}/index.ts`);
      assert.equal(metadata.import_map_path, `${FUNCTIONS}/${name}/deno.json`);
      assert.deepEqual(metadata.static_patterns, []);

      const modules = await findModules(project.path, name);
      const wanted = ["import_map.json", `${FUNCTIONS}/${name}/deno.json`, ...modules];
      assert.deepEqual([...files.keys()].sort(), wanted.sort());
      const contents = [...files.values()].map((bytes) => new TextDecoder().decode(bytes));
      assert.ok(!contents.some((text) => text.includes(DECOY)));
      const bundleBytes = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
      assert.ok(bundleBytes < MAX_BUNDLE_BYTES, `the bundle has ${bundleBytes} bytes`);
    });
  }

  await t.step("what was uploaded works on the hosted runtime's Deno", async () => {
    for (const deployment of api.deployments) await unpack(deployment, bundle.path);
    await using stack = await startTestStack({
      functionsDirectory: `${bundle.path}/${FUNCTIONS}`,
      denoBinary: await findHostedDeno(),
    });
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
