/** A checkout that nothing was ever run in, on a machine with nothing but Node. */
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { basename, join } from "node:path";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";
import { makeFolder, OWNER } from "../../install/folders.ts";

const NOT_CLONED = ["node_modules", ".local", ".git", ".temp"];

Deno.test("a fresh checkout in a folder with blanks and umlauts installs into another", async () => {
  await using checkout = await makeFolder({});
  await using project = await makeFolder(OWNER);
  await cp(projectDirectory, join(checkout.path, "semantic analysis ü"), {
    recursive: true,
    filter: (path) => !NOT_CLONED.includes(basename(path)),
  });
  const { success, stdout, stderr } = await new Deno.Command("npx", {
    args: ["-y", "deno@2.9.6", "task", "install", project.path],
    cwd: join(checkout.path, "semantic analysis ü"),
  }).output();
  const printed = new TextDecoder().decode(stdout);
  assert.ok(success, printed + new TextDecoder().decode(stderr));
  assert.match(printed, /^Changed in .*mein Pröjekt & Co, semantic-analysis \d/m);
  assert.match(
    await project.read("supabase/semantic-analysis/client.d.ts"),
    /export declare function analysePicture/,
  );
});
