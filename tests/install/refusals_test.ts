/** What is refused is told in one sentence, and nothing is changed. */
import assert from "node:assert/strict";
import { CHECKOUT, type Files, installFrom, makeFolder, OWNER } from "./folders.ts";
import type { InstallOptions } from "../../dev/install/install.ts";

const HOME = "supabase/semantic-analysis";
const INDEX = `${HOME}/functions/semantic-analysis/index.ts`;
const LIMITS = "supabase/migrations/20261126120000_semantic_analysis_create_limits.sql";

const CONFIG = OWNER["supabase/config.toml"]!;

interface Refusal {
  when: string;
  /** The project; default one without an installation. */
  owner?: Files;
  /** Named in place of the project's. */
  folder?: string;
  /** Changed after an installation. */
  edited?: Files;
  options?: Omit<InstallOptions, "checkout">;
  message: RegExp;
}

const REFUSALS: Refusal[] = [
  {
    when: "the folder is no Supabase project",
    owner: { "package.json": "{}" },
    message: /^".*" is no Supabase project: it has no supabase\/config.toml/,
  },
  {
    when: "the folder is supabase/ itself",
    owner: { "config.toml": CONFIG },
    message: /^".*" is inside a Supabase project, name the folder above it$/,
  },
  {
    when: "there are two configurations in JSON",
    owner: { ...OWNER, "supabase/config.json": "{}", "supabase/config.jsonc": "{}" },
    message: /^supabase\/config.json and supabase\/config.jsonc are both there, .*: delete one$/,
  },
  {
    when: "the folder is supabase/ itself, with a configuration in JSON",
    owner: { "supabase/config.json": "{}" },
    folder: "supabase",
    message: /^".*" is inside a Supabase project, name the folder above it$/,
  },
  {
    when: "the project has a function of that name",
    owner: { ...OWNER, "supabase/functions/visual-search/index.ts": "export {};\n" },
    message:
      /^The project has a function "visual-search" of its own: rename or remove it, or leave it out with --only semantic-analysis,mivaa-gateway$/,
  },
  {
    when: "the project has several functions of our names",
    owner: {
      ...OWNER,
      "supabase/config.toml": `${CONFIG}\n[functions.mivaa-gateway]\n`,
      "supabase/functions/mivaa-gateway/index.ts": "export {};\n",
      "supabase/functions/visual-search/index.ts": "export {};\n",
    },
    message:
      /^The project has functions "mivaa-gateway" and "visual-search" of its own: rename or remove them, or leave them out with --only semantic-analysis$/,
  },
  {
    when: "config.toml has a function of that name",
    owner: { ...OWNER, "supabase/config.toml": `${CONFIG}\n[functions.semantic-analysis]\n` },
    message: /^The project has a function "semantic-analysis" of its own: rename or remove it$/,
  },
  {
    when: "the project has a folder of that name, whatever is in it",
    owner: { ...OWNER, "supabase/functions/semantic-analysis/main.js": "export {};\n" },
    message: /^The project has a function "semantic-analysis" of its own/,
  },
  {
    when: "a file stands where the installed folder would be",
    owner: { ...OWNER, [HOME]: "mine\n" },
    message: /^".*semantic-analysis" is a file or a link to nothing, and a folder is wanted/,
  },
  {
    when: "a file stands where the migrations would be",
    owner: { "supabase/config.toml": CONFIG, "supabase/migrations": "mine\n" },
    message: /^".*migrations" is a file or a link to nothing, and a folder is wanted/,
  },
  {
    when: "the installed folder is the owner's",
    owner: { ...OWNER, [`${HOME}/client.js`]: "export const mine = 1;\n" },
    message: /semantic-analysis is there and not from an installation .*client.js/,
  },
  {
    when: "there is no function of a name",
    options: { functions: ["semantic-search"] },
    message: /^There is no function "semantic-search" to install, only mivaa-gateway, /,
  },
  {
    when: "an installed file was edited",
    edited: { [INDEX]: "// mine\n" },
    message: new RegExp(`^Edited since it was installed: ${INDEX}; nothing was changed, --force`),
  },
  {
    when: "an installed migration was edited",
    edited: { [LIMITS]: "-- mine\n" },
    message: new RegExp(`^Edited since it was installed: ${LIMITS};`),
  },
  {
    when: "an edited file would be taken out",
    edited: { [`${HOME}/functions/visual-search/index.ts`]: "// mine\n" },
    options: { functions: ["semantic-analysis"] },
    message: /^Edited since it was installed: .*visual-search\/index.ts;/,
  },
  {
    when: "installed.json can't be read",
    edited: { [`${HOME}/installed.json`]: "{" },
    message: /installed.json can't be read/,
  },
];

for (const { when, owner = OWNER, folder, edited, options = {}, message } of REFUSALS) {
  Deno.test(`install: refused, and nothing changed, when ${when}`, async () => {
    await using checkout = await makeFolder(CHECKOUT);
    await using project = await makeFolder(owner);
    if (edited) {
      await installFrom(checkout, project);
      await project.write(edited);
    }
    const before = await project.hashes();
    const named = folder === undefined ? project : { path: `${project.path}/${folder}` };
    await assert.rejects(installFrom(checkout, named, options), (error: Error) => {
      assert.equal(error.name, "InstallError");
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
    assert.deepEqual(await project.hashes(), before);
  });
}

Deno.test("install: with force edited files are as they were installed again, and named", async () => {
  await using checkout = await makeFolder(CHECKOUT);
  await using project = await makeFolder(OWNER);
  await installFrom(checkout, project);
  const before = await project.hashes();
  const config = (await project.read("supabase/config.toml"))
    .replace("verify_jwt = false", "verify_jwt = true");
  await project.write({
    [INDEX]: "// mine\n",
    [LIMITS]: "-- mine\n",
    "supabase/config.toml": config,
  });
  await assert.rejects(installFrom(checkout, project), /config.toml \(the marked lines\)/);
  const plan = await installFrom(checkout, project, { force: true });
  assert.deepEqual(plan.overwritten, [INDEX, LIMITS, "supabase/config.toml (the marked lines)"]);
  assert.deepEqual(await project.hashes(), before);
});

Deno.test("install: with force an edited file is taken out", async () => {
  await using checkout = await makeFolder(CHECKOUT);
  await using project = await makeFolder(OWNER);
  const before = await project.hashes();
  await installFrom(checkout, project);
  await project.write({ [INDEX]: "// mine\n", [LIMITS]: "-- mine\n" });
  await installFrom(checkout, project, { functions: [], force: true });
  assert.deepEqual(await project.hashes(), before);
});

Deno.test("install: refused when a function of that name is a link", async () => {
  await using checkout = await makeFolder(CHECKOUT);
  await using project = await makeFolder({ ...OWNER, "shared/visual-search/index.ts": "" });
  await Deno.symlink(
    "../../shared/visual-search",
    `${project.path}/supabase/functions/visual-search`,
  );
  await assert.rejects(installFrom(checkout, project), /a function "visual-search" of its own/);
});

Deno.test("install: refused when config.toml is not in UTF-8, which could not be written back", async () => {
  await using checkout = await makeFolder(CHECKOUT);
  await using project = await makeFolder(OWNER);
  const config = Uint8Array.of(...new TextEncoder().encode(`${CONFIG}# gr`), 0xfc, 0xdf);
  await Deno.writeFile(`${project.path}/supabase/config.toml`, config);
  await assert.rejects(installFrom(checkout, project), /not in UTF-8: save it in that encoding/);
  assert.deepEqual(await Deno.readFile(`${project.path}/supabase/config.toml`), config);
});
