/** The task as it is typed: its arguments, what it prints, its exit code. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { VERSION } from "../../supabase/functions/_shared/platform/version.ts";
import { makeFolder, OWNER } from "./folders.ts";

async function runTask(args: string[], directory = projectDirectory) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "dev/tasks/install.ts", ...args],
    cwd: projectDirectory,
    env: { INIT_CWD: directory },
  }).output();
  const toText = (bytes: Uint8Array) => stripVTControlCharacters(new TextDecoder().decode(bytes));
  return { code, printed: toText(stdout), errors: toText(stderr) };
}

Deno.test("task install: installs into a folder named from where it was typed", async () => {
  await using project = await makeFolder(OWNER);
  const only = ["--only", "semantic-analysis, visual-search"];
  const first = await runTask(["mein Pröjekt & Co", ...only], dirname(project.path));
  assert.equal(first.code, 0, first.errors);
  const lines = first.printed.split("\n");
  assert.equal(lines[0], `Changed in ${project.path}, semantic-analysis ${VERSION}:`);
  assert.ok(lines.includes("  supabase/config.toml: the marked lines, nothing else"));
  assert.ok(lines.includes("  npx supabase@3.1.0 db push --remote"));
  const deploy = "  npx supabase@3.1.0 functions deploy semantic-analysis visual-search --use-api";
  assert.ok(lines.includes(deploy));
  assert.match(
    first.printed,
    /^Left out: analyse-catalogue, mivaa-gateway \(--only .* takes all\)$/m,
  );
  const client = await project.read("supabase/semantic-analysis/client.js");
  assert.match(client, /^\/\/ @ts-self-types=".\/client.d.ts"$/m);
  assert.doesNotMatch(client, /sourceMappingURL|\bfrom "/);

  const second = await runTask([project.path]);
  assert.equal(second.printed, `Version ${VERSION} is installed already, nothing to change\n`);

  const takenOut = await runTask([project.path, "--only", "none"]);
  assert.equal(takenOut.code, 0, takenOut.errors);
  assert.match(takenOut.printed, /migration repair --remote --status reverted \d{14} /);
  assert.match(takenOut.printed, /functions delete visual-search/);
});

Deno.test("task install: a dry run says so", async () => {
  await using project = await makeFolder(OWNER);
  const { code, printed } = await runTask([project.path, "--dry-run"]);
  assert.equal(code, 0);
  assert.match(printed, /^Would be changed in /);
  await assert.rejects(project.read("supabase/semantic-analysis/client.js"));
});

Deno.test("task install: a refusal is one line on stderr and exit code 1", async () => {
  await using project = await makeFolder({});
  const { code, printed, errors } = await runTask([project.path]);
  assert.deepEqual([code, printed], [1, ""]);
  assert.match(errors, /^".*" is no Supabase project: .*\n$/);
});
